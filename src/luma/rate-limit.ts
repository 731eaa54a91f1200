/**
 * What Luma's rate-limit headers mean, as durations from now, and how long to wait for them. Pure.
 *
 * Luma documents the names of the headers and not the unit of `X-RateLimit-Reset` (rate-limit page, July 2026),
 * and proxies rewrite `Retry-After`: header-time.ts reads every form.
 */
import { parseHttpDate } from './http-date.js';
import { readHeaderTime } from './header-time.js';
import { MAX_PAUSE_MS } from '../policies/pause.js';

/** What is left of the calendar's budget, as far as the headers of one answer say. */
export interface RateBudget {
  /** Requests per window. */
  limit?: number;
  /** Requests left in the window. */
  remaining?: number;
  /** Until the window starts anew, from the moment the answer was read. */
  resetMs?: number;
  /** Not rounded to a second: see rate-windows.ts. */
  resetIsExact?: true;
}

/** Luma blocks for one minute: what a 429 means when it says nothing. */
const UNSTATED_PAUSE_MS = 60_000;
/** Whole seconds may have been rounded down; and no pause is shorter. */
const MARGIN_MS = 1_000;
/** For an end that is known exactly: an answer may have been faster than the one that told it. */
const EXACT_MARGIN_MS = 50;
/** Left to the other programs of the calendar, of each window. */
const RESERVE_REQUESTS = 5;

/** Headers that are absent or unreadable leave their field out. */
export function readBudget(headers: Headers, nowMs: number): RateBudget {
  const limit = wholeNumber(headers.get('x-ratelimit-limit'));
  const remaining = wholeNumber(headers.get('x-ratelimit-remaining'));
  const resetMs = readHeaderTime(headers.get('x-ratelimit-reset'), referenceMs(headers, nowMs));
  return {
    limit: limit === undefined || limit < 0 ? undefined : limit,
    // Some limiters count on below zero.
    remaining: remaining === undefined ? undefined : Math.max(0, remaining),
    resetMs: resetMs === undefined || resetMs < -MAX_PAUSE_MS ? undefined : Math.max(0, resetMs),
  };
}

/**
 * How long a 429 asks to wait, ms, at least one second: the later of `Retry-After` and `X-RateLimit-Reset`, and a
 * second more. A point in time that has passed says nothing about a block that is there.
 *
 * More than MAX_PAUSE_MS, so that the caller can tell that waiting is not the answer, where `Retry-After` says so, or
 * `X-RateLimit-Reset` alone: the unit of that is not documented, and beside a shorter `Retry-After` it is a unit misread.
 */
export function pauseAfterRateLimit(headers: Headers, nowMs: number): number {
  const reference = referenceMs(headers, nowMs);
  const [retryAfterMs, resetMs] = ['retry-after', 'x-ratelimit-reset'].map((name) => {
    const ms = readHeaderTime(headers.get(name), reference);
    return ms === undefined || ms < 0 ? undefined : ms;
  });
  if (retryAfterMs === undefined && resetMs === undefined) return UNSTATED_PAUSE_MS + MARGIN_MS;
  const asked = [retryAfterMs, resetMs].filter((ms) => ms !== undefined);
  const bearable = asked.filter((ms) => ms <= MAX_PAUSE_MS);
  if (bearable.length === 0) return Math.min(...asked);
  const tooLong = retryAfterMs !== undefined && retryAfterMs > MAX_PAUSE_MS;
  if (tooLong && !isSameInThousandths(retryAfterMs, resetMs)) return retryAfterMs;
  return Math.min(Math.max(...bearable) + MARGIN_MS, MAX_PAUSE_MS);
}

/**
 * How long to wait before the next request so that the reserve stays untouched, ms, at most MAX_PAUSE_MS. 0: go on.
 * A window that starts anew later than that is a unit misread, and no reason to give up what Luma has not refused.
 */
export function pauseBeforeNext(budget: RateBudget): number {
  const { remaining } = budget;
  return remaining === undefined || remaining > reserveOf(budget) ? 0 : nextWindowMs(budget);
}

/** How long it takes until the next window has begun for certain, ms, at most MAX_PAUSE_MS. */
export function nextWindowMs({ resetMs, resetIsExact }: RateBudget): number {
  const statedMs = resetMs !== undefined && resetMs <= MAX_PAUSE_MS ? resetMs : UNSTATED_PAUSE_MS;
  const marginMs = resetIsExact === true ? EXACT_MARGIN_MS : MARGIN_MS;
  return Math.min(Math.ceil(statedMs) + marginMs, MAX_PAUSE_MS);
}

/** Requests of each window that are left to the calendar's other users: five, fewer where the budget is small. */
export function reserveOf({ limit }: RateBudget): number {
  return limit === undefined ? RESERVE_REQUESTS : Math.min(RESERVE_REQUESTS, Math.floor(limit / 10));
}

/** `Retry-After` of an answer that is no 429, ms from now: an outage that is announced. */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const ms = readHeaderTime(headers.get('retry-after'), referenceMs(headers, nowMs));
  return ms === undefined || ms <= 0 ? undefined : ms;
}

/** A `Retry-After` that a proxy wrote in milliseconds, as the other header shows. Of a few seconds it shows nothing. */
function isSameInThousandths(retryAfterMs: number, resetMs: number | undefined): boolean {
  if (resetMs === undefined || resetMs < 5_000) return false;
  return Math.abs(retryAfterMs / 1_000 - resetMs) <= MARGIN_MS;
}

/** Points in time are compared with the clock that wrote them, where the answer shows it. */
function referenceMs(headers: Headers, nowMs: number): number {
  return parseHttpDate(headers.get('date')?.trim() ?? '', nowMs) ?? nowMs;
}

function wholeNumber(value: string | null): number | undefined {
  const text = value?.trim() ?? '';
  return /^-?\d{1,15}(?:\.\d{0,15})?$/.test(text) ? Math.floor(Number(text)) : undefined;
}
