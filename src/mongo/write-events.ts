import { type AnyBulkWriteOperation, ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import { changeClock } from './change-clock.js';
import type { EventDoc } from './documents.js';
import type { EventsPlan } from './events.js';
import type { FencedWrite } from './fence.js';
import { removeEvents } from './remove-events.js';
import { takeoverWrite } from './stored-event.js';

/** Carries out a plan, with one instant for all of it. Writes nothing where nothing changes. */
export async function writeEvents(
  collections: Pick<Collections, 'events' | 'removedEvents'>,
  write: FencedWrite,
  plan: EventsPlan,
  now: Date,
): Promise<void> {
  const { events, removedEvents } = collections;
  const { session, orgId } = write;
  const { inserts, updates, refreshed, takeOvers, hides, back } = plan;
  if (refreshed.length > 0) {
    // No change that a reader could see: no revision, and no instant.
    await events.bulkWrite(
      refreshed.map(({ stored, fingerprint }) => ({
        updateOne: { filter: { _id: stored._id }, update: { $set: { fingerprint } } },
      })),
      { session, ordered: false },
    );
  }
  if (inserts.length + updates.length + takeOvers.length + hides.length > 0) {
    const at = await changeClock(collections)(write, now);
    const operations: AnyBulkWriteOperation<EventDoc>[] = [
      ...inserts.map(
        ({ lumaEventId, fields, revision, createdAt = at, ...print }): AnyBulkWriteOperation<EventDoc> => ({
          insertOne: {
            document: {
              ...{ _id: new ObjectId(), orgId, lumaEventId, ...fields, revision },
              ...{ createdAt, changedAt: at, syncedAt: now, ...print },
            },
          },
        }),
      ),
      ...updates.map(({ stored, change, fingerprint }): AnyBulkWriteOperation<EventDoc> => {
        const print = typeof fingerprint === 'string' ? { fingerprint } : {};
        const unset = [...change.unset, ...(fingerprint === null ? ['fingerprint'] : [])];
        return {
          updateOne: {
            filter: { _id: stored._id },
            update: {
              $set: { ...change.set, syncedAt: now, revision: stored.revision + 1, changedAt: at, ...print },
              ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((name) => [name, ''])) }),
            },
          },
        };
      }),
      // Without a fingerprint: the next listing compares it once more.
      ...takeOvers.map(({ odd, takeOver }): AnyBulkWriteOperation<EventDoc> => ({
        updateOne: takeoverWrite(odd, takeOver, { at, now }),
      })),
    ];
    if (operations.length > 0) await events.bulkWrite(operations, { session, ordered: false });
    await removeEvents(collections, write, hides, { reason: 'not-public', at });
  }
  if (back.length > 0) await removedEvents.deleteMany({ orgId, lumaEventId: { $in: back } }, { session });
}
