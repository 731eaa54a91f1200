import type { ClientSession } from 'mongodb';
import type { ExpectedEvent, RemovalQuestion } from '../../events/removals.js';
import type { SyncWindow } from '../../events/window.js';
import type { HeldRemovalDoc, OrgId } from '../../mongo/documents.js';
import type { Store } from '../../mongo/store.js';

/** What a dry run has not written and a real sync would have, before it asks this question. */
export interface PlannedChanges {
  /** Events that would be stored, and are not or do not count yet. */
  added: number;
  /** Stored events that would be gone. */
  gone: ReadonlySet<string>;
  /** Held removals that would be over. */
  over: ReadonlySet<string>;
}

const ALL_WRITTEN: PlannedChanges = { added: 0, gone: new Set(), over: new Set() };

export interface QuestionOptions {
  window: SyncWindow | undefined;
  now: Date;
  /** Luma can be asked for single events. */
  canAsk: boolean;
  session?: ClientSession;
  planned?: PlannedChanges;
  /** Approved removals that this sync has carried out already. Default 0. */
  goneApproved?: number;
  /** Of a sync without a listing: the only events in question. */
  only?: readonly string[] | undefined;
}

/** What went before counts no longer for the guard, whether a person looked or not: calendars live. */
const UNSEEN_MS = 7 * 86_400_000;

/** Reads the question as it stands; in a transaction, as it stands when the answer is carried out. */
export async function removalQuestion(
  store: Store,
  orgId: OrgId,
  syncId: string,
  {
    window,
    now,
    canAsk,
    session,
    planned: { added, gone, over } = ALL_WRITTEN,
    goneApproved = 0,
    only,
  }: QuestionOptions,
): Promise<RemovalQuestion> {
  const { seen, hidden: hiddenIds, nameless } = await store.stagedPages.listed(syncId);
  const answered = await store.stagedPages.answered(syncId, 'removals');
  const expected = (await store.events.expected(orgId, window, session, only)).filter(
    ({ lumaEventId }) => !gone.has(lumaEventId),
  );
  const heldDocs = (await store.heldRemovals.list(orgId, session)).filter(
    ({ lumaEventId }) => !over.has(lumaEventId),
  );
  const total = (await store.events.count(orgId, session)) + added - gone.size;

  const decisions = new Map(heldDocs.map((doc) => [doc.lumaEventId, doc.decision]));
  // Where a person decided that an event stays, it stays until a listing shows it again.
  const open = expected.filter(({ lumaEventId }) => decisions.get(lumaEventId) !== 'rejected');
  const missing = open.filter(({ lumaEventId }) => !seen.has(lumaEventId));
  const isHidden = (id: string) => hiddenIds.has(id) || answered.hidden.has(id);
  const hidden = open.filter(({ lumaEventId }) => isHidden(lumaEventId));
  const states = await store.states.read(orgId, idsOf(missing), session);
  const verdicts = new Map(answered.verdicts.map(({ lumaEventId, verdict }) => [lumaEventId, verdict]));
  const isAskable = ({ lumaEventId, platform }: ExpectedEvent) =>
    canAsk &&
    platform === 'luma' &&
    states.get(lumaEventId)?.managed !== false &&
    verdicts.get(lumaEventId) !== 'refused';
  const inQuestion = new Set(idsOf([...missing, ...hidden]));
  const decided = (decision: HeldRemovalDoc['decision']) =>
    new Set([...inQuestion].filter((id) => decisions.get(id) === decision));
  const approved = decided('approved');
  const since = new Date(now.getTime() - UNSEEN_MS);
  const approvedFirst = (a: ExpectedEvent, b: ExpectedEvent) =>
    Number(approved.has(b.lumaEventId)) - Number(approved.has(a.lumaEventId));
  return {
    askable: missing.filter(isAskable).sort(approvedFirst),
    notAskable: missing.filter((event) => !isAskable(event)),
    hidden,
    approved,
    asked: decided('waiting'),
    states,
    verdicts,
    batches: answered.pages,
    total,
    waitingElsewhere: await countWaitingElsewhere(store, orgId, heldDocs, { inQuestion, session }),
    goneUnseen: await store.decisions.countUnseenRemovals(orgId, { since, session }),
    goneApproved,
    whole: window === undefined && only === undefined,
    emptyListing: only === undefined && seen.size === 0 && !nameless,
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

function idsOf(events: readonly ExpectedEvent[]): string[] {
  return events.map(({ lumaEventId }) => lumaEventId);
}
