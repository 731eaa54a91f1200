import type { ClientSession } from 'mongodb';
import type { Collections } from './collections.js';
import type { HeldRemovalDoc, OrgId } from './documents.js';

export interface RemovalDecision {
  decision: 'approved' | 'rejected';
  /** `null`: all that wait. */
  ids: readonly string[] | null;
  by: string;
  /** A decision that was made before stands; otherwise it is replaced. */
  onlyWaiting?: boolean | undefined;
}

export interface RemovalsDecision {
  /** Decided on now. */
  decided: string[];
  /** A sync had removed them before. */
  alreadyGone: string[];
  /** Not held back. Where there are any, nothing was decided. */
  unknown: string[];
  /** Somebody had decided on them, and `onlyWaiting` was asked for. Where there are any, nothing was decided. */
  decidedBefore: HeldRemovalDoc[];
}

/**
 * Decides on events that are held back and still there. It writes each one's document in `held_removals`, as a removal
 * and another decision do: of two at once, the later one fails and looks again.
 */
export async function decideRemovals(
  { heldRemovals, events, removedEvents }: Collections,
  orgId: OrgId,
  { decision, ids, by, onlyWaiting = false }: RemovalDecision,
  session: ClientSession,
): Promise<RemovalsDecision> {
  const asked = ids === null ? null : new Set(ids);
  const isOnlyWaiting = onlyWaiting || ids === null;
  const held = (await heldRemovals.find({ orgId }, { session }).toArray()).filter(
    ({ lumaEventId }) => asked === null || asked.has(lumaEventId),
  );
  const there = await idsIn(events, idsOf(held));
  const isThere = ({ lumaEventId }: HeldRemovalDoc) => there.has(lumaEventId);
  const isOpen = (doc: HeldRemovalDoc) => !isOnlyWaiting || doc.decision === 'waiting';

  const isHeld = new Set(idsOf(held));
  const notHeld = [...(asked ?? [])].filter((id) => !isHeld.has(id));
  const gone = await idsIn(removedEvents, notHeld);
  const stillThere = await idsIn(events, [...gone]);
  const unknown = notHeld.filter((id) => !gone.has(id) || stillThere.has(id));
  if (unknown.length > 0) return { ...NOTHING, unknown };

  const decided = idsOf(held.filter((doc) => isOpen(doc) && isThere(doc)));
  // Who asks for all that wait means those only.
  const decidedBefore = asked === null ? [] : held.filter((doc) => !isOpen(doc) && isThere(doc));
  if (decidedBefore.length > 0) return { ...NOTHING, decidedBefore };

  const over = idsOf(held.filter((doc) => !isThere(doc) && (asked !== null || isOpen(doc))));
  if (decided.length > 0) {
    await heldRemovals.updateMany(
      { orgId, lumaEventId: { $in: decided }, ...(isOnlyWaiting ? { decision: 'waiting' } : {}) },
      { $set: { decision, decidedBy: by }, $currentDate: { decidedAt: true } },
      { session },
    );
  }
  if (over.length > 0) await heldRemovals.deleteMany({ orgId, lumaEventId: { $in: over } }, { session });
  return { ...NOTHING, decided, alreadyGone: [...over, ...notHeld] };

  async function idsIn(
    collection: typeof events | typeof removedEvents,
    wanted: readonly string[],
  ): Promise<Set<string>> {
    if (wanted.length === 0) return new Set();
    const docs = await (collection as typeof events)
      .find({ orgId, lumaEventId: { $in: [...wanted] } }, { session, projection: { _id: 0, lumaEventId: 1 } })
      .toArray();
    return new Set(docs.map(({ lumaEventId }) => lumaEventId));
  }
}

const NOTHING: RemovalsDecision = { decided: [], alreadyGone: [], unknown: [], decidedBefore: [] };

function idsOf(docs: readonly HeldRemovalDoc[]): string[] {
  return docs.map(({ lumaEventId }) => lumaEventId);
}
