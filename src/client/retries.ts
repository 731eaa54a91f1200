import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { GRPC_STATUS } from './temporal-errors.js';

/** While Temporal is away: attempts this far apart, for about 20 s, which is how long the SDK's own go on. */
const AWAY = { apartMs: 1_000, attempts: 24 };

export interface EndableRetries {
  interceptors: NonNullable<ConnectionOptions['interceptors']>;
  /** No further attempt begins; resolves when those that were due have been made. */
  end(): Promise<void>;
}

/**
 * The SDK's retries of single requests, for a connection that is closed at any time. Each waits on a timer that closing the
 * connection does not clear, and an attempt on a closed connection throws where nobody can catch it.
 */
export function endableRetries(): EndableRetries {
  const ofSdk = defaultGrpcRetryOptions();
  let isEnded = false;
  /** Attempts whose timers run. */
  let due = 0;
  let allMade = (): void => undefined;
  const retries = makeGrpcRetryInterceptor({
    retryableDecider(attempt, status) {
      if (isEnded) return false;
      return isAway(status) ? attempt < AWAY.attempts : ofSdk.retryableDecider(attempt, status);
    },
    delayFunction(attempt, status) {
      const ofSdkMs = ofSdk.delayFunction(attempt, status);
      due++;
      return isAway(status) ? Math.min(ofSdkMs, AWAY.apartMs) : ofSdkMs;
    },
  });
  const counted: ReturnType<typeof makeGrpcRetryInterceptor> = (options, nextCall) => {
    let isFirst = true;
    return retries(options, (ofAttempt) => {
      if (!isFirst) due--;
      isFirst = false;
      if (due === 0) allMade();
      return nextCall(ofAttempt);
    });
  };
  return {
    interceptors: [counted],
    async end() {
      isEnded = true;
      if (due > 0) await new Promise<void>((resolve) => (allMade = resolve));
    },
  };
}

function isAway({ code }: { code: number }): boolean {
  return code === GRPC_STATUS.UNAVAILABLE;
}
