/** A pause that Luma asks for: how long it is waited out, and how often, whoever waits. Pure. */

/** A longer pause than this is not waited out. */
export const MAX_PAUSE_MS = 15 * 60_000;
/** So many pauses in a row without one request getting through, and waiting is not the answer. */
export const MAX_PAUSES_IN_A_ROW = 5;

const LEAST_PAUSE_MS = 1_000;
/** Luma blocks for one minute (rate-limit page, July 2026), and a second for rounding. */
const BLOCK_MS = 61_000;
/** The most that `jitter` adds to a pause. */
const MAX_JITTER_MS = 10_000;

/**
 * How long to wait when several 429s came in a row, ms. The first word is taken as it stands. A block that is still
 * there after it was waited out shows that the word was wrong: the second pause is Luma's own minute or more, and each
 * one after it twice as long, at most MAX_PAUSE_MS. What is more than that from the start stays as it is.
 *
 * @param timesInARow 429s without another answer between them, this one included: 1, 2 …
 * @param jitter 0 to 1, for callers that wake up together: lengthens the pause by up to half of it, or ten seconds
 */
export function pauseAfterRepeats(pauseMs: number, timesInARow: number, jitter = 0): number {
  if (pauseMs > MAX_PAUSE_MS) return pauseMs;
  const doublings = Math.min(Math.max(0, timesInARow - 1), 20);
  const floorMs = doublings === 0 ? LEAST_PAUSE_MS : BLOCK_MS * 2 ** (doublings - 1);
  const grownMs = Math.max(pauseMs * 2 ** doublings, floorMs);
  const share = Math.min(Math.max(0, jitter), 1);
  return Math.min(Math.round(grownMs + share * Math.min(grownMs / 2, MAX_JITTER_MS)), MAX_PAUSE_MS);
}

/** Why a pause is not waited out; `null`: it is. Parameters as of {@link pauseAfterRepeats}. */
export function whyStuck(pauseMs: number, timesInARow: number): string | null {
  if (pauseMs > MAX_PAUSE_MS) {
    const [asked, most] = [pauseMs, MAX_PAUSE_MS].map((ms) => Math.round(ms / 60_000));
    return `Luma asks for a pause of ${asked} min, more than ${most} min`;
  }
  return timesInARow > MAX_PAUSES_IN_A_ROW
    ? `paused ${MAX_PAUSES_IN_A_ROW} times in a row and no request got through`
    : null;
}
