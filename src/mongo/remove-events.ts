import { EVENT_FIELDS } from '../events/diff.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovalReason } from './documents.js';
import { guarded } from './errors.js';

/**
 * Moves events to `removed_events`. Copied first and deleted second: a crash between the two leaves an event where
 * it was, and the next sync finishes the move. One that was written meanwhile stays, and its copy goes again.
 *
 * @returns how many were moved
 */
export async function removeEvents(
  { events, removedEvents }: Pick<Collections, 'events' | 'removedEvents'>,
  orgId: OrgId,
  docs: readonly EventDoc[],
  { reason, at }: { reason: RemovalReason; at: Date },
): Promise<number> {
  if (docs.length === 0) return 0;
  return await guarded('remove events', async () => {
    await removedEvents.bulkWrite(
      docs.map(({ _id, ...doc }) => ({
        updateOne: {
          filter: { orgId, lumaEventId: doc.lumaEventId },
          update: {
            $set: { ...doc, removedAt: at, removalReason: reason },
            // A copy that a crash left behind may hold what is there no more.
            $unset: Object.fromEntries(
              EVENT_FIELDS.filter((name) => doc[name] === undefined).map((name) => [name, '']),
            ),
            $setOnInsert: { _id },
          },
          upsert: true,
        },
      })),
      { ordered: false },
    );
    const { deletedCount } = await events.bulkWrite(
      docs.map(({ _id, revision }) => ({ deleteOne: { filter: { _id, revision } } })),
      { ordered: false },
    );
    if (deletedCount < docs.length) {
      const ids = docs.map((doc) => doc.lumaEventId);
      const still = await events
        .find({ orgId, lumaEventId: { $in: ids } })
        .project<{ lumaEventId: string }>({ lumaEventId: 1 })
        .toArray();
      await removedEvents.deleteMany({ orgId, lumaEventId: { $in: still.map((doc) => doc.lumaEventId) } });
    }
    return deletedCount;
  });
}
