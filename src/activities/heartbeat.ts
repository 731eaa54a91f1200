import { Context } from '@temporalio/activity';

const INTERVAL_MS = 2_000;

/** Requests made to Luma by this activity, failed attempts included. */
export interface RequestTally {
  requests: number;
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
  const earlier = context.info.heartbeatDetails as Partial<RequestTally> | undefined;
  const tally: RequestTally = { requests: earlier?.requests ?? 0 };
  const beat = () => context.heartbeat({ requests: tally.requests });
  const timer = setInterval(beat, INTERVAL_MS);
  try {
    return await work(tally, context.cancellationSignal);
  } catch (error) {
    throw tally.requests > 0 ? new FailedAfterRequests(error, tally.requests) : error;
  } finally {
    clearInterval(timer);
    // The last word before a failure: a retry's count starts from it.
    beat();
  }
}
