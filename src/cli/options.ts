import { InvalidArgumentError } from 'commander';
import { personProblem } from '../client/person.js';
import { parseWebUrl } from '../parse-url.js';

/** Parsers of option values; commander says which option was wrong and exits 2. */

/** An instant: a date with time and offset (`2026-11-01T00:00:00Z`), or a date alone, from 00:00 UTC. */
export function parseInstant(text: string): string {
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  const time = form.test(text) ? Date.parse(text) : Number.NaN;
  // `Date` moves 31 February into March: the day that comes back must be the one that was written.
  const day = Date.parse(text.slice(0, 10));
  if (
    Number.isNaN(time) ||
    Number.isNaN(day) ||
    new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)
  ) {
    throw new InvalidArgumentError(
      'Write an ISO 8601 instant, like 2026-11-01 or 2026-11-01T09:00:00+01:00.',
    );
  }
  return new Date(time).toISOString();
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 10_000) {
    throw new InvalidArgumentError('Write a whole number from 1 to 10000.');
  }
  return limit;
}

/** Of each kind. */
export function parseNamed(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1_000) {
    throw new InvalidArgumentError('Write a whole number from 1 to 1000.');
  }
  return limit;
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!(ms > 0))
    throw new InvalidArgumentError('Write a number of minutes, hours or days, like 90m, 26h or 2d.');
  return ms;
}

export function parseOrgId(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(text)) {
    throw new InvalidArgumentError('Use 1 to 128 of A-Z a-z 0-9 . _ -');
  }
  return text;
}

export function parseWebAddress(text: string): string {
  if (parseWebUrl(text) === undefined) {
    throw new InvalidArgumentError('Write an address like https://luma.com/your-calendar.');
  }
  return text;
}

/** Of `--by`: who decides. */
export function parsePerson(text: string): string {
  const problem = personProblem(text);
  if (problem !== null) throw new InvalidArgumentError(`${problem}.`);
  return text.trim();
}
