/** A Luma that cannot be reached: how often it is tried, and how far apart. Pure. */
import { MAX_PAUSE_MS } from './pause.js';

/** Tries in a row that a sync makes: an hour of them, as many as an outage of MongoDB gets. */
export const MAX_TRIES_IN_A_ROW = 65;
/** Tries in a row of a program that waits in its own process. */
export const MAX_TRIES_OF_A_SCRIPT = 6;

const LONGEST_BACKOFF_MS = 60_000;

/**
 * How long to wait after Luma could not be reached so many times in a row, ms: 1 s, doubling to a minute.
 * @param announcedMs what its answer asked for, where there was one
 */
export function backoff(timesInARow: number, announcedMs = 0): number {
  const grownMs = Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** Math.min(timesInARow - 1, 20));
  return Math.min(Math.max(grownMs, announcedMs), MAX_PAUSE_MS);
}

/** Whether a sync with this reason sleeps because Luma could not be reached, not because it asked for a pause. */
export function isAnotherTry(pauseReason: string): boolean {
  return /: try \d+ in [\d.]+ s$/.test(pauseReason);
}
