/**
 * What Luma's rate-limit headers mean, as durations from now. Pure.
 *
 * Luma documents the names of the headers and not the unit of `X-RateLimit-Reset` (rate-limit page, July 2026),
 * and proxies rewrite `Retry-After`: seconds from now, epoch seconds, epoch milliseconds and HTTP dates are read.
 */

/** What is left of the calendar's budget, as far as the headers of one answer say. */
export interface RateBudget {
  /** Requests per window. */
  limit?: number;
  /** Requests left in the window. */
  remaining?: number;
  /** Until the window starts anew, from the moment the answer was read. */
  resetMs?: number;
}

/** A longer pause than this is not waited out. */
export const MAX_PAUSE_MS = 15 * 60_000;
/** Luma blocks for one minute: what a 429 means when it says nothing. */
const UNSTATED_PAUSE_MS = 60_000;
/** Whole seconds may have been rounded down. */
const MARGIN_MS = 1_000;
/** Left to the other programs of the calendar, of each window. */
const RESERVE_REQUESTS = 5;

/** Below this a number counts seconds from now, above it seconds since 1970: 31 years, or September 2001. */
const FIRST_EPOCH_SECOND = 1_000_000_000;
/** The year 5138 in seconds, March 1973 in milliseconds. */
const FIRST_EPOCH_MS = 100_000_000_000;

/** Headers that are absent or unreadable leave their field out. */
export function readBudget(headers: Headers, nowMs: number): RateBudget {
  const limit = digits(headers.get('x-ratelimit-limit'));
  const remaining = digits(headers.get('x-ratelimit-remaining'));
  const resetMs = delay(headers.get('x-ratelimit-reset'), referenceMs(headers, nowMs));
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}

/**
 * How long a 429 asks to wait, ms, at least one second: the later of `Retry-After` and `X-RateLimit-Reset`, of
 * those within MAX_PAUSE_MS. When none is, the smaller of them as it stands: more than MAX_PAUSE_MS, so that the
 * caller can tell that waiting is not the answer.
 */
export function pauseAfterRateLimit(headers: Headers, nowMs: number): number {
  const reference = referenceMs(headers, nowMs);
  const asked = ['retry-after', 'x-ratelimit-reset']
    .map((name) => delay(headers.get(name), reference))
    .filter((ms) => ms !== undefined);
  if (asked.length === 0) return UNSTATED_PAUSE_MS + MARGIN_MS;
  const bearable = asked.filter((ms) => ms <= MAX_PAUSE_MS);
  if (bearable.length === 0) return Math.min(...asked);
  return Math.min(Math.max(...bearable) + MARGIN_MS, MAX_PAUSE_MS);
}

/**
 * How long to wait before the next request so that the reserve stays untouched, ms, at most MAX_PAUSE_MS. 0: go on.
 * A window that starts anew later than that is a unit misread, and no reason to give up what Luma has not refused.
 */
export function pauseBeforeNext(budget: RateBudget): number {
  const { remaining, resetMs } = budget;
  if (remaining === undefined || remaining > reserveOf(budget)) return 0;
  const statedMs = resetMs !== undefined && resetMs <= MAX_PAUSE_MS ? resetMs : UNSTATED_PAUSE_MS;
  return Math.min(Math.ceil(statedMs) + MARGIN_MS, MAX_PAUSE_MS);
}

/** Requests of each window that are left to the calendar's other users: five, fewer where the budget is small. */
export function reserveOf({ limit }: RateBudget): number {
  return limit === undefined ? RESERVE_REQUESTS : Math.min(RESERVE_REQUESTS, Math.floor(limit / 10));
}

/** Points in time are compared with the clock that wrote them, where the answer shows it. */
function referenceMs(headers: Headers, nowMs: number): number {
  return httpDate(headers.get('date')) ?? nowMs;
}

function delay(value: string | null, reference: number): number | undefined {
  const number = digits(value);
  if (number !== undefined) {
    if (number < FIRST_EPOCH_SECOND) return number * 1000;
    return Math.max(0, (number < FIRST_EPOCH_MS ? number * 1000 : number) - reference);
  }
  const date = httpDate(value);
  return date === undefined ? undefined : Math.max(0, date - reference);
}

/** Strict: `Number()` would read "", "1e9" and "0x10", and a negative time is no time. */
function digits(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The one form of date that HTTP still allows to be sent, `Sun, 06 Nov 1994 08:49:37 GMT`. */
function httpDate(value: string | null): number | undefined {
  if (value === null || !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) {
    return undefined;
  }
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}
