import { LumaContractBroken, type LumaError, LumaUnavailable } from '../luma/errors.js';

/** Tries in a row that an unreachable Luma gets; after these, the event that was asked for counts as unclear. */
const PATIENT_TRIES = 4;

/** So many events with unclear answers in one sync, and the others are not asked for any more. */
export const MAX_UNCLEAR = 5;

/**
 * Whether Luma's answer about one event says nothing: an answer that is none, or no answer after several tries.
 * One event's trouble must not keep the others waiting; it is looked at again in the next sync.
 * @param failedInARow calls before this one in which Luma could not be reached
 */
export function isUnclear(error: LumaError, failedInARow: number): boolean {
  if (error instanceof LumaContractBroken) return true;
  return error instanceof LumaUnavailable && failedInARow >= PATIENT_TRIES;
}
