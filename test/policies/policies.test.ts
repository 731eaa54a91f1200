import { expect, test } from 'vitest';
import { LumaContractBroken, LumaRateLimited, LumaUnavailable } from '../../src/luma/errors.js';
import { MAX_PAUSE_MS, MAX_PAUSES_IN_A_ROW, whyStuck } from '../../src/policies/pause.js';
import { isUnclear } from '../../src/policies/unclear.js';
import { backoff } from '../../src/policies/unreachable.js';

test('a pause is waited out unless it is too long, or no request got through for too often', () => {
  expect(whyStuck(MAX_PAUSE_MS, MAX_PAUSES_IN_A_ROW)).toBeNull();
  expect(whyStuck(3_600_000, 1)).toBe('Luma asks for a pause of 60 min, more than 15 min');
  expect(whyStuck(1_000, MAX_PAUSES_IN_A_ROW + 1)).toBe('paused 5 times in a row and no request got through');
});

test('tries at an unreachable Luma are farther and farther apart, or as far as it announces', () => {
  expect([1, 2, 3, 7, 65].map((times) => backoff(times))).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect([backoff(1, 90_000), backoff(7, 5_000), backoff(1, 2 * MAX_PAUSE_MS)]).toEqual([
    ...[90_000, 60_000, MAX_PAUSE_MS],
  ]);
});

test('an answer about one event says nothing where it is none, or after several tries without one', () => {
  const unavailable = new LumaUnavailable('/v1/events/get');
  expect(isUnclear(new LumaContractBroken('/v1/events/get', 'no JSON'), 0)).toBe(true);
  expect([3, 4].map((failed) => isUnclear(unavailable, failed))).toEqual([false, true]);
  expect(isUnclear(new LumaRateLimited('/v1/events/get', 1_000, {}), 9)).toBe(false);
});
