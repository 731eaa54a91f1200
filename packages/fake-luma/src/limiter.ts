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
  /** Seconds from now (with three places in `fraction`), seconds or milliseconds since 1970, ISO 8601, or no header. */
  resetFormat: 'seconds' | 'fraction' | 'epoch' | 'epoch-ms' | 'iso' | 'none';
  /** Seconds, the three dates of HTTP (`http-date` is the one in use), 0 whatever is true, or no header. */
  retryAfterFormat: 'seconds' | 'fraction' | 'http-date' | 'rfc850' | 'asctime' | 'zero' | 'none';
}

/** Whole seconds are rounded up: whoever waits as told never comes too early. */
export function rateHeaders(budget: Budget, nowMs: number, format: RateHeaderFormat): Record<string, string> {
  if (!format.rateLimitHeaders) return {};
  const endsMs = nowMs + budget.resetMs;
  const headers: Record<string, string> = {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(budget.remaining),
  };
  const reset = resetText(format.resetFormat, budget.resetMs, endsMs);
  if (reset !== undefined) headers['x-ratelimit-reset'] = reset;
  if (!budget.allowed) {
    const retryAfter = retryAfterText(format.retryAfterFormat, budget.resetMs, endsMs);
    if (retryAfter !== undefined) headers['retry-after'] = retryAfter;
  }
  return headers;
}

function resetText(format: RateHeaderFormat['resetFormat'], ms: number, endsMs: number): string | undefined {
  if (format === 'none') return undefined;
  return {
    seconds: () => wholeSeconds(ms),
    fraction: () => (ms / 1000).toFixed(3),
    epoch: () => wholeSeconds(endsMs),
    'epoch-ms': () => String(endsMs),
    iso: () => new Date(endsMs).toISOString(),
  }[format]();
}

function retryAfterText(
  format: RateHeaderFormat['retryAfterFormat'],
  ms: number,
  endsMs: number,
): string | undefined {
  if (format === 'none') return undefined;
  const date = new Date(Math.ceil(endsMs / 1000) * 1000);
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(/,? /);
  return {
    seconds: () => wholeSeconds(ms),
    fraction: () => (ms / 1000).toFixed(3),
    'http-date': () => date.toUTCString(),
    rfc850: () => `${WEEKDAYS[date.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    asctime: () => `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
    zero: () => '0',
  }[format]();
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function wholeSeconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}
