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
  /** They are part of a burst. */
  many: boolean;
}

/** So many events are asked for alone; of more, a listing tells sooner. */
export const MOST_IDS = 1_000;

export function noHints(nowMs: number): PendingHints {
  return { ids: [], listing: false, lastAt: nowMs, signals: 0, many: false };
}

/** Anybody may send a signal: of one that is not of the right form, what can be used is used. */
export function addHint(pending: PendingHints, hint: unknown, nowMs: number): void {
  const { ids, listing, toldAt, many } = (hint ?? {}) as Record<string, unknown>;
  const known = new Map(pending.ids);
  for (const id of Array.isArray(ids) ? ids.filter(isEventId) : []) {
    if (canBeAskedFor(id)) known.set(id, typeof toldAt === 'number' ? toldAt : null);
    else pending.listing = true;
  }
  if (listing === true || known.size > MOST_IDS) pending.listing = true;
  pending.ids = [...known].slice(0, MOST_IDS);
  pending.lastAt = nowMs;
  pending.signals++;
  if (many === true) pending.many = true;
}

/** What comes from now on is another burst, or none. */
export function begin(pending: PendingHints): void {
  pending.signals = 0;
  pending.many = false;
}

/** @returns the events to ask for: they wait no longer */
export function takeIds(pending: PendingHints): string[] {
  begin(pending);
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

/** More signals than a change or two bring. */
const A_FEW = 3;

export interface Patience {
  /** How long no signal must have come before a burst is followed, so that it is followed once. */
  quietMs: number;
  /** Where they keep coming: an event that keeps changing is asked for no more often than this. */
  longestMs: number;
}

export const PATIENCE: Patience = { quietMs: 3_000, longestMs: 20_000 };

/**
 * How long to wait for more hints, ms; 0: no longer. A single change waits for nothing, because Temporal's timers are a
 * second late.
 * @param sinceMs when the waiting began
 */
export function gatherMs(
  { lastAt, signals, many }: PendingHints,
  sinceMs: number,
  nowMs: number,
  { quietMs, longestMs } = PATIENCE,
): number {
  if (!many && signals <= A_FEW) return 0;
  return Math.max(0, Math.min(lastAt + quietMs, sinceMs + longestMs) - nowMs);
}
