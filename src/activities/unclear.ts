import { Context } from '@temporalio/activity';
import { LumaContractBroken, type LumaError, LumaUnavailable } from '../luma/errors.js';

/** Of the attempts that an activity gets, these let an unreachable Luma end the attempt; later ones go on without. */
const PATIENT_ATTEMPTS = 4;

/** So many events with unclear answers in one sync, and the others are not asked for any more. */
export const MAX_UNCLEAR = 5;

/**
 * Whether Luma's answer about one event says nothing: an answer that is none, or no answer after several attempts.
 * One event's trouble must not keep the others waiting; it is looked at again in the next sync.
 */
export function isUnclear(error: LumaError): boolean {
  if (error instanceof LumaContractBroken) return true;
  return error instanceof LumaUnavailable && Context.current().info.attempt > PATIENT_ATTEMPTS;
}
