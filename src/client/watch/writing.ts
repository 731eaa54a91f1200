import { DEFAULT_DETAILS } from '../../activities/dependencies.js';
import type { OrgSyncProgress } from '../../workflows/contract.js';
import { detailsToAsk } from './work.js';

/** The details of an event are written into it, and into what is remembered of it. */
const WRITES_OF_DETAILS = 2;

/** What a sync has written and has still to write, as far as that is known; the unit is an event of a listing. */
export interface Writes {
  done: number;
  /** `null` while the listing goes on. */
  left: number | null;
}

export function writesOf(progress: OrgSyncProgress): Writes {
  const { phase, events, detailsWritten = 0 } = progress;
  const isListing = phase === 'opening' || phase === 'listing';
  const unwritten = phase === 'details' ? Math.max(0, detailsToAsk(progress) - detailsWritten) : 0;
  return {
    done: events.seen + detailsWritten * WRITES_OF_DETAILS,
    left: isListing ? null : unwritten * WRITES_OF_DETAILS,
  };
}

/**
 * When the details will be written, ms from now. Those of a slice are written while the next ones are asked for, or waited
 * for, so that only the last slice's follow the asking; and all of them take as long as one write after the other. Pure.
 * @param asking details still to be asked for, how long that takes, and how long ago it ended where it has
 */
export function untilWrittenMs(
  { phase, detailsAsked, detailsWritten = 0, writeMs = 0, limit }: OrgSyncProgress,
  asking: { left: number; leftMs: number; endedMs: number },
): number {
  const { left, leftMs, endedMs } = asking;
  if (phase !== 'details') return leftMs;
  // Before details are written, as the listing was.
  const eachMs = writeMs * (detailsWritten === 0 ? WRITES_OF_DETAILS : 1);
  const unwritten = Math.max(0, detailsAsked + left - detailsWritten);
  // A slice ends where a window of Luma's limit does.
  const slice = Math.min(DEFAULT_DETAILS.sliceRequests, limit?.requests ?? Infinity);
  const lastMs = Math.min(unwritten, slice) * eachMs;
  return Math.max(leftMs, leftMs + lastMs - endedMs, unwritten * eachMs - endedMs);
}
