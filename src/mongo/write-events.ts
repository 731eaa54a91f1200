import { type AnyBulkWriteOperation, ObjectId } from 'mongodb';
import type { ChangePlan } from '../events/plan.js';
import type { Collections } from './collections.js';
import { changeClock } from './change-clock.js';
import type { EventDoc } from './documents.js';
import type { FencedWrite } from './fence.js';
import { removeEvents } from './remove-events.js';

/** Carries out a plan, with one instant for all of it. Writes nothing where nothing changes. */
export async function writeEvents(
  collections: Pick<Collections, 'events' | 'removedEvents'>,
  write: FencedWrite,
  plan: ChangePlan<EventDoc>,
  now: Date,
): Promise<void> {
  const { events, removedEvents } = collections;
  const { session, orgId } = write;
  const { inserts, updates, hides, back } = plan;
  if (inserts.length + updates.length + hides.length > 0) {
    const at = await changeClock(collections)(write, now);
    const operations: AnyBulkWriteOperation<EventDoc>[] = [
      ...inserts.map(
        ({ lumaEventId, fields, revision, createdAt = at }): AnyBulkWriteOperation<EventDoc> => ({
          insertOne: {
            document: {
              ...{ _id: new ObjectId(), orgId, lumaEventId, ...fields, revision },
              ...{ createdAt, changedAt: at, syncedAt: now },
            },
          },
        }),
      ),
      ...updates.map(({ stored, change: { set, unset } }): AnyBulkWriteOperation<EventDoc> => ({
        updateOne: {
          filter: { _id: stored._id },
          update: {
            $set: { ...set, syncedAt: now, revision: stored.revision + 1, changedAt: at },
            ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((field) => [field, ''])) }),
          },
        },
      })),
    ];
    if (operations.length > 0) await events.bulkWrite(operations, { session, ordered: false });
    await removeEvents(collections, write, hides, { reason: 'not-public', at });
  }
  if (back.length > 0) await removedEvents.deleteMany({ orgId, lumaEventId: { $in: back } }, { session });
}
