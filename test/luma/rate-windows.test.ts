import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pauseBeforeNext, type RateBudget } from '../../src/luma/rate-limit.js';
import { rateWindows } from '../../src/luma/rate-windows.js';

const MINUTE = 60_000;
const KEY = 'secret-a';
const ROUNDINGS: Record<string, (ms: number) => number> = {
  up: (ms) => Math.ceil(ms / 1_000) * 1_000,
  down: (ms) => Math.floor(ms / 1_000) * 1_000,
  'to nothing': (ms) => ms,
};

/** A limiter that counts windows of a minute, as Luma documents it: what its answers say, and when they arrive. */
function answers(
  round: (ms: number) => number,
  requests: readonly { gapMs: number; transitMs: number }[],
): { arrivedMs: number; budget: RateBudget; endMs: number }[] {
  let nowMs = 1_000_000;
  let endMs = 0;
  let used = 0;
  return requests.map(({ gapMs, transitMs }) => {
    nowMs += gapMs;
    if (nowMs >= endMs) [endMs, used] = [nowMs + MINUTE, 0];
    used++;
    const budget = { limit: 200, remaining: 200 - used, resetMs: round(endMs - nowMs) };
    return { arrivedMs: nowMs + transitMs, budget, endMs };
  });
}

describe('the end of a window that is known', () => {
  it.each(Object.entries(ROUNDINGS))('is never too early, nor much too late: rounded %s', (_, round) => {
    const request = fc.record({ gapMs: fc.nat(8_000), transitMs: fc.nat(300) });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), (requests) => {
        const windows = rateWindows();
        for (const { arrivedMs, budget, endMs } of answers(round, requests)) {
          const { resetMs = NaN, resetIsExact } = windows.exact(KEY, budget, arrivedMs);
          expect(resetIsExact).toBe(true);
          expect(arrivedMs + resetMs).toBeGreaterThanOrEqual(endMs);
          expect(arrivedMs + resetMs).toBeLessThanOrEqual(Math.max(endMs + 300, arrivedMs));
        }
      }),
    );
  });

  it('is waited for with a margin of 50 ms, and any other with a second', () => {
    const windows = rateWindows();
    windows.exact(KEY, { limit: 200, remaining: 199, resetMs: MINUTE }, 0);
    const last = { limit: 200, remaining: 5, resetMs: 21_000 };
    expect(pauseBeforeNext(windows.exact(KEY, last, 39_300))).toBe(20_750);
    expect(pauseBeforeNext(last)).toBe(22_000);
  });
});

describe('nothing is known', () => {
  const last = { limit: 200, remaining: 5, resetMs: 21_000 };

  it.each<[string, RateBudget]>([
    ['of a window that somebody else began', { limit: 200, remaining: 180, resetMs: MINUTE }],
    ['of a window that is no minute', { limit: 200, remaining: 199, resetMs: 59_000 }],
    ['where nothing is said of the limit', { remaining: 199, resetMs: MINUTE }],
  ])('%s', (_, first) => {
    const windows = rateWindows();
    expect(windows.exact(KEY, first, 0)).toEqual(first);
    expect(windows.exact(KEY, last, 39_300)).toEqual(last);
  });

  it('of another calendar, and of a later window whose beginning was not seen', () => {
    const windows = rateWindows();
    windows.exact(KEY, { limit: 200, remaining: 199, resetMs: MINUTE }, 0);
    expect(windows.exact('secret-b', last, 39_300)).toEqual(last);
    expect(windows.exact(KEY, last, 139_300)).toEqual(last);
  });

  it('of a calendar that ten thousand others came after', () => {
    const windows = rateWindows();
    for (let nth = 0; nth <= 10_000; nth++) {
      windows.exact(`secret-${nth}`, { limit: 200, remaining: 199, resetMs: MINUTE }, 0);
    }
    expect(windows.exact('secret-0', last, 39_300)).toEqual(last);
    expect(windows.exact('secret-1', last, 39_300)).toMatchObject({ resetIsExact: true });
  });
});
