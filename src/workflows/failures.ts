import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { SyncFailure } from './contract.js';

/** What went wrong, in the words of docs/operating.md: the innermost failure that has a name of its own. */
export function describeFailure(error: unknown): SyncFailure {
  if (isCancellation(error)) return { type: 'Canceled', message: 'canceled by an operator' };
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    const { cause } = error;
    if (cause instanceof TimeoutFailure) {
      const what = error instanceof ActivityFailure ? `activity ${error.activityType}` : 'the sync';
      return { type: 'TimedOut', message: `${what} ran out of time (${cause.timeoutType})` };
    }
    if (cause instanceof TerminatedFailure)
      return { type: 'Terminated', message: 'terminated by an operator' };
    if (cause !== undefined) return describeFailure(cause);
  }
  if (error instanceof ApplicationFailure) {
    return { type: error.type ?? 'UnexpectedError', message: error.message };
  }
  return { type: 'UnexpectedError', message: error instanceof Error ? error.name : typeof error };
}

/** The failure a workflow ends with. Final: Temporal is not to start the whole sync again by itself. */
export function workflowFailure({ type, message }: SyncFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
