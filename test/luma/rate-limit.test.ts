import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  pauseAfterRateLimit,
  pauseBeforeNext,
  readBudget,
  readRetryAfter,
} from '../../src/luma/rate-limit.js';
import { MAX_PAUSE_MS, pauseAfterRepeats } from '../../src/policies/pause.js';

const NOW = Date.parse('2026-11-03T18:00:00Z');
const inSeconds = (seconds: number) => NOW + seconds * 1000;
const httpDate = (ms: number) => new Date(ms).toUTCString();
const [WEEKDAY, DAY, MONTH, YEAR, HOUR] = ['Tuesday', '03', 'Nov', '2026', '18'];
/** Time of day, up to a minute after NOW. */
const clock = (seconds: number) => `${HOUR}:00:${String(seconds).padStart(2, '0')}`;

/** Every way to say "in so many seconds". */
const SPANS: [string, (seconds: number) => string][] = [
  ['seconds from now', String],
  ['seconds from now with a fraction', (seconds) => `${seconds}.000`],
  ['seconds from now with blanks', (seconds) => ` ${seconds}  `],
  ['seconds with a unit', (seconds) => `${seconds}s`],
  ['seconds with a word', (seconds) => `${seconds} seconds`],
  ['milliseconds with a unit', (seconds) => `${seconds * 1000}ms`],
  ['a header that was sent twice', (seconds) => `1, ${seconds}`],
  ['a value with parameters', (seconds) => `"${seconds}";w=60`],
];
const INSTANTS: [string, (seconds: number) => string][] = [
  ['epoch seconds', (seconds) => String(inSeconds(seconds) / 1000)],
  ['epoch seconds with a fraction', (seconds) => (inSeconds(seconds) / 1000).toFixed(3)],
  ['epoch milliseconds', (seconds) => String(inSeconds(seconds))],
  ['epoch microseconds', (seconds) => `${inSeconds(seconds)}000`],
  ['epoch nanoseconds', (seconds) => `${inSeconds(seconds)}000000`],
  ['an HTTP date', (seconds) => httpDate(inSeconds(seconds))],
  ['an HTTP date of RFC 850', (seconds) => `${WEEKDAY}, ${DAY}-${MONTH}-26 ${clock(seconds)} GMT`],
  ['an HTTP date of asctime', (seconds) => `Tue Nov  3 ${clock(seconds)} ${YEAR}`],
  ['an ISO date', (seconds) => new Date(inSeconds(seconds)).toISOString()],
  ['an ISO date with an offset', (seconds) => `2026-11-03T19:00:${seconds}+01:00`],
];
const FORMS = [...SPANS, ...INSTANTS];

describe.each(FORMS)('%s', (_, write) => {
  it('is read from the reset header', () => {
    expect(readBudget(new Headers({ 'x-ratelimit-reset': write(42) }), NOW)).toEqual({ resetMs: 42_000 });
  });

  it('is read from Retry-After', () => {
    expect(pauseAfterRateLimit(new Headers({ 'retry-after': write(42) }), NOW)).toBe(43_000);
  });
});

it.each(INSTANTS)('%s is compared with the clock of the answer', (_, write) => {
  const skewed = NOW + 3_600_000;
  const headers = new Headers({ 'x-ratelimit-reset': write(30), date: httpDate(NOW) });
  expect(readBudget(headers, skewed).resetMs).toBe(30_000);
});

it('a point in time that has passed is now', () => {
  const headers = new Headers({ 'x-ratelimit-reset': String(inSeconds(-90) / 1000) });
  expect(readBudget(headers, NOW).resetMs).toBe(0);
});

it.each([
  ['94.997', 94_997],
  ['94,997', 94_997],
  ['+5', 5_000],
  ['1m30s', 90_000],
  ['1.5 min', 90_000],
  ['2 minutes', 120_000],
  ['0.0001', 1],
  ['6ms', 6],
  ['Sun, 1 Nov 2026 00:00:00 GMT', undefined],
  ['Monday, 02-Nov-76 18:00:00 GMT', undefined],
])('the reset %j is %j ms from now', (value, expected) => {
  expect(readBudget(new Headers({ 'x-ratelimit-reset': value }), NOW).resetMs).toBe(expected);
});

it('a remainder below zero or in fractions is rounded down to what is left', () => {
  const left = (value: string) => readBudget(new Headers({ 'x-ratelimit-remaining': value }), NOW).remaining;
  expect(['-3', '0.9', '7.0'].map(left)).toEqual([0, 0, 7]);
});

it.each([
  '',
  '1e3',
  '0x10',
  '5 x',
  '5 s soon',
  'soon',
  '999999999',
  '4000000000',
  'Tue, 31 Feb 2026 18:00:00 GMT',
  'Tue, 03 Nov 2026 25:00:00 GMT',
  'Tue, 03 Nov 2026 18:00:42',
  'Tue Nov  3 18:00:42 26',
  '9'.repeat(5_000),
  'NaN',
  '1'.repeat(16),
  '2026-11-03',
  'Tue, 99 Foo 2026 18:00:00 GMT',
])('the header value %j says nothing', (value) => {
  const headers = new Headers({
    'x-ratelimit-limit': value,
    'x-ratelimit-remaining': value,
    'x-ratelimit-reset': value,
    'retry-after': value,
  });
  expect(readBudget(headers, NOW).resetMs).toBeUndefined();
  expect(pauseAfterRateLimit(headers, NOW)).toBe(61_000);
});

it.each(['-1', '-60', '- 5'])('the negative time %j says nothing', (value) => {
  const headers = new Headers({ 'x-ratelimit-reset': value, 'retry-after': value });
  expect(readBudget(headers, NOW).resetMs).toBeUndefined();
  expect(pauseAfterRateLimit(headers, NOW)).toBe(61_000);
});

it('the year of two digits is the one that is no more than fifty years ahead', () => {
  const headers = (date: string) => new Headers({ 'retry-after': '9', date });
  for (const date of ['Tuesday, 03-Nov-26 18:00:00 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT']) {
    expect(pauseAfterRateLimit(headers(date), NOW)).toBe(10_000);
  }
});

describe('pause after a 429', () => {
  const pause = (retryAfter?: string, reset?: string) => {
    const headers = new Headers();
    if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
    if (reset !== undefined) headers.set('x-ratelimit-reset', reset);
    return pauseAfterRateLimit(headers, NOW);
  };

  it.each([
    [undefined, undefined, 61_000],
    ['60', undefined, 61_000],
    [undefined, '20', 21_000],
    ['10', '50', 51_000],
    ['50', '10', 51_000],
    ['0', '0', 1_000],
    ['94.997', undefined, 95_997],
    ['94.997', '60', 95_997],
    ['900', undefined, MAX_PAUSE_MS],
    ['1800', '60', 1_800_000],
    ['86400', '60', 86_400_000],
    ['60000', '60', 61_000],
    ['901', '0', 901_000],
    [httpDate(inSeconds(-5)), undefined, 61_000],
    [httpDate(inSeconds(-5)), '20', 21_000],
    ['soon', '20', 21_000],
    ['60', '86400', 61_000],
    ['86400', '3600', 3_600_000],
    ['901', undefined, 901_000],
  ])('Retry-After %j and reset %j: %d ms', (retryAfter, reset, expected) => {
    expect(pause(retryAfter, reset)).toBe(expected);
  });

  it('is never below a second, and beyond the maximum when Retry-After is, or the reset alone', () => {
    const seconds = fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined });
    fc.assert(
      fc.property(seconds, seconds, (retryAfter, reset) => {
        const ms = pause(retryAfter?.toString(), reset?.toString());
        const decisive = retryAfter ?? reset ?? 0;
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms > MAX_PAUSE_MS).toBe(decisive > 900);
      }),
    );
  });

  it('whatever the headers hold, it is a number', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789 -+.,:eGMTNov'.split('')) });
    fc.assert(
      fc.property(text, text, (retryAfter, date) => {
        const headers = new Headers({ 'retry-after': retryAfter, 'x-ratelimit-reset': retryAfter, date });
        expect(pauseAfterRateLimit(headers, NOW)).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(readBudget(headers, NOW).resetMs ?? 0)).toBe(true);
      }),
    );
  });
});

describe('pause when 429s repeat', () => {
  const inARow = (pauseMs: number, jitter?: number) =>
    [1, 2, 3, 4, 5].map((times) => pauseAfterRepeats(pauseMs, times, jitter));

  it.each([
    [0, [1_000, 61_000, 122_000, 244_000, 488_000]],
    [1_000, [1_000, 61_000, 122_000, 244_000, 488_000]],
    [61_000, [61_000, 122_000, 244_000, 488_000, MAX_PAUSE_MS]],
    [95_997, [95_997, 191_994, 383_988, 767_976, MAX_PAUSE_MS]],
    [MAX_PAUSE_MS + 1, Array.from({ length: 5 }, () => MAX_PAUSE_MS + 1)],
  ])('after %d ms asked for: %j', (pauseMs, expected) => {
    expect(inARow(pauseMs)).toEqual(expected);
  });

  it('jitter lengthens it, by half of it or ten seconds at most, and not past the maximum', () => {
    expect(inARow(1_000, 1)).toEqual([1_500, 71_000, 132_000, 254_000, 498_000]);
    expect(pauseAfterRepeats(61_000, 1, 0.5)).toBe(66_000);
    expect(pauseAfterRepeats(MAX_PAUSE_MS, 1, 1)).toBe(MAX_PAUSE_MS);
  });

  it('whatever the numbers, it is not shorter than asked for, nor than the one before', () => {
    const pauses = fc.integer({ min: 0, max: 2 * MAX_PAUSE_MS });
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 1, max: 100 }),
        fc.double({ noNaN: true }),
        (ms, times, jitter) => {
          const pauseMs = pauseAfterRepeats(ms, times, jitter);
          expect(pauseMs).toBeGreaterThanOrEqual(ms);
          expect(pauseAfterRepeats(ms, times + 1, jitter)).toBeGreaterThanOrEqual(pauseMs);
        },
      ),
    );
  });
});

it('an outage that is announced is read from Retry-After', () => {
  const announced = (value: string) => readRetryAfter(new Headers({ 'retry-after': value }), NOW);
  expect(announced('120')).toBe(120_000);
  expect(announced(httpDate(inSeconds(30)))).toBe(30_000);
  expect(['0', '', 'later', httpDate(inSeconds(-30))].map(announced)).toEqual(Array(4).fill(undefined));
});

describe('pause before the next request', () => {
  it.each([
    [{}, 0],
    [{ limit: 200, resetMs: 9_000 }, 0],
    [{ limit: 200, remaining: 6, resetMs: 9_000 }, 0],
    [{ limit: 200, remaining: 5, resetMs: 9_000 }, 10_000],
    [{ limit: 200, remaining: 0, resetMs: 8_999.2 }, 10_000],
    [{ limit: 200, remaining: 0 }, 61_000],
    [{ limit: 20, remaining: 3, resetMs: 9_000 }, 0],
    [{ limit: 20, remaining: 2, resetMs: 9_000 }, 10_000],
    [{ limit: 9, remaining: 1, resetMs: 9_000 }, 0],
    [{ limit: 9, remaining: 0, resetMs: 9_000 }, 10_000],
    [{ remaining: 5, resetMs: 0 }, 1_000],
    [{ remaining: 5, resetMs: MAX_PAUSE_MS }, MAX_PAUSE_MS],
    [{ remaining: 5, resetMs: MAX_PAUSE_MS + 1 }, 61_000],
    [{ remaining: 6 }, 0],
  ])('with %j: %d ms', (budget, expected) => {
    expect(pauseBeforeNext(budget)).toBe(expected);
  });

  it('a reset in milliseconds from now is not waited for a thousandfold', () => {
    const headers = new Headers({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '45000' });
    expect(pauseBeforeNext(readBudget(headers, NOW))).toBe(61_000);
  });

  it('keeps the reserve and no more than a tenth of the limit', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(100_000), (limit, remaining, resetMs) => {
        const pauseMs = pauseBeforeNext({ limit, remaining, resetMs });
        expect(pauseMs > 0).toBe(remaining <= Math.min(5, Math.floor(limit / 10)));
        if (pauseMs > 0) expect(pauseMs).toBeGreaterThan(resetMs);
      }),
    );
  });
});
