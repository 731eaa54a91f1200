import { ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import type { HeldRemovalDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

export type NewHeldRemoval = Pick<HeldRemovalDoc, 'lumaEventId' | 'title' | 'startAt' | 'reason'>;
export type HeldRemovalStore = ReturnType<typeof heldRemovalStore>;

/** `held_removals`: events that would go, waiting for a person to decide. */
export function heldRemovalStore({ heldRemovals, events }: Collections) {
  return {
    async list(orgId?: OrgId): Promise<HeldRemovalDoc[]> {
      const filter = orgId === undefined ? {} : { orgId };
      return await guarded('read held removals', () =>
        heldRemovals.find(filter).sort({ orgId: 1, startAt: 1, lumaEventId: 1 }).toArray(),
      );
    },

    /** Holds what is new; a decision that was made stays. */
    async hold(orgId: OrgId, removals: readonly NewHeldRemoval[], now: Date): Promise<void> {
      if (removals.length === 0) return;
      await guarded('hold removals', () =>
        heldRemovals.bulkWrite(
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
          { ordered: false },
        ),
      );
    },

    /** Forgets what is no longer in question: shown again, or gone. Mostly there is none: one small read. */
    async forget(orgId: OrgId, ids: Iterable<string>): Promise<void> {
      const settled = new Set(ids);
      const docs = await guarded('read held removals', () =>
        heldRemovals.find({ orgId }).project<{ lumaEventId: string }>({ lumaEventId: 1 }).toArray(),
      );
      const over = docs.map(({ lumaEventId }) => lumaEventId).filter((id) => settled.has(id));
      if (over.length === 0) return;
      await guarded('forget held removals', () =>
        heldRemovals.deleteMany({ orgId, lumaEventId: { $in: over } }),
      );
    },

    /** Forgets what is gone: a crash between a removal and its mark here leaves one. */
    async forgetGone(orgId: OrgId): Promise<void> {
      await guarded('forget held removals', async () => {
        const docs = await heldRemovals
          .find({ orgId })
          .project<{ lumaEventId: string }>({ lumaEventId: 1 })
          .toArray();
        if (docs.length === 0) return;
        const held = docs.map(({ lumaEventId }) => lumaEventId);
        const stored = await events
          .find({ orgId, lumaEventId: { $in: held } })
          .project<{ lumaEventId: string }>({ lumaEventId: 1 })
          .toArray();
        const $nin = stored.map(({ lumaEventId }) => lumaEventId);
        await heldRemovals.deleteMany({ orgId, lumaEventId: { $in: held, $nin } });
      });
    },

    /** How many a person has still to decide on. */
    async countWaiting(orgId: OrgId): Promise<number> {
      return await guarded('count held removals', () =>
        heldRemovals.countDocuments({ orgId, decision: 'waiting' }),
      );
    },
  };
}
