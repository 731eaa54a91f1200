import { canBeAskedFor, isEventId } from '../events/event-ids.js';

/** What is to be looked at once the sync under way has ended. Carried into a new run. */
export interface PendingHints {
  /** Events to ask for alone, each with when Luma last told of it, ms since 1970; `null`: not known. */
  ids: [id: string, toldAt: number | null][];
  /** The calendar is to be listed. */
  listing: boolean;
  /** When the last signal came, ms since 1970. */
  lastAt: number;
  /** Signals that brought them. */
  signals: number;
}

/** So many events are asked for alone; of more, a listing tells sooner. */
export const MOST_IDS = 1_000;

export function noHints(nowMs: number): PendingHints {
  return { ids: [], listing: false, lastAt: nowMs, signals: 0 };
}

/** Anybody may send a signal: of one that is not of the right form, what can be used is used. */
export function addHint(pending: PendingHints, hint: unknown, nowMs: number): void {
  const { ids, listing, toldAt } = (hint ?? {}) as Record<string, unknown>;
  const known = new Map(pending.ids);
  for (const id of Array.isArray(ids) ? ids.filter(isEventId) : []) {
    if (canBeAskedFor(id)) known.set(id, typeof toldAt === 'number' ? toldAt : null);
    else pending.listing = true;
  }
  if (listing === true || known.size > MOST_IDS) pending.listing = true;
  pending.ids = [...known].slice(0, MOST_IDS);
  pending.lastAt = nowMs;
  pending.signals++;
}

/** @returns the events to ask for: they wait no longer */
export function takeIds(pending: PendingHints): string[] {
  pending.signals = 0;
  return pending.ids.splice(0).map(([id]) => id);
}

/** Of two processes that go by MongoDB's clock. */
const CLOCKS_APART_MS = 100;

/** Forgets hints that came late: these events were asked for since Luma had told of them. */
export function forgetAnswered(pending: PendingHints, ids: readonly string[], askedFromMs: number): void {
  const asked = new Set(ids);
  const isAnswered = (id: string, toldAt: number | null) =>
    asked.has(id) && toldAt !== null && toldAt + CLOCKS_APART_MS < askedFromMs;
  pending.ids = pending.ids.filter(([id, toldAt]) => !isAnswered(id, toldAt));
}

/** How long no hint must have come before those that came are followed. A change or two bring a few signals. */
const QUIET_MS = 200;
const A_FEW = 3;
/** The same in a burst, which is to be followed once. */
const QUIET_BURST_MS = 1_000;
/** Where hints keep coming: an event that keeps changing is asked for no more often than this. */
const LONGEST_MS = 10_000;

/** How long to wait for more hints, ms; 0: no longer. @param sinceMs when the waiting began */
export function gatherMs({ lastAt, signals }: PendingHints, sinceMs: number, nowMs: number): number {
  const quietMs = signals > A_FEW ? QUIET_BURST_MS : QUIET_MS;
  return Math.max(0, Math.min(lastAt + quietMs, sinceMs + LONGEST_MS) - nowMs);
}
