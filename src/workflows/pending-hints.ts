import { canBeAskedFor, isEventId } from '../events/event-ids.js';

/** What is to be looked at once the sync under way has ended. Carried into a new run. */
export interface PendingHints {
  /** Events to ask for alone. */
  ids: string[];
  /** The calendar is to be listed. */
  listing: boolean;
  /** When the last hint came, ms since 1970. */
  lastAt: number;
}

/** So many events are asked for alone; of more, a listing tells sooner. */
export const MOST_IDS = 1_000;

export function noHints(nowMs: number): PendingHints {
  return { ids: [], listing: false, lastAt: nowMs };
}

/** Anybody may send a signal: of one that is not of the right form, what can be used is used. */
export function addHint(pending: PendingHints, hint: unknown, nowMs: number): void {
  const { ids, listing } = (hint ?? {}) as Record<string, unknown>;
  const known = new Set(pending.ids);
  for (const id of Array.isArray(ids) ? ids.filter(isEventId) : []) {
    if (canBeAskedFor(id)) known.add(id);
    else pending.listing = true;
  }
  if (listing === true || known.size > MOST_IDS) pending.listing = true;
  pending.ids = [...known].slice(0, MOST_IDS);
  pending.lastAt = nowMs;
}

/** How long no hint must have come before those that came are followed. */
const QUIET_MS = 200;
/** Where hints keep coming. A burst is followed once, an event that keeps changing no more often than this. */
const LONGEST_MS = 5_000;

/** How long to wait for more hints, ms; 0: no longer. @param sinceMs when the waiting began */
export function gatherMs({ lastAt }: PendingHints, sinceMs: number, nowMs: number): number {
  return Math.max(0, Math.min(lastAt + QUIET_MS, sinceMs + LONGEST_MS) - nowMs);
}
