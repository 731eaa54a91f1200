import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureDetails } from '../activities/failures.js';
import type { EventCounts, SyncFailure } from './contract.js';

/** What went wrong, in the words of docs/operating.md: the innermost failure that has a name of its own. */
export function describeFailure(error: unknown): SyncFailure {
  if (isCancellation(error)) return { type: 'Canceled', message: 'canceled by an operator' };
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    const { cause } = error;
    if (cause instanceof TimeoutFailure) {
      const what = error instanceof ActivityFailure ? `activity ${error.activityType}` : 'the sync';
      return { type: 'TimedOut', message: `${what} ran out of time (${cause.timeoutType})` };
    }
    if (cause !== undefined) return describeFailure(cause);
  }
  if (error instanceof TerminatedFailure) {
    return { type: 'Terminated', message: 'terminated by an operator' };
  }
  if (error instanceof ApplicationFailure) {
    return { type: error.type ?? 'UnexpectedError', message: error.message };
  }
  return { type: 'UnexpectedError', message: error instanceof Error ? error.name : typeof error };
}

/** Requests to Luma that a failed activity had made. */
export function requestsBefore(error: unknown): number {
  const failure = error instanceof ActivityFailure ? error.cause : undefined;
  const details = failure instanceof ApplicationFailure ? failure.details : undefined;
  return (details?.[0] as FailureDetails | undefined)?.requests ?? 0;
}

/** What a failed sync had done all the same: a full sync counts it. */
export interface DoneBefore {
  events: EventCounts;
  requests: number;
  waitedMs: number;
}

/** What a failed sync had done; `null` where it could not say. @param error with the sync's own failure as its cause */
export function doneBefore(error: unknown): DoneBefore | null {
  const failure = error instanceof Error ? error.cause : undefined;
  const details = failure instanceof ApplicationFailure ? failure.details : undefined;
  return (details?.[0] as DoneBefore | undefined) ?? null;
}

/** The failure a workflow ends with. Final: Temporal is not to start the whole sync again by itself. */
export function workflowFailure({ type, message }: SyncFailure, done?: DoneBefore): ApplicationFailure {
  const failure = ApplicationFailure.nonRetryable(message, type, ...(done === undefined ? [] : [done]));
  // The same places in bundled code for every failure: in Temporal's UI they hide the message.
  failure.stack = '';
  return failure;
}
