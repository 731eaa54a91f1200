import type { StatedLimit } from '../../workflows/contract.js';

/**
 * How long a sync still takes, from how its work has come on. Pure.
 *
 * Work is counted in requests to Luma that bring a sync on: pages, and details of single events. What decides is Luma's
 * limit: a sync asks as fast as it can until the budget of a window is used up, and sleeps until the next one begins. So
 * the work comes in bursts, and its pace within one says nothing about the whole.
 */

/** What is known at one moment. */
export interface WorkSample {
  atMs: number;
  phase: string;
  done: number;
  /** `null`: not known. */
  left: number | null;
  /** While it sleeps: until when. */
  pausedUntilMs?: number;
  /** What Luma has said of its limit. Absent: not known. */
  limit?: StatedLimit;
}

interface Mark {
  atMs: number;
  done: number;
}

export interface Pace {
  /** Where windows of Luma's limit ended, the latest last; before them, the sync's beginning. */
  ends: readonly Mark[];
  /** Windows that passed before the first end that was seen. */
  windowsBefore: number;
  /** Where the present stretch of work began, and where it was seen to come on. */
  stretch: { phase: string; from: Mark; to: Mark };
  /** Requests a ms within a stretch of this phase that was long enough to tell, and how long that was. */
  burst: { perMs: number; ms: number } | null;
  /** The pause has come to nothing: no work since the one before. */
  isStuck: boolean;
  last: WorkSample;
}

/**
 * Luma's own limit, less what is left to others: 200 requests a minute (rate-limit page, July 2026). Until pauses tell, where
 * nothing is known of what Luma says.
 */
const WINDOW = { requests: 195, ms: 60_000 };
/** So many ends of windows decide how long one takes. */
const ENDS = 6;
/** A stretch tells a pace when it is at least this long and has at least so much work in it. */
const TELLING = { ms: 900, requests: 3 };
/** A stretch that is shorter than the one before tells more than that one does only from this length on. */
const WELL_TOLD_MS = 10_000;

/** @param startedMs when the sync began. @param waitedMs what it had slept before `first` */
export function newPace(startedMs: number, waitedMs: number, first: WorkSample): Pace {
  const joinedLate = waitedMs > 0;
  const windowsBefore = joinedLate ? Math.max(1, Math.round((first.atMs - startedMs) / WINDOW.ms)) : 1;
  const start = { atMs: startedMs, done: 0 };
  // Of one that has worked without a pause so far, the beginning is the beginning of the stretch.
  const from = joinedLate ? { atMs: first.atMs, done: first.done } : start;
  const pace: Pace = {
    ...{ ends: [start], windowsBefore, burst: null, isStuck: false, last: first },
    stretch: { phase: first.phase, from, to: { atMs: first.atMs, done: first.done } },
  };
  return withSample(pace, first);
}

export function withSample(pace: Pace, sample: WorkSample): Pace {
  const { atMs, phase, pausedUntilMs } = sample;
  const done = Math.max(sample.done, pace.last.done);
  // What was said of a limit goes with the work that was done then.
  const last = { ...sample, done, limit: sample.done < done ? pace.last.limit : sample.limit };
  const worked = { ...pace, ...workedOn(pace, { atMs, done }), last };
  if (pausedUntilMs !== undefined) return paused(worked, { atMs: pausedUntilMs, done });
  if (phase === pace.stretch.phase) return worked;
  // A page takes another time than the details of an event.
  return { ...worked, burst: null, stretch: { phase, from: { atMs, done }, to: { atMs, done } } };
}

/** The stretch goes on as far as work was seen to come on: what is under way says nothing until it is done. */
function workedOn({ stretch, burst }: Pace, to: Mark): Pick<Pace, 'stretch' | 'burst'> {
  if (to.done <= stretch.to.done) return { stretch, burst };
  const { from } = stretch;
  const [ms, requests] = [to.atMs - from.atMs, to.done - from.done];
  const isTelling = ms >= TELLING.ms && requests >= TELLING.requests;
  const isBetter = isTelling && ms >= Math.min(burst?.ms ?? 0, WELL_TOLD_MS);
  return { stretch: { ...stretch, to }, burst: isBetter ? { perMs: requests / ms, ms } : burst };
}

function paused(pace: Pace, end: Mark): Pace {
  const before = pace.ends.at(-1);
  const stretch = { phase: pace.last.phase, from: end, to: end };
  if (before?.atMs === end.atMs) return { ...pace, stretch };
  // Nothing came of the window before: the same one goes on.
  const isStuck = pace.ends.length > 1 && before?.done === end.done;
  const ends = [...(isStuck ? pace.ends.slice(0, -1) : pace.ends), end].slice(-ENDS);
  const windowsBefore = pace.ends.length >= ENDS && !isStuck ? 1 : pace.windowsBefore;
  return { ...pace, ends, windowsBefore, isStuck, stretch };
}

/** @returns ms; `null` where nothing can be said */
export function timeLeftMs(pace: Pace, nowMs: number): number | null {
  const { last, isStuck } = pace;
  const { left, done, pausedUntilMs } = last;
  if (left === null || isStuck) return null;
  const waitMs = Math.max(0, (pausedUntilMs ?? nowMs) - nowMs);
  if (left === 0) return waitMs;
  const perMs = paceOfWork(pace);
  if (perMs === null) return null;
  const window = windowOf(pace, nowMs);
  // Work since the last time that some was seen is done too, and not counted yet.
  const workedMs = waitMs > 0 ? 0 : Math.max(0, Math.min(nowMs - last.atMs, left / perMs));
  const withoutPauseMs = waitMs + left / perMs - workedMs;
  if (window === null) return withoutPauseMs;
  const room = Math.max(0, window.requests - (done - window.from.done));
  const nextMs = waitMs > 0 ? waitMs + window.ms : Math.max(0, window.from.atMs + window.ms - nowMs);
  const isFilled = perMs * window.ms > window.requests;
  // What others have used of it is missing from the present window only.
  const isFull = window.isStated === true && room < perMs * (nextMs - waitMs);
  if (left <= room || (!isFilled && !isFull)) return withoutPauseMs;
  const later = left - room;
  const whole = isFilled ? Math.ceil(later / window.requests) - 1 : 0;
  return nextMs + whole * window.ms + (later - whole * window.requests) / perMs;
}

/** Of the phase. Where windows have passed and it cannot be told, all of one is done between two looks. */
function paceOfWork(pace: Pace): number | null {
  if (pace.burst !== null) return pace.burst.perMs;
  const seen = pace.ends.length > 1 ? seenWindow(pace) : null;
  return seen === null || seen.requests === 0 ? null : seen.requests / Math.min(TELLING.ms, seen.ms);
}

interface Window {
  requests: number;
  ms: number;
  /** Where the present one began. */
  from: Mark;
  /** Luma has said how much is left of it. */
  isStated?: true;
}

function windowOf(pace: Pace, nowMs: number): Window | null {
  const { limit } = pace.last;
  const seen = pace.ends.length > 1 ? seenWindow(pace) : null;
  if (limit === undefined) return seen ?? assumedWindow(pace, nowMs);
  if (limit.requests === null) return seen;
  return statedWindow(pace, { ...limit, requests: limit.requests }, seen, nowMs);
}

/**
 * As Luma says; once whole windows were seen, as long and as full as they were. The first one is not: others may have used a
 * part of it, and the sync's start is in it.
 */
function statedWindow(
  { ends, last: { done, pausedUntilMs } }: Pace,
  { requests, windowMs, left, endsAt }: StatedLimit & { requests: number },
  seen: Window | null,
  nowMs: number,
): Window {
  const whole = ends.length > 2 ? seenWindow({ ends: ends.slice(1), windowsBefore: 1 }) : null;
  const { ms, requests: each } = whole ?? { ms: windowMs ?? seen?.ms ?? WINDOW.ms, requests };
  const window = { requests: each, ms, isStated: true as const };
  const endMs = new Date(endsAt ?? NaN).getTime();
  if (pausedUntilMs === undefined && left !== undefined && endMs > nowMs) {
    return { ...window, from: { atMs: endMs - ms, done: done - (each - Math.min(left, each)) } };
  }
  return { ...window, from: seen?.from ?? { atMs: endMs > 0 ? Math.min(endMs, nowMs) : nowMs, done } };
}

function seenWindow({ ends, windowsBefore }: Pick<Pace, 'ends' | 'windowsBefore'>): Window | null {
  const [first, from] = [ends[0], ends.at(-1)];
  if (first === undefined || from === undefined) return null;
  const windows = ends.length - 2 + windowsBefore;
  return { requests: (from.done - first.done) / windows, ms: (from.atMs - first.atMs) / windows, from };
}

/** `null` where more was done than Luma's own limit would have let pass. */
function assumedWindow({ ends: [start], last }: Pace, nowMs: number): Window | null {
  if (start === undefined) return null;
  const passed = Math.max(0, Math.floor((nowMs - start.atMs) / WINDOW.ms));
  const before = { atMs: start.atMs + passed * WINDOW.ms, done: passed * WINDOW.requests };
  if (last.done > before.done + WINDOW.requests) return null;
  return { ...WINDOW, from: { ...before, done: Math.min(before.done, last.done) } };
}
