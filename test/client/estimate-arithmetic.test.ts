import { describe, expect, it, test } from 'vitest';
import {
  costOfFullSync,
  costOfQuietSync,
  costOfSync,
  dollarsAMonth,
  mean,
  minutesAtLimit,
  pausesFor,
  type SyncLoad,
} from '../../src/client/estimate-arithmetic.js';
import { asOften } from '../../src/client/estimate-organization.js';
import { frequency } from '../../src/client/runs-a-day.js';

const DAY_MS = 86_400_000;
const QUIET: SyncLoad = {
  ...{ pages: 1, requests: 2, inserted: 0, changed: 0, missed: 0, pauses: 0, activeMs: 500 },
};

describe('a sync', () => {
  it('without news is a child and one local activity', () => {
    expect(costOfSync(QUIET)).toMatchObject({ lumaRequests: 2, temporalActions: 3 });
  });

  it('with details adds an activity that asks, one that writes, and the close', () => {
    expect(costOfSync({ ...QUIET, requests: 42 }).temporalActions).toBe(3 + 3);
  });

  it('adds a timer for each pause, and heartbeats where it takes long', () => {
    const short = costOfSync({ ...QUIET, requests: 402, pauses: 2 });
    // Three calls that ask, each followed by one that writes.
    expect(short.temporalActions).toBe(3 + 2 * 3 + 1 + 2);
    const long = costOfSync({ ...QUIET, requests: 402, pauses: 2, activeMs: 20_000 });
    expect(long).toMatchObject({ temporalActions: short.temporalActions, temporalHeartbeats: 10 });
  });

  it('writes each event that changes, and what is remembered of it', () => {
    const [ten, twenty] = [10, 20].map((changed) => costOfSync({ ...QUIET, changed }).mongoWrites);
    expect(Number(twenty) - Number(ten)).toBe(20);
  });
});

test('a full sync reads 200 ids at a time, and adds the schedule, two timers and a report', () => {
  expect(costOfFullSync(3).temporalActions).toBe(2 + 1 + 1 + 2 + 1);
  expect(costOfFullSync(399).temporalActions).toBe(2 + 1 + 2 + 2 + 1);
});

test('details of upcoming events are asked for daily, however often the schedule runs', () => {
  const size = { pages: 2, upcoming: 40, requestMs: 50 };
  expect(costOfQuietSync(size, 1).lumaRequests).toBe(43);
  // Twelve hours later they are not old enough.
  expect(costOfQuietSync(size, 2).lumaRequests).toBe(3 + 40 / 2);
  expect(costOfQuietSync(size, 24).lumaRequests).toBeCloseTo(3 + 40 / 21);
  // A sync asks for so many at most.
  expect(costOfQuietSync({ ...size, upcoming: 5_000 }, 1).lumaRequests).toBe(3 + 1_000);
});

test('minutes, pauses and dollars', () => {
  expect(minutesAtLimit(1_000)).toBe(5);
  expect([1, 195, 196, 197, 400].map(pausesFor)).toEqual([0, 0, 1, 1, 2]);
  const aDay = { lumaRequests: 0, temporalActions: 290_000, temporalHeartbeats: 10_000, mongoWrites: 0 };
  expect(dollarsAMonth(aDay, 50)).toBe(450);
});

test('the mean of nothing is nothing', () => {
  expect(mean([])).toMatchObject({ lumaRequests: 0, temporalActions: 0, mongoWrites: 0 });
});

test.each([
  ['daily', Array.from({ length: 28 }, (_, day) => day * DAY_MS), 1],
  ['on four Mondays', [0, 7, 14, 21].map((day) => day * DAY_MS), 1 / 7],
  ['never', [], 0],
  ['each minute, as far as Temporal lists it', Array.from({ length: 1_000 }, (_, at) => at * 60_000), 1_440],
])('a schedule that fires %s', (_, times, often) => {
  expect(frequency(times)).toBeCloseTo(often, 5);
});

test('syncs count that began about as long after the one before as the schedule has it', () => {
  const hours = [100, 76, 75, 52, 30];
  const runs = hours.map((hour) => ({ startedAt: new Date(hour * 3_600_000) }));
  // The one at 76 came an hour after another, and the last one has none before it.
  expect(asOften(runs, 1).map(({ startedAt }) => startedAt.getTime() / 3_600_000)).toEqual([100, 75, 52]);
  expect(asOften(runs, 24)).toHaveLength(4);
});
