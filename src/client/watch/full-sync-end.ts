/** How long a full sync still takes. Pure. */
import { APPLYING_AT_ONCE } from '../../activities/dependencies.js';
import type { Writes } from './writing.js';

export interface RunningSample {
  elapsedMs: number;
  leftMs: number | null;
  /** Until it has asked Luma for everything. */
  asksMs?: number | null;
  writes?: Writes | undefined;
  /** Something fails: how long that takes cannot be known. */
  isHeldUp?: boolean;
}

/** What is known of a full sync at one moment. */
export interface FullSyncSample {
  elapsedMs: number;
  /** Organizations; `null` while not all are known. */
  total: number | null;
  /** Those that have ended, well or not. */
  ended: number;
  /** Those that have ended well: a failure mostly comes at once, and tells nothing of how long one takes. */
  completed: number;
  /** For how long each has run, and how long it still takes, where that is known. */
  running: readonly RunningSample[];
  /** Most that ran at the same time. */
  atOnce: number;
}

/** With more to start the end is where all have the same to do. */
const ONE_BY_ONE = 1_000;
/** Times the average. */
const LONG = 2;

/**
 * Those that run are expected to end as each one's own estimate says, or after as long as one takes on the average; those
 * that wait begin as places become free, and take as long as one takes on the average.
 * @returns ms; `null` where nothing can be said
 */
export function fullSyncLeftMs(sample: FullSyncSample): number | null {
  const { total, ended, running, atOnce } = sample;
  if (total === null) return null;
  const waiting = Math.max(0, total - ended - running.length);
  const isKnown = running.every(({ leftMs }) => leftMs !== null);
  // Where others wait, one of many changes little.
  if (waiting === 0 && running.some(({ isHeldUp }) => isHeldUp === true)) return null;
  if (waiting === 0) {
    const allWroteMs = untilAllWroteMs(running, ended);
    if (allWroteMs !== null) return allWroteMs;
    if (isKnown) return Math.max(0, ...running.map(({ leftMs }) => leftMs ?? 0));
    // The few that are past their listings are the small ones.
    if (sample.completed === 0 && areMostListing(running)) return null;
  }
  const eachMs = averageMs({ ...sample, atOnce: waiting > 0 ? running.length : atOnce });
  if (eachMs === null) return null;
  // The last ones, if they take much longer than the others did, say themselves how long.
  const isLong = running.some((one) => one.leftMs === null && one.elapsedMs > LONG * eachMs);
  if (waiting === 0 && isLong) return null;
  const lefts = running.map((one) => one.leftMs ?? Math.max(eachMs - one.elapsedMs, eachMs / 10));
  if (running.length === 0) return Math.ceil(waiting / Math.max(1, atOnce)) * eachMs;
  if (waiting > ONE_BY_ONE) {
    return (lefts.reduce((sum, ms) => sum + ms, 0) + waiting * eachMs) / running.length;
  }
  for (let started = 0; started < waiting; started++) {
    const first = lefts.indexOf(Math.min(...lefts));
    lefts[first] = (lefts[first] ?? 0) + eachMs;
  }
  return Math.max(...lefts);
}

/**
 * When the last of them has asked for everything, and all have written it: for that they wait for each other, so that it
 * takes as long as all have written so far, and of one alone some of the workers' places for writing. Those that are in
 * their listings have as much to write as the others on the average.
 * @returns `null` where it cannot be told: of so few that none waits for another, or while most are in their listings
 */
function untilAllWroteMs(running: readonly RunningSample[], ended: number): number | null {
  const all = running.flatMap(({ elapsedMs, writes }) =>
    writes === undefined ? [] : [{ elapsedMs, done: writes.done, left: writes.left }],
  );
  const known = all.flatMap(({ done, left }) => (left === null ? [] : [{ left, total: done + left }]));
  if (all.length < running.length || known.length < Math.max(APPLYING_AT_ONCE, running.length / 2))
    return null;
  const perMs = sum(all.map(({ elapsedMs, done }) => done / Math.max(1, elapsedMs)));
  if (perMs === 0) return null;
  const average = sum(known.map(({ total }) => total)) / known.length;
  const lefts = all.map(({ done, left }) => left ?? Math.max(0, average - done));
  // Those that have ended wrote too.
  const togetherMs = sum(lefts) / ((perMs * (ended + running.length)) / running.length);
  const aloneMs = (Math.max(...lefts) * APPLYING_AT_ONCE) / perMs;
  return Math.max(...running.map(({ asksMs }) => asksMs ?? 0), togetherMs, aloneMs);
}

function areMostListing(running: readonly RunningSample[]): boolean {
  return running.filter(({ writes }) => writes?.left === null).length > running.length / 2;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/**
 * How long one organization takes on the average: those that have ended well, and those whose end is known.
 * @returns ms; `null`: none of either
 */
export function averageMs({
  elapsedMs,
  completed,
  running,
  atOnce,
}: Omit<FullSyncSample, 'total'>): number | null {
  const runningMs = running.reduce((sum, one) => sum + one.elapsedMs, 0);
  const completedMs = completed === 0 ? 0 : Math.max(0, Math.max(1, atOnce) * elapsedMs - runningMs);
  const known = running.filter(({ leftMs }) => leftMs !== null);
  const knownMs = known.reduce((sum, one) => sum + one.elapsedMs + (one.leftMs ?? 0), 0);
  const count = completed + known.length;
  return count === 0 ? null : (completedMs + knownMs) / count;
}
