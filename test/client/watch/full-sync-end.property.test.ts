import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fullSyncLeftMs } from '../../../src/client/watch/full-sync-end.js';

interface Case {
  durationsMs: number[];
  atOnce: number;
  /** Each sync's own end is known from its first tenth on. */
  isKnown: boolean;
}

/** When each one runs, given so many at the same time. */
function scheduleOf({ durationsMs, atOnce }: Case): { from: number; until: number }[] {
  const free = Array.from({ length: atOnce }, () => 0);
  return durationsMs.map((ms) => {
    const slot = free.indexOf(Math.min(...free));
    const from = free[slot] ?? 0;
    free[slot] = from + ms;
    return { from, until: from + ms };
  });
}

/** The first look from the first tenth on that is wrong by more than a fifth, or says nothing. */
function firstBad(of: Case): object | undefined {
  const runs = scheduleOf(of);
  const totalMs = Math.max(...runs.map(({ until }) => until));
  for (let share = 0.1; share < 1; share += 0.05) {
    const nowMs = totalMs * share;
    const running = runs
      .filter(({ from, until }) => from <= nowMs && nowMs < until)
      .map(({ from, until }) => {
        const isKnown = of.isKnown && nowMs - from >= (until - from) / 10;
        return { elapsedMs: nowMs - from, leftMs: isKnown ? until - nowMs : null };
      });
    const ended = runs.filter(({ until }) => until <= nowMs).length;
    const sample = {
      elapsedMs: nowMs,
      total: runs.length,
      running,
      atOnce: of.atOnce,
      ended,
      completed: ended,
    };
    const left = fullSyncLeftMs(sample);
    if (left === null || Math.abs(nowMs + left - totalMs) > totalMs * 0.2) return { share, left, totalMs };
  }
  return undefined;
}

function expectGood(of: Case): void {
  expect(firstBad(of)).toBeUndefined();
}

const seconds = (min: number, max: number) => fc.integer({ min: min * 1000, max: max * 1000 });

it('the end of a full sync is within a fifth from its first tenth on: where all run at once, as their own ends say', () => {
  const cases = fc.record({
    durationsMs: fc.array(seconds(60, 66), { minLength: 1, maxLength: 32 }),
    atOnce: fc.constant(32),
    isKnown: fc.constant(true),
  });
  fc.assert(fc.property(cases, expectGood), { numRuns: 40 });
});

it('where others wait, as long as one takes on the average', () => {
  const cases = fc.record({
    durationsMs: fc.array(seconds(60, 66), { minLength: 1, maxLength: 120 }),
    atOnce: fc.integer({ min: 1, max: 32 }),
    isKnown: fc.constant(true),
  });
  fc.assert(fc.property(cases, expectGood), { numRuns: 40 });
});

it('for hundreds of short syncs that take about as long as each other, by those that have ended', () => {
  const cases = fc.record({
    durationsMs: fc.array(fc.integer({ min: 3_000, max: 3_400 }), { minLength: 400, maxLength: 500 }),
    atOnce: fc.integer({ min: 4, max: 16 }),
    isKnown: fc.constant(false),
  });
  fc.assert(fc.property(cases, expectGood), { numRuns: 40 });
});

it('nothing is expected before any has ended or can say its end, nor while not all organizations are known', () => {
  const running = [{ elapsedMs: 5_000, leftMs: null }];
  const sample = { elapsedMs: 5_000, total: 3, ended: 0, completed: 0, running, atOnce: 1 };
  expect(fullSyncLeftMs(sample)).toBeNull();
  expect(fullSyncLeftMs({ ...sample, ended: 2, completed: 2, total: null })).toBeNull();
  expect(fullSyncLeftMs({ ...sample, ended: 2, completed: 0 })).toBeNull();
});

it('nor while one of the last that run is held up; where others wait, it counts as one of many', () => {
  const running = [
    { elapsedMs: 5_000, leftMs: 5_000 },
    { elapsedMs: 5_000, leftMs: null, isHeldUp: true },
  ];
  const sample = { elapsedMs: 20_000, ended: 4, completed: 4, running, atOnce: 2 };
  expect(fullSyncLeftMs({ ...sample, total: 6 })).toBeNull();
  expect(fullSyncLeftMs({ ...sample, total: 60 })).toBeGreaterThan(60_000);
});

it('nor of the last ones while they take much longer than the others did and cannot say their ends', () => {
  const running = [{ elapsedMs: 9_000, leftMs: null }];
  const sample = { elapsedMs: 10_000, total: 6, ended: 5, completed: 5, running, atOnce: 6 };
  expect(fullSyncLeftMs({ ...sample, running: [{ elapsedMs: 9_000, leftMs: 60_000 }] })).toBe(60_000);
  expect(fullSyncLeftMs({ ...sample, atOnce: 2 })).toBeNull();
});
