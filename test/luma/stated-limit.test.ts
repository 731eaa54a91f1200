import { expect, test } from 'vitest';
import { withBudget } from '../../src/luma/stated-limit.js';

const NOW = Date.parse('2090-11-03T18:00:00Z');

test('the answer that begins a window tells its length; a sync leaves some of its requests to others', () => {
  const first = withBudget(undefined, { limit: 40, remaining: 39, resetMs: 3_000 }, NOW);
  expect(first).toEqual({ requests: 36, windowMs: 4_000, left: 35, endsAt: '2090-11-03T18:00:04.000Z' });
  const later = withBudget(first, { limit: 40, remaining: 20, resetMs: 2_000 }, NOW + 1_000);
  expect(later).toEqual({ requests: 36, windowMs: 4_000, left: 16, endsAt: '2090-11-03T18:00:04.000Z' });
});

test('in the middle of a window its length is not known, and the end is', () => {
  const stated = withBudget(undefined, { limit: 200, remaining: 3, resetMs: 20_000 }, NOW);
  expect(stated).toEqual({ requests: 195, left: 0, endsAt: '2090-11-03T18:00:21.000Z' });
});

test('an end that is known exactly needs less of a margin', () => {
  const budget = { limit: 200, remaining: 199, resetMs: 60_000, resetIsExact: true as const };
  expect(withBudget(undefined, budget, NOW).windowMs).toBe(60_050);
});

test('answers without the headers say that there is no limit, unless others have named one', () => {
  expect(withBudget(undefined, {}, NOW)).toEqual({ requests: null });
  const named = withBudget({ requests: null }, { limit: 60 }, NOW);
  expect(named).toEqual({ requests: 55 });
  expect(withBudget(named, {}, NOW)).toEqual(named);
});
