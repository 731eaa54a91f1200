import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PAUSE_MS, pauseAfterRateLimit, pauseBeforeNext, readBudget } from '../../src/luma/rate-limit.js';

const NOW = Date.parse('2026-11-03T18:00:00Z');
const inSeconds = (seconds: number) => NOW + seconds * 1000;
const httpDate = (ms: number) => new Date(ms).toUTCString();

/** Every way to say "in so many seconds". */
const FORMS: [string, (seconds: number) => string][] = [
  ['seconds from now', String],
  ['epoch seconds', (seconds) => String(inSeconds(seconds) / 1000)],
  ['epoch milliseconds', (seconds) => String(inSeconds(seconds))],
  ['an HTTP date', (seconds) => httpDate(inSeconds(seconds))],
];

describe.each(FORMS)('%s', (_, write) => {
  it('is read from the reset header', () => {
    expect(readBudget(new Headers({ 'x-ratelimit-reset': write(42) }), NOW)).toEqual({ resetMs: 42_000 });
  });

  it('is read from Retry-After', () => {
    expect(pauseAfterRateLimit(new Headers({ 'retry-after': write(42) }), NOW)).toBe(43_000);
  });
});

it.each(FORMS.slice(1))('%s is compared with the clock of the answer', (_, write) => {
  const skewed = NOW + 3_600_000;
  const headers = new Headers({ 'x-ratelimit-reset': write(30), date: httpDate(NOW) });
  expect(readBudget(headers, skewed).resetMs).toBe(30_000);
});

it('a point in time that has passed is now', () => {
  const headers = new Headers({ 'x-ratelimit-reset': String(inSeconds(-90) / 1000) });
  expect(readBudget(headers, NOW).resetMs).toBe(0);
});

it.each([
  '',
  '-1',
  '+5',
  '1e3',
  '0x10',
  '1.5',
  '5 s',
  'soon',
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
  expect(readBudget(headers, NOW)).toEqual({});
  expect(pauseAfterRateLimit(headers, NOW)).toBe(61_000);
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
    ['900', undefined, MAX_PAUSE_MS],
    ['86400', '60', 61_000],
    ['60', '86400', 61_000],
    ['86400', '3600', 3_600_000],
    ['901', undefined, 901_000],
  ])('Retry-After %j and reset %j: %d ms', (retryAfter, reset, expected) => {
    expect(pause(retryAfter, reset)).toBe(expected);
  });

  it('is never below a second, and beyond the maximum only when every header is', () => {
    const seconds = fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined });
    fc.assert(
      fc.property(seconds, seconds, (retryAfter, reset) => {
        const ms = pause(retryAfter?.toString(), reset?.toString());
        const said = [retryAfter, reset].filter((value) => value !== undefined);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms > MAX_PAUSE_MS).toBe(said.length > 0 && said.every((value) => value > 900));
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
