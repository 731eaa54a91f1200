import { type ClientSession, ObjectId } from 'mongodb';
import type { NewHeldRemoval } from '../events/removals.js';
import type { Collections } from './collections.js';
import type { HeldRemovalDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';
import type { FencedWrite } from './fence.js';

export type HeldRemovalStore = ReturnType<typeof heldRemovalStore>;

/** `held_removals`: events that would go, waiting for a person to decide. */
export function heldRemovalStore({ heldRemovals }: Collections) {
  return {
    async list(orgId?: OrgId, session?: ClientSession): Promise<HeldRemovalDoc[]> {
      const filter = orgId === undefined ? {} : { orgId };
      return await guarded('read held removals', () =>
        heldRemovals.find(filter, { session }).sort({ orgId: 1, startAt: 1, lumaEventId: 1 }).toArray(),
      );
    },

    /** Holds what is new; a decision that was made stays. */
    async hold(
      { session, orgId }: FencedWrite,
      removals: readonly NewHeldRemoval[],
      now: Date,
    ): Promise<void> {
      if (removals.length === 0) return;
      await heldRemovals.bulkWrite(
        removals.map(({ lumaEventId, ...fields }) => ({
          updateOne: {
            filter: { orgId, lumaEventId },
            update: {
              $set: fields,
              $setOnInsert: { _id: new ObjectId(), decision: 'waiting' as const, heldAt: now },
            },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    },

    /** Forgets what is no longer in question: shown again, or gone. */
    async forget({ session, orgId }: FencedWrite, ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return;
      await heldRemovals.deleteMany({ orgId, lumaEventId: { $in: [...ids] } }, { session });
    },

    /** How many a person has still to decide on. */
    async countWaiting(orgId: OrgId): Promise<number> {
      return await guarded('count held removals', () =>
        heldRemovals.countDocuments({ orgId, decision: 'waiting' }),
      );
    },
  };
}
