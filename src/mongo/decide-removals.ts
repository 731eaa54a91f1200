import type { ClientSession } from 'mongodb';
import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';

export interface RemovalDecision {
  decision: 'approved' | 'rejected';
  /** `null`: all that wait. */
  ids: readonly string[] | null;
  by: string;
}

export interface RemovalsDecision {
  /** Decided on now. */
  decided: string[];
  /** A sync had removed them before. */
  alreadyGone: string[];
  /** Not held back. Where there are any, nothing was decided. */
  unknown: string[];
}

/**
 * Decides on events that are held back and still there. It writes each one's document in `held_removals`, as a removal
 * does: of the two, the later one fails and looks again.
 */
export async function decideRemovals(
  { heldRemovals, events, removedEvents }: Collections,
  orgId: OrgId,
  { decision, ids, by }: RemovalDecision,
  session: ClientSession,
): Promise<RemovalsDecision> {
  const asked = ids === null ? null : new Set(ids);
  const held = (await heldRemovals.find({ orgId }, { session }).toArray())
    .filter((doc) => (asked === null ? doc.decision === 'waiting' : asked.has(doc.lumaEventId)))
    .map(({ lumaEventId }) => lumaEventId);
  const there = await idsIn(events, held);
  const decided = held.filter((id) => there.has(id));

  const isHeld = new Set(held);
  const notHeld = [...(asked ?? [])].filter((id) => !isHeld.has(id));
  const gone = await idsIn(removedEvents, notHeld);
  const stillThere = await idsIn(events, [...gone]);
  const unknown = notHeld.filter((id) => !gone.has(id) || stillThere.has(id));
  if (unknown.length > 0) return { decided: [], alreadyGone: [], unknown };

  const over = held.filter((id) => !there.has(id));
  if (decided.length > 0) {
    await heldRemovals.updateMany(
      { orgId, lumaEventId: { $in: decided } },
      { $set: { decision, decidedBy: by }, $currentDate: { decidedAt: true } },
      { session },
    );
  }
  if (over.length > 0) await heldRemovals.deleteMany({ orgId, lumaEventId: { $in: over } }, { session });
  return { decided, alreadyGone: [...over, ...notHeld], unknown };

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
