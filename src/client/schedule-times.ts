import type { ScheduleSpec } from '@temporalio/client';
import { ScheduleInvalid } from './errors.js';

export interface ScheduleTimes {
  /** Time of day in UTC, HH:MM. Default 07:00. */
  at?: string;
  /**
   * A cron expression instead: 5 fields or a word such as @daily, UTC unless it begins with CRON_TZ=<zone>. Where
   * both a day of the month and a weekday are given, both must match.
   */
  cron?: string;
}

/** Least and greatest number of each field, for steps that reach over it. */
const SPANS = [60, 24, 31, 12, 7];
const WORDS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/;

/**
 * What Temporal is told. It reads some texts in another way than other cron programs do: those are refused here, as
 * nobody would notice before a night without a sync. What it refuses by itself is left to it.
 * @throws ScheduleInvalid
 */
export function scheduleTimes({ at, cron }: ScheduleTimes): { spec: ScheduleSpec; when: string } {
  if (cron !== undefined) {
    if (at !== undefined) throw new ScheduleInvalid('a time of day and a cron expression exclude each other');
    const expression = checkedCron(cron);
    // What follows the # comes back with the compiled times, where a person can read it.
    return {
      spec: { cronExpressions: [`${expression} # cron ${expression}`] },
      when: `cron ${expression}`,
    };
  }
  const text: unknown = at ?? '07:00';
  const match = typeof text === 'string' ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) : null;
  if (match === null) {
    throw new ScheduleInvalid(
      `${JSON.stringify(text)} is not a time of day – write it as HH:MM in UTC, from 00:00 to 23:59`,
    );
  }
  const when = `daily at ${match[0]} UTC`;
  const calendar = { hour: Number(match[1]), minute: Number(match[2]), comment: when };
  return { spec: { calendars: [calendar], timezone: 'UTC' }, when };
}

/** @param reason Temporal's own words, where it has some */
export function cronRefused(cron: unknown, reason?: string): ScheduleInvalid {
  const why = reason === undefined ? '' : ` (${reason})`;
  return new ScheduleInvalid(
    `${JSON.stringify(cron)} is not a cron expression${why} – write minute, hour, day, month and weekday, like "0 7 * * *"`,
  );
}

/** @returns it with single spaces */
function checkedCron(cron: unknown): string {
  if (typeof cron !== 'string') throw cronRefused(cron);
  const expression = cron.trim().replace(/[ \t]+/g, ' ');
  const [, zone, rest = ''] = /^(?:(?:CRON_TZ|TZ)=(\S*) )?(.*)$/su.exec(expression) ?? [];
  if (rest.includes('#')) {
    throw cronRefused(
      cron,
      'Temporal takes # for the beginning of a comment; the first Monday of a month is "0 7 1-7 * 1"',
    );
  }
  if (zone !== undefined && !isZoneName(zone)) {
    throw new ScheduleInvalid(
      `${JSON.stringify(zone)} is not a time zone – write an IANA name, like CRON_TZ=Europe/Berlin`,
    );
  }
  if (WORDS.test(rest)) return expression;
  const fields = rest.split(' ');
  if (fields.length !== SPANS.length) {
    throw cronRefused(cron, `it has ${rest === '' ? 0 : fields.length} fields instead of 5`);
  }
  for (const [index, span] of SPANS.entries()) {
    const step = /\/(\d+)/.exec(fields[index] ?? '')?.[1];
    if (step !== undefined && Number(step) >= span) {
      throw cronRefused(cron, `a step of ${step} is longer than its field, which starts anew each time`);
    }
  }
  return expression;
}

/** `Local` and no name at all would be the server's own zone. */
function isZoneName(zone: string): boolean {
  if (!/^(UTC|[A-Z][\w+-]*\/[\w+/-]+)$/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
