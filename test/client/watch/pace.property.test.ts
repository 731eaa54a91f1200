import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newPace,
  type Pace,
  timeLeftMs,
  type WorkSample,
  withSample,
} from '../../../src/client/watch/pace.js';
import type { StatedLimit } from '../../../src/workflows/contract.js';
import { type Simulated, type Step, stepsOf } from './simulated-sync.js';

interface Guess {
  atMs: number;
  /** When the end was expected. */
  endMs: number | null;
}

/** What is expected at each look, by who looks on from a moment of the sync's life. */
function guessesOf(simulated: Simulated, joinedAtMs = 0): { totalMs: number; guesses: Guess[] } {
  const steps = stepsOf(simulated);
  const total = simulated.pages + simulated.details;
  const totalMs = steps.at(-1)?.untilMs ?? 0;
  const guesses: Guess[] = [];
  let pace: Pace | undefined;
  const everyMs = Math.max(200, Math.min(1_000, totalMs / 100));
  for (let atMs = joinedAtMs; atMs < totalMs; atMs += everyMs) {
    const { sample, waitedMs } = sampleAt(atMs);
    pace = pace === undefined ? newPace(0, waitedMs, sample) : withSample(pace, sample);
    const left = timeLeftMs(pace, atMs);
    guesses.push({ atMs, endMs: left === null ? null : atMs + left });
  }
  return { totalMs, guesses };

  function sampleAt(atMs: number): { sample: WorkSample; waitedMs: number } {
    const step = steps.find(({ untilMs }) => atMs < untilMs);
    if (step === undefined) throw new Error('it has ended');
    const pauses = steps.filter(({ isPause, untilMs }) => isPause && untilMs <= atMs);
    const waitedMs = pauses.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
    const { phase, isPause, fromMs, untilMs, before, after } = step;
    // What was done lately is not known yet; at a pause everything is.
    const toldMs = Math.max(fromMs, Math.floor(atMs / simulated.lagMs) * simulated.lagMs);
    const done = isPause
      ? before
      : Math.floor(before + ((toldMs - fromMs) / (untilMs - fromMs)) * (after - before));
    const left = phase === 'listing' ? null : total - done;
    const sample = { atMs, phase, done, left, pausedUntilMs: isPause ? untilMs : undefined };
    const limit = simulated.isStated === true ? stated(simulated, step, done) : undefined;
    return { sample: { ...sample, limit }, waitedMs };
  }
}

/** What the last answer has said. */
function stated(simulated: Simulated, { windowMs, inWindow, before }: Step, done: number): StatedLimit {
  if (simulated.limit === undefined) return { requests: null };
  const { requests, windowMs: lengthMs } = simulated.limit;
  const endsAt = new Date(windowMs + lengthMs).toISOString();
  return { requests, windowMs: lengthMs, left: Math.max(0, requests - inWindow - (done - before)), endsAt };
}

/** The first look that was wrong by more than a fifth of the whole, or could not say anything. */
function firstBad({ totalMs, guesses }: ReturnType<typeof guessesOf>, fromMs: number): object | undefined {
  const isBad = ({ endMs }: Guess) => endMs === null || Math.abs(endMs - totalMs) > totalMs * 0.2;
  const bad = guesses.find((guess) => guess.atMs >= fromMs && isBad(guess));
  return bad === undefined ? undefined : { ...bad, totalMs };
}

function expectGood(simulated: Simulated): void {
  const looks = guessesOf(simulated);
  expect(firstBad(looks, looks.totalMs / 10)).toBeUndefined();
}

/** Long enough that a tenth of it is a few looks. */
const steady = fc.record({
  pages: fc.integer({ min: 1, max: 20 }),
  details: fc.integer({ min: 300, max: 1_000 }),
  pagesPerSecond: fc.double({ min: 5, max: 20, noNaN: true }),
  detailsPerSecond: fc.double({ min: 1, max: 3.2, noNaN: true }),
  lagMs: fc.constantFrom(500, 1_000),
});

describe('the expected end of a sync', () => {
  it('is within a fifth from the first tenth on, at a constant pace', () => {
    fc.assert(fc.property(steady, expectGood), { numRuns: 40 });
  });

  it('so it is under Luma’s own limit, before the first pause has come', () => {
    const bursts = fc.record({
      pages: fc.integer({ min: 1, max: 20 }),
      details: fc.integer({ min: 220, max: 1_000 }),
      pagesPerSecond: fc.double({ min: 8, max: 20, noNaN: true }),
      detailsPerSecond: fc.double({ min: 8, max: 40, noNaN: true }),
      limit: fc.constant({ requests: 195, windowMs: 60_000 }),
      lagMs: fc.constantFrom(500, 2_000),
    });
    fc.assert(fc.property(bursts, expectGood), { numRuns: 40 });
  });

  it('so it is under another limit, once its pauses have been seen', () => {
    const bursts = fc
      .record({
        pages: fc.integer({ min: 1, max: 10 }),
        windows: fc.integer({ min: 12, max: 30 }),
        rest: fc.double({ min: 0, max: 1, noNaN: true }),
        requests: fc.integer({ min: 20, max: 90 }),
        windowMs: fc.integer({ min: 8_000, max: 90_000 }),
        detailsPerSecond: fc.double({ min: 12, max: 40, noNaN: true }),
        lagMs: fc.constant(500),
      })
      // What falls between two looks is not seen: neither a short burst nor a short pause.
      .filter(({ requests, windowMs, detailsPerSecond }) => {
        const burstMs = (requests / detailsPerSecond) * 1_000;
        return burstMs > 2_000 && windowMs - burstMs > 2_500;
      })
      .map(({ windows, rest, requests, windowMs, ...more }) => ({
        ...{ ...more, pagesPerSecond: 10, limit: { requests, windowMs } },
        details: Math.round((windows + rest) * requests),
      }));
    fc.assert(fc.property(bursts, expectGood), { numRuns: 40 });
  });

  it('so it is without a limit, where Luma’s answers name none', () => {
    const fast = fc.record({
      pages: fc.integer({ min: 1, max: 10 }),
      details: fc.integer({ min: 500, max: 1_000 }),
      pagesPerSecond: fc.constant(20),
      detailsPerSecond: fc.double({ min: 8, max: 25, noNaN: true }),
      isStated: fc.constant(true),
      lagMs: fc.constant(500),
    });
    fc.assert(fc.property(fast, expectGood), { numRuns: 40 });
  });

  it('so it is under any limit that Luma’s answers name, before the first pause, whatever others have used', () => {
    const bursts = fc
      .record({
        pages: fc.integer({ min: 1, max: 5 }),
        windows: fc.integer({ min: 2, max: 8 }),
        rest: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        requests: fc.integer({ min: 60, max: 500 }),
        windowMs: fc.integer({ min: 20_000, max: 90_000 }),
        used: fc.double({ min: 0, max: 0.5, noNaN: true }),
        detailsPerSecond: fc.double({ min: 15, max: 40, noNaN: true }),
        lagMs: fc.constant(500),
      })
      .filter(({ requests, windowMs, detailsPerSecond }) => {
        const burstMs = (requests / detailsPerSecond) * 1_000;
        return burstMs > 4_000 && windowMs - burstMs > 2_500;
      })
      .map(({ windows, rest, requests, windowMs, used, ...more }) => ({
        ...{ ...more, pagesPerSecond: 20, limit: { requests, windowMs }, isStated: true },
        usedByOthers: Math.floor(requests * used),
        details: Math.round((windows + rest) * requests),
      }));
    fc.assert(fc.property(bursts, expectGood), { numRuns: 40 });
  });

  it('is found by who joins later, too, from the second pause that is seen', () => {
    const simulated: Simulated = {
      ...{ pages: 10, details: 1_000, pagesPerSecond: 10, detailsPerSecond: 15, lagMs: 500 },
      limit: { requests: 195, windowMs: 60_000 },
    };
    for (const joinedAtMs of [40_000, 65_000, 100_000, 130_000, 200_000]) {
      expect(firstBad(guessesOf(simulated, joinedAtMs), joinedAtMs + 60_000)).toBeUndefined();
    }
  });

  it('so it is without a limit, once more was done than Luma’s limit lets pass', () => {
    const fast = { pages: 5, details: 1_000, pagesPerSecond: 10, detailsPerSecond: 20, lagMs: 500 };
    const looks = guessesOf(fast);
    const from = looks.totalMs * 0.25;
    expect(firstBad(looks, from)).toBeUndefined();
  });

  it('is not guessed while nothing comes on, or while the length of the listing is not known', () => {
    const pauseEnd = (pausedUntilMs: number, atMs: number): WorkSample => ({
      ...{ atMs, phase: 'details', done: 50, left: 100, pausedUntilMs },
    });
    let pace = newPace(0, 0, pauseEnd(60_000, 5_000));
    expect(timeLeftMs(pace, 6_000)).toBeGreaterThan(54_000);
    pace = withSample(pace, pauseEnd(120_000, 61_000));
    expect(timeLeftMs(pace, 62_000)).toBeNull();
    const listing = newPace(0, 0, { atMs: 5_000, phase: 'listing', done: 50, left: null });
    expect(timeLeftMs(listing, 6_000)).toBeNull();
  });
});
