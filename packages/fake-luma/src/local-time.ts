/** Wall clocks of the world. Formatters are costly to make, so one of each zone is kept. */
export class LocalTimes {
  readonly #formatters = new Map<string, Intl.DateTimeFormat>();

  /**
   * The instant at which it is `minutes` past midnight in `timezone` on the UTC calendar day of `day`. Near a clock
   * change it may be an hour off, which no generated event minds.
   */
  at(day: Date, minutes: number, timezone: string): Date {
    const midnightMs = Math.floor(day.getTime() / DAY_MS) * DAY_MS;
    const wallClockMs = midnightMs + minutes * 60_000;
    return new Date(wallClockMs - this.#offsetMs(new Date(wallClockMs), timezone));
  }

  #offsetMs(at: Date, timezone: string): number {
    const named = this.#formatter(timezone)
      .formatToParts(at)
      .find((part) => part.type === 'timeZoneName')?.value;
    const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(named ?? '');
    if (match?.[1] === undefined) return 0;
    const ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
    return match[1] === '-' ? -ms : ms;
  }

  #formatter(timezone: string): Intl.DateTimeFormat {
    const kept = this.#formatters.get(timezone);
    if (kept !== undefined) return kept;
    const made = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    this.#formatters.set(timezone, made);
    return made;
  }
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A length as Luma writes it: `P0Y0M0DT2H0M0S`. Negative lengths become zero. */
export function durationInterval(start: Date, end: Date): string {
  const seconds = Math.max(0, Math.floor((end.getTime() - start.getTime()) / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  return `P0Y0M${days}DT${hours}H${minutes}M${seconds % 60}S`;
}
