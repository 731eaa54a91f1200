/**
 * How far off a time in a header is, in every form that servers and proxies are known to write: a number of seconds,
 * with or without a fraction or a unit; seconds, ms, µs or ns since 1970; the dates of HTTP; ISO 8601. Pure.
 */
import { parseHttpDate } from './http-date.js';

/** Longer than any form. */
const MAX_LENGTH = 100;
/** Farther away than this is a mistake, not a time. */
const MAX_DISTANCE_MS = 366 * 24 * 3_600_000;
/** Below this a number counts seconds from now, above it time since 1970: 31 years, or September 2001. */
const FIRST_EPOCH_SECOND = 1_000_000_000;
/** The year 5138 in seconds; as ms, µs or ns it is a day in 1973 or before. */
const FIRST_FINER_UNIT = 100_000_000_000;

const UNITS_MS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, 'ms msec msecs millisecond milliseconds'],
      [1_000, 's sec secs second seconds'],
      [60_000, 'm min mins minute minutes'],
      [3_600_000, 'h hr hrs hour hours'],
    ] as const
  ).flatMap(([ms, names]) => names.split(' ').map((name) => [name, ms] as const)),
);

/**
 * @returns ms from `referenceMs`, below zero for a point in time that has passed; `undefined` where nothing can be
 *   read; of several values (a header sent twice) the latest
 */
export function readHeaderTime(value: string | null, referenceMs: number): number | undefined {
  if (value === null || value.length > MAX_LENGTH) return undefined;
  // Parameters after a semicolon and quotes around the value: structured headers have them.
  const text = (value.split(';')[0] ?? '')
    .trim()
    .replace(/^"([^"]*)"$/, '$1')
    .trim();
  const parts = text.split(/, +/);
  const times = (parts.length > 1 && parts.every((part) => /^\d/.test(part)) ? parts : [text])
    .map((part) => spanOf(part) ?? instantOf(part, referenceMs))
    .filter((ms) => ms !== undefined)
    .filter((ms) => Math.abs(ms) <= MAX_DISTANCE_MS);
  return times.length === 0 ? undefined : Math.ceil(Math.max(...times));
}

function spanOf(text: string): number | undefined {
  const seconds = decimal(text);
  if (seconds !== undefined) return seconds < FIRST_EPOCH_SECOND ? seconds * 1_000 : undefined;
  // `60s`, `1 min`, `1m34.997s`
  const token = /(\d{1,15}(?:[.,]\d{1,15})?) ?([a-z]+) ?/giy;
  let ms = 0;
  let read = 0;
  for (const [whole, amount = '', unit = ''] of text.matchAll(token)) {
    ms += Number(amount.replace(',', '.')) * (UNITS_MS.get(unit.toLowerCase()) ?? Number.NaN);
    read += whole.length;
  }
  return read > 0 && read === text.length && !Number.isNaN(ms) ? ms : undefined;
}

function instantOf(text: string, referenceMs: number): number | undefined {
  let epochSeconds = decimal(text);
  if (epochSeconds === undefined) {
    const date = parseHttpDate(text, referenceMs);
    return date === undefined ? undefined : date - referenceMs;
  }
  while (epochSeconds >= FIRST_FINER_UNIT) epochSeconds /= 1_000;
  return epochSeconds * 1_000 - referenceMs;
}

/** Strict: `Number()` would read "", "1e9" and "0x10", and a negative time is no time. */
function decimal(text: string): number | undefined {
  return /^\+?\d{1,25}(?:[.,]\d{0,25})?$/.test(text) ? Number(text.replace(',', '.')) : undefined;
}
