import type { SyncWindow } from '../../events/window.js';
import type { HeldRemovalDoc, OrgId } from '../../mongo/documents.js';
import type { HeldEvent } from '../../mongo/events.js';
import type { Store } from '../../mongo/store.js';
import type { Verdict } from '../../events/removals.js';

/** Stored events that a complete listing should have shown and did not, and what is known of them so far. */
export interface RemovalQuestion {
  /** Luma can be asked for each alone. Those that a person approved come first. */
  askable: HeldEvent[];
  /** External ones, and those that another calendar manages. */
  unaskable: HeldEvent[];
  /** Of both: a person has said that they may go. */
  approved: Set<string>;
  /** Luma's word so far, of this sync. */
  verdicts: Map<string, Verdict>;
  /** Batches of answers staged so far. */
  batches: number;
  /** How many events the organization has. */
  total: number;
  /** Removals that wait for a person and are not in question here. */
  waitingElsewhere: number;
  /** The listing had no window: what it lacks is nowhere in the calendar. */
  whole: boolean;
  /** The listing showed nothing at all. */
  emptyListing: boolean;
}

export async function removalQuestion(
  store: Store,
  orgId: OrgId,
  syncId: string,
  { window, syncBegan }: { window: SyncWindow | undefined; syncBegan: Date },
): Promise<RemovalQuestion> {
  const [{ seen }, expected, heldDocs, answered, total] = await Promise.all([
    store.stagedPages.listed(syncId),
    store.events.expected(orgId, window, syncBegan),
    store.heldRemovals.list(orgId),
    store.stagedPages.answered(syncId, 'removals'),
    store.events.count(orgId),
  ]);
  const decisions = new Map(heldDocs.map((doc) => [doc.lumaEventId, doc.decision]));
  const candidates = expected.filter(
    // Where a person decided that an event stays, it stays until a listing shows it again.
    ({ lumaEventId }) => !seen.has(lumaEventId) && decisions.get(lumaEventId) !== 'rejected',
  );
  const states = await store.states.read(
    orgId,
    candidates.map(({ lumaEventId }) => lumaEventId),
  );
  const isAskable = ({ lumaEventId, platform }: HeldEvent) =>
    platform === 'luma' && states.get(lumaEventId)?.managed !== false;
  const approved = new Set(
    candidates
      .map(({ lumaEventId }) => lumaEventId)
      .filter((lumaEventId) => decisions.get(lumaEventId) === 'approved'),
  );
  const approvedFirst = (a: HeldEvent, b: HeldEvent) =>
    Number(approved.has(b.lumaEventId)) - Number(approved.has(a.lumaEventId));
  return {
    askable: candidates.filter(isAskable).sort(approvedFirst),
    unaskable: candidates.filter((event) => !isAskable(event)),
    approved,
    verdicts: new Map(answered.verdicts.map(({ lumaEventId, verdict }) => [lumaEventId, verdict])),
    batches: answered.pages,
    total,
    waitingElsewhere: await countWaitingElsewhere(store, orgId, heldDocs, candidates),
    whole: window === undefined,
    emptyListing: seen.size === 0,
  };
}

/** Otherwise a few windows, one after the other, would each be small enough for the guard. */
async function countWaitingElsewhere(
  store: Store,
  orgId: OrgId,
  heldDocs: readonly HeldRemovalDoc[],
  candidates: readonly HeldEvent[],
): Promise<number> {
  const here = new Set(candidates.map(({ lumaEventId }) => lumaEventId));
  const elsewhere = heldDocs
    .filter(({ lumaEventId, decision }) => decision === 'waiting' && !here.has(lumaEventId))
    .map(({ lumaEventId }) => lumaEventId);
  return (await store.events.held(orgId, elsewhere)).length;
}
