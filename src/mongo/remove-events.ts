import { EVENT_FIELDS } from '../events/diff.js';
import type { Collections } from './collections.js';
import type { EventDoc, RemovalReason } from './documents.js';
import type { FencedWrite } from './fence.js';

/** Moves events to `removed_events`, over an earlier record of theirs. */
export async function removeEvents(
  { events, removedEvents }: Pick<Collections, 'events' | 'removedEvents'>,
  { session, orgId }: FencedWrite,
  docs: readonly EventDoc[],
  { reason, at }: { reason: RemovalReason; at: Date },
): Promise<void> {
  if (docs.length === 0) return;
  await removedEvents.bulkWrite(
    docs.map(({ _id, ...doc }) => ({
      updateOne: {
        filter: { orgId, lumaEventId: doc.lumaEventId },
        update: {
          $set: { ...doc, removedAt: at, removalReason: reason },
          $unset: Object.fromEntries(
            EVENT_FIELDS.filter((name) => doc[name] === undefined).map((name) => [name, '']),
          ),
          $setOnInsert: { _id },
        },
        upsert: true,
      },
    })),
    { session, ordered: false },
  );
  await events.deleteMany({ orgId, _id: { $in: docs.map(({ _id }) => _id) } }, { session });
}
