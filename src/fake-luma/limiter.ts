/** What a calendar may ask for. Luma's own figures are the defaults of the server's options. */
export interface RateLimitSettings {
  /** Requests a window. */
  limit: number;
  windowMs: number;
  /** How long a calendar is shut out after going over. */
  blockMs: number;
}

/** What a calendar has left, as the headers say it. */
export interface Budget {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** From now until the window starts anew or, in a block, until the block ends. */
  resetMs: number;
}

/**
 * One calendar's budget: a window that begins with its first request, and a block for whoever goes over. Requests
 * during the block are refused and do not lengthen it. Time is an argument.
 */
export class RateLimiter {
  /** Requests a patient client would not have made. The one that began the block is not among them. */
  requestsDuringBlock = 0;
  blocks = 0;
  #used = 0;
  #windowEndsMs = -Infinity;
  #blockEndsMs = -Infinity;

  constructor(readonly settings: RateLimitSettings) {}

  /** Counts one request. */
  take(nowMs: number): Budget {
    if (nowMs < this.#blockEndsMs) {
      this.requestsDuringBlock += 1;
      return this.budget(nowMs);
    }
    if (nowMs >= this.#windowEndsMs) {
      this.#used = 0;
      this.#windowEndsMs = nowMs + this.settings.windowMs;
    }
    if (this.#used >= this.settings.limit) return this.block(nowMs);
    this.#used += 1;
    return this.budget(nowMs);
  }

  /** Shuts the calendar out as if it had gone over; a fresh window follows. */
  block(nowMs: number, blockMs = this.settings.blockMs): Budget {
    this.blocks += 1;
    this.#blockEndsMs = nowMs + blockMs;
    this.#windowEndsMs = this.#blockEndsMs;
    return { ...this.budget(nowMs), allowed: false };
  }

  /** The budget as it stands, without counting a request. */
  budget(nowMs: number): Budget {
    const { limit, windowMs } = this.settings;
    if (nowMs < this.#blockEndsMs) {
      return { allowed: false, limit, remaining: 0, resetMs: this.#blockEndsMs - nowMs };
    }
    if (nowMs >= this.#windowEndsMs) return { allowed: true, limit, remaining: limit, resetMs: windowMs };
    return { allowed: true, limit, remaining: limit - this.#used, resetMs: this.#windowEndsMs - nowMs };
  }

  resetCounters(): void {
    this.requestsDuringBlock = 0;
    this.blocks = 0;
  }
}

/** How the headers tell the time; Luma's documentation does not say, and proxies differ. */
export interface RateHeaderFormat {
  /** False leaves all of them out, `Retry-After` included. */
  rateLimitHeaders: boolean;
  /** Seconds from now, seconds since 1970, or milliseconds since 1970. */
  resetFormat: 'seconds' | 'epoch' | 'epoch-ms';
  retryAfterFormat: 'seconds' | 'http-date' | 'none';
}

/** Seconds are rounded up: whoever waits as told never comes too early. */
export function rateHeaders(budget: Budget, nowMs: number, format: RateHeaderFormat): Record<string, string> {
  if (!format.rateLimitHeaders) return {};
  const seconds = Math.ceil(budget.resetMs / 1000);
  const epochSeconds = Math.ceil((nowMs + budget.resetMs) / 1000);
  const reset = {
    seconds,
    epoch: epochSeconds,
    'epoch-ms': nowMs + budget.resetMs,
  }[format.resetFormat];
  const headers: Record<string, string> = {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(budget.remaining),
    'x-ratelimit-reset': String(reset),
  };
  if (!budget.allowed && format.retryAfterFormat !== 'none') {
    headers['retry-after'] =
      format.retryAfterFormat === 'seconds' ? String(seconds) : new Date(epochSeconds * 1000).toUTCString();
  }
  return headers;
}
