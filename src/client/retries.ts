import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { GRPC_STATUS } from './temporal-errors.js';

/** While Temporal is away: attempts this far apart, for about 20 s, which is how long the SDK's own go on. */
const AWAY = { apartMs: 1_000, attempts: 24 };
const TIMER_TOLERANCE_MS = 20;

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
  let lastDueAt = 0;
  const retries = makeGrpcRetryInterceptor({
    retryableDecider(attempt, status) {
      if (isEnded) return false;
      return isAway(status) ? attempt < AWAY.attempts : ofSdk.retryableDecider(attempt, status);
    },
    delayFunction(attempt, status) {
      const ofSdkMs = ofSdk.delayFunction(attempt, status);
      const ms = isAway(status) ? Math.min(ofSdkMs, AWAY.apartMs) : ofSdkMs;
      lastDueAt = Math.max(lastDueAt, performance.now() + ms);
      return ms;
    },
  });
  return {
    interceptors: [retries],
    async end() {
      isEnded = true;
      const leftMs = lastDueAt - performance.now();
      if (leftMs > 0) await delay(leftMs + TIMER_TOLERANCE_MS);
    },
  };
}

function isAway({ code }: { code: number }): boolean {
  return code === GRPC_STATUS.UNAVAILABLE;
}
