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

/** Organizations that write so much each, and wait for each other: how much each has written, and is done, by then. */
function written(units: readonly number[], share: number): number[] {
  const done = units.map(() => 0);
  let room = share * units.reduce((sum, each) => sum + each, 0);
  while (room > 1e-6) {
    const open = units.flatMap((each, nth) => (each > (done[nth] ?? 0) ? [nth] : []));
    const least = Math.min(...open.map((nth) => (units[nth] ?? 0) - (done[nth] ?? 0)));
    const step = Math.min(least, room / open.length);
    for (const nth of open) done[nth] = (done[nth] ?? 0) + step;
    room -= step * open.length;
  }
  return done;
}

it('where all run at once and wait for each other to write, as all have written so far', () => {
  const cases = fc.record({
    units: fc.array(fc.integer({ min: 400, max: 600 }), { minLength: 4, maxLength: 32 }),
    share: fc.double({ min: 0.1, max: 0.95, noNaN: true }),
    // What each reckons by itself is far off.
    own: fc.constantFrom(0, 3),
  });
  fc.assert(
    fc.property(cases, ({ units, share, own }) => {
      const totalMs = units.reduce((sum, each) => sum + each, 0);
      const nowMs = totalMs * share;
      const done = written(units, share);
      const running = units.flatMap((each, nth) => {
        const left = each - (done[nth] ?? 0);
        const writes = { done: done[nth] ?? 0, left };
        return left < 1e-6 ? [] : [{ elapsedMs: nowMs, asksMs: 0, leftMs: own * (totalMs - nowMs), writes }];
      });
      fc.pre(running.length > 1);
      const ended = units.length - running.length;
      const sample = { elapsedMs: nowMs, total: units.length, running, atOnce: 32, ended, completed: ended };
      const left = fullSyncLeftMs(sample) ?? Infinity;
      expect(Math.abs(nowMs + left - totalMs)).toBeLessThanOrEqual(0.2 * totalMs);
    }),
    { numRuns: 200 },
  );
});

it('or as long as the last of them asks Luma', () => {
  const writes = { done: 500, left: 100 };
  const running = [60_000, 20_000].map((asksMs) => ({ elapsedMs: 30_000, leftMs: asksMs, asksMs, writes }));
  const sample = { elapsedMs: 30_000, total: 2, running, atOnce: 2, ended: 0, completed: 0 };
  expect(fullSyncLeftMs(sample)).toBe(60_000);
});

it('those in their listings have as much to write as the others; there is no end while most of them are', () => {
  const known = { elapsedMs: 10_000, leftMs: 0, asksMs: 0, writes: { done: 100, left: 100 } };
  const listing = { elapsedMs: 10_000, leftMs: null, writes: { done: 100, left: null } };
  const sample = { elapsedMs: 10_000, total: 4, atOnce: 4, ended: 0, completed: 0 };
  expect(fullSyncLeftMs({ ...sample, running: [known, known, known, listing] })).toBe(10_000);
  expect(fullSyncLeftMs({ ...sample, running: [known, listing, listing, listing] })).toBeNull();
});
