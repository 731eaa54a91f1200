/** Luma's ways to write instants and durations. */

/** No instant and no duration is written longer. */
const TEXT_LENGTH = 100;

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;

/** Years in which an event can be believed. */
const FIRST_INSTANT = Date.UTC(1970, 0, 1);
const LAST_INSTANT = Date.UTC(2201, 0, 1) - 1;

export type ParsedInstant = { date: Date } | { problem: 'not-a-date' | 'impossible-date' };

/**
 * ISO 8601 with a zone, to the millisecond. Own reading: `Date.parse` takes "soon 1", and turns 30 February into
 * 2 March.
 */
export function parseInstant(value: unknown): ParsedInstant {
  const match = typeof value === 'string' && value.length <= TEXT_LENGTH ? INSTANT.exec(value.trim()) : null;
  if (!match) return { problem: 'not-a-date' };
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [offsetHours, offsetMinutes] = [part(9), part(10)];
  const possible =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month - 1) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    offsetHours <= 23 &&
    offsetMinutes <= 59;
  if (!possible) return { problem: 'not-a-date' };

  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  const date = new Date(Date.UTC(2000, 0, 1, hour, minute, second, ms));
  // Not in Date.UTC: there the years 0 to 99 are of the twentieth century.
  date.setUTCFullYear(year, month - 1, day);
  date.setTime(date.getTime() - offset);
  return isBelievable(date) ? { date } : { problem: 'impossible-date' };
}

const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * `start` plus an ISO 8601 duration, months and years by the calendar in UTC: a month after 31 January is the last day
 * of February. `undefined` where that is no instant.
 */
export function addDuration(start: Date, duration: unknown): Date | undefined {
  const match =
    typeof duration === 'string' && duration.length <= TEXT_LENGTH ? DURATION.exec(duration.trim()) : null;
  if (!match) return undefined;
  const part = (index: number) => Number(match[index] ?? 0);
  const end = new Date(start);
  const months = start.getUTCMonth() + part(1) * 12 + part(2);
  const lastDay = daysInMonth(start.getUTCFullYear(), months);
  end.setUTCMonth(months, Math.min(start.getUTCDate(), lastDay));
  const hours = (part(3) * 7 + part(4)) * 24 + part(5);
  end.setTime(end.getTime() + Math.round(((hours * 60 + part(6)) * 60 + part(7)) * 1000));
  return isBelievable(end) ? end : undefined;
}

/** @param month 0 is January of `year`, 12 January of the next */
function daysInMonth(year: number, month: number): number {
  return new Date(new Date(0).setUTCFullYear(year, month + 1, 0)).getUTCDate();
}

function isBelievable(date: Date): boolean {
  return date.getTime() >= FIRST_INSTANT && date.getTime() <= LAST_INSTANT;
}
