import { DEFAULT_DETAILS } from '../../activities/dependencies.js';
import type { OrgSyncProgress } from '../../workflows/contract.js';

/** The details of an event are written into it, and into what is remembered of it. */
const WRITES_OF_DETAILS = 2;

/**
 * When the details will be written, ms from now. Those of a slice are written while the next ones are asked for, so that the
 * last slice's follow the asking, and all of them are not written sooner than one write after the other takes. Pure.
 * @param asking details still to be asked for, how long that takes, and how long ago it ended where it has
 */
export function untilWrittenMs(
  { phase, detailsAsked, detailsWritten = 0, writeMs = 0 }: OrgSyncProgress,
  asking: { left: number; leftMs: number; endedMs: number },
): number {
  const { left, leftMs, endedMs } = asking;
  if (phase !== 'details') return leftMs;
  // Before details are written, as the listing was.
  const eachMs = writeMs * (detailsWritten === 0 ? WRITES_OF_DETAILS : 1);
  const unwritten = Math.max(0, detailsAsked + left - detailsWritten);
  const lastMs = Math.min(unwritten, DEFAULT_DETAILS.sliceRequests) * eachMs;
  return Math.max(leftMs, leftMs + lastMs - endedMs, unwritten * eachMs - endedMs);
}
