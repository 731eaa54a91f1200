import type { ClientSession } from 'mongodb';
import type { Verdict } from '../../events/removals.js';
import type { SyncWindow } from '../../events/window.js';
import type { HeldRemovalDoc, OrgId } from '../../mongo/documents.js';
import type { EventState } from '../../mongo/event-states.js';
import type { ListedEvent } from '../../mongo/events.js';
import type { Store } from '../../mongo/store.js';

/** Stored events that a complete listing calls into question, and what is known of them so far. */
export interface RemovalQuestion {
  /** Not listed, and Luma can be asked for each alone. Those that a person approved come first. */
  askable: ListedEvent[];
  /** Not listed: external ones, and those that another calendar manages. */
  unaskable: ListedEvent[];
  /** Luma shows them as not for the organization's readers. */
  hidden: ListedEvent[];
  /** Of all three: a person has said that they may go. */
  approved: Set<string>;
  /** What is remembered of the unaskable ones. */
  states: ReadonlyMap<string, EventState>;
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
  /** The listing showed entries without an id: each may be any event. */
  namelessEntries: boolean;
}

/** Reads the question as it stands; in a transaction, as it stands when the answer is carried out. */
export async function removalQuestion(
  store: Store,
  orgId: OrgId,
  syncId: string,
  { window, session }: { window: SyncWindow | undefined; session?: ClientSession },
): Promise<RemovalQuestion> {
  const { seen, hidden: hiddenIds, nameless } = await store.stagedPages.listed(syncId);
  const answered = await store.stagedPages.answered(syncId, 'removals');
  const expected = await store.events.expected(orgId, window, session);
  const heldDocs = await store.heldRemovals.list(orgId, session);
  const total = await store.events.count(orgId, session);

  const decisions = new Map(heldDocs.map((doc) => [doc.lumaEventId, doc.decision]));
  // Where a person decided that an event stays, it stays until a listing shows it again.
  const open = expected.filter(({ lumaEventId }) => decisions.get(lumaEventId) !== 'rejected');
  const missing = open.filter(({ lumaEventId }) => !seen.has(lumaEventId));
  const isHidden = (id: string) => hiddenIds.has(id) || answered.hidden.has(id);
  const hidden = open.filter(({ lumaEventId }) => isHidden(lumaEventId));
  const states = await store.states.read(orgId, idsOf(missing), session);
  const isAskable = ({ lumaEventId, platform }: ListedEvent) =>
    platform === 'luma' && states.get(lumaEventId)?.managed !== false;
  const inQuestion = new Set(idsOf([...missing, ...hidden]));
  const approved = new Set([...inQuestion].filter((id) => decisions.get(id) === 'approved'));
  const approvedFirst = (a: ListedEvent, b: ListedEvent) =>
    Number(approved.has(b.lumaEventId)) - Number(approved.has(a.lumaEventId));
  return {
    askable: missing.filter(isAskable).sort(approvedFirst),
    unaskable: missing.filter((event) => !isAskable(event)),
    hidden,
    approved,
    states,
    verdicts: new Map(answered.verdicts.map(({ lumaEventId, verdict }) => [lumaEventId, verdict])),
    batches: answered.pages,
    total,
    waitingElsewhere: await countWaitingElsewhere(store, orgId, heldDocs, { inQuestion, session }),
    whole: window === undefined,
    emptyListing: seen.size === 0 && !nameless,
    namelessEntries: nameless,
  };
}

/** Otherwise a few windows, one after the other, would each be small enough for the guard. */
async function countWaitingElsewhere(
  store: Store,
  orgId: OrgId,
  heldDocs: readonly HeldRemovalDoc[],
  { inQuestion, session }: { inQuestion: ReadonlySet<string>; session: ClientSession | undefined },
): Promise<number> {
  const elsewhere = heldDocs
    .filter(({ decision, reason }) => decision === 'waiting' && reason !== 'not-public')
    .map(({ lumaEventId }) => lumaEventId)
    .filter((id) => !inQuestion.has(id));
  if (elsewhere.length === 0) return 0;
  return (await store.events.known(orgId, elsewhere, session)).stored.size;
}

function idsOf(events: readonly ListedEvent[]): string[] {
  return events.map(({ lumaEventId }) => lumaEventId);
}
