import { nextWindowMs, type RateBudget, reserveOf } from './rate-limit.js';

/** What Luma's answers have said of the calendar's limit, as far as a sync uses it. */
export interface StatedLimit {
  /** Requests a window, without those that are left to others; `null`: the answers name no limit. */
  requests: number | null;
  /** From the beginning of one window to that of the next, ms. Absent: no answer has told. */
  windowMs?: number;
  /** Of these requests, those that were left after the last answer. */
  left?: number;
  /** When the next window may begin, ISO 8601. */
  endsAt?: string;
}

/** @param before what earlier answers have said @param budget of an answer that is no error */
export function withBudget(before: StatedLimit | undefined, budget: RateBudget, nowMs: number): StatedLimit {
  const { limit, remaining } = budget;
  // One answer without the headers does not take back what others have said.
  if (limit === undefined) return before ?? { requests: null };
  const reserve = reserveOf(budget);
  const stated: StatedLimit = { ...before, requests: Math.max(1, limit - reserve) };
  if (remaining === undefined) return stated;
  const ms = nextWindowMs(budget);
  // The answer that begins a window says how long it is.
  if (remaining >= limit - 1) stated.windowMs = ms;
  stated.left = Math.max(0, remaining - reserve);
  stated.endsAt = new Date(nowMs + ms).toISOString();
  return stated;
}
