import { Context } from '@temporalio/activity';
import type { Counted } from '../luma/calendar-source.js';
import { type StatedLimit, withBudget } from '../luma/stated-limit.js';

/** The worker sends at most one in two seconds (see worker.ts); Temporal misses them after ten. */
const INTERVAL_MS = 2_000;

/** Requests made to Luma by this activity, failed attempts included. */
export interface RequestTally {
  requests: number;
  /** What Luma has said of its limit, to this attempt. */
  limit?: StatedLimit;
}

/** Counts what is asked of Luma. */
export function countedIn(tally: RequestTally): Counted {
  return {
    onRequest: () => tally.requests++,
    onBudget: (budget) => {
      tally.limit = withBudget(tally.limit, budget, Date.now());
    },
  };
}

interface Heartbeat extends RequestTally {
  /** The attempt that failed, and could say so. */
  failedAttempt?: number;
}

/** What ended an activity, with the requests it had made: a report counts those too. */
export class FailedAfterRequests extends Error {
  override readonly name = 'FailedAfterRequests';

  constructor(
    readonly failure: unknown,
    readonly requests: number,
  ) {
    super('failed after requests');
  }
}

/**
 * Runs work under heartbeats from a timer of its own, because a slow answer is no dead worker. The number of
 * requests travels with the heartbeat, so that a retry goes on counting. (It is a report only: what has been
 * done is read from what is staged.)
 */
export async function underHeartbeat<T>(
  work: (tally: RequestTally, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const { attempt } = context.info;
  const tally: RequestTally = { requests: lastHeartbeat().requests ?? 0 };
  const beat = (more: Partial<Heartbeat> = {}) => context.heartbeat({ ...tally, ...more });
  // What the attempt before said of itself is not this one's.
  if (attempt > 1) beat();
  const timer = setInterval(() => beat(), INTERVAL_MS);
  try {
    return await work(tally, context.cancellationSignal);
  } catch (error) {
    // Temporal keeps the last word before a failure: a retry's count starts from it.
    beat({ failedAttempt: attempt });
    throw tally.requests > 0 ? new FailedAfterRequests(error, tally.requests) : error;
  } finally {
    clearInterval(timer);
  }
}

/** Whether the attempt before this one ended without a word: its worker died, or stood still for too long. */
export function attemptBeforeDied(): boolean {
  const { attempt } = Context.current().info;
  return attempt > 1 && lastHeartbeat().failedAttempt !== attempt - 1;
}

function lastHeartbeat(): Partial<Heartbeat> {
  return (Context.current().info.heartbeatDetails as Partial<Heartbeat> | null | undefined) ?? {};
}
