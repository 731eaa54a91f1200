import { createHash } from 'node:crypto';
import type { RateBudget } from './rate-limit.js';

/** Luma counts requests a minute (rate-limit page, July 2026). */
const WINDOW_MS = 60_000;
/** A reset in whole seconds is a second off, and answers are on their way for a while. */
const TOLERANCE_MS = 2_000;
/** Calendars that are remembered; the oldest is forgotten first. */
const MAX_CALENDARS = 10_000;

export interface RateWindows {
  /** The budget, with the exact end of its window where an earlier answer told it. */
  exact(apiKey: string, budget: RateBudget, nowMs: number): RateBudget;
}

/**
 * Remembers when the windows of calendars end. Luma says it in whole seconds, and not whether they are rounded up or
 * down; but the answer that begins a window says "a minute" in either case, and so tells the end exactly. Where it is
 * not seen, because it went to another program or another worker, nothing is remembered and callers keep a margin.
 */
export function rateWindows(): RateWindows {
  const ends = new Map<string, number>();
  return {
    exact(apiKey, budget, nowMs) {
      const { limit, remaining, resetMs } = budget;
      if (limit === undefined || remaining === undefined || resetMs === undefined) return budget;
      // Keys are not kept.
      const calendar = createHash('sha256').update(apiKey).digest('base64');
      if (remaining >= limit - 1) {
        ends.delete(calendar);
        if (resetMs === WINDOW_MS) ends.set(calendar, nowMs + WINDOW_MS);
        const [oldest] = ends.keys();
        if (ends.size > MAX_CALENDARS && oldest !== undefined) ends.delete(oldest);
      }
      const end = ends.get(calendar);
      if (end === undefined || Math.abs(nowMs + resetMs - end) > TOLERANCE_MS) return budget;
      return { ...budget, resetMs: Math.max(0, end - nowMs), resetIsExact: true };
    },
  };
}
