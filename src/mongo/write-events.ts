import { type AnyBulkWriteOperation, type Filter, ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import { changeClock } from './change-clock.js';
import type { EventDoc } from './documents.js';
import type { EventsPlan } from './events.js';
import type { FencedWrite } from './fence.js';
import { removeEvents } from './remove-events.js';

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
        ({
          lumaEventId,
          fields,
          revision,
          createdAt = at,
          fingerprint,
        }): AnyBulkWriteOperation<EventDoc> => ({
          insertOne: {
            document: {
              ...{ _id: new ObjectId(), orgId, lumaEventId, ...fields, revision },
              ...{ createdAt, changedAt: at, syncedAt: now, fingerprint },
            },
          },
        }),
      ),
      ...[...updates, ...takeOvers].map((update) => ({ updateOne: updateOf(update, { at, now }) })),
    ];
    if (operations.length > 0) await events.bulkWrite(operations, { session, ordered: false });
    await removeEvents(collections, write, hides, { reason: 'not-public', at });
  }
  if (back.length > 0) await removedEvents.deleteMany({ orgId, lumaEventId: { $in: back } }, { session });
}

/** The write of one event. Fields that are not this program's stay. */
export function updateOf(
  { target, set, unset, revision, fingerprint }: EventsPlan['updates' | 'takeOvers'][number],
  { at, now }: { at: Date; now: Date },
): { filter: Filter<EventDoc>; update: { $set: object; $unset?: Record<string, ''> } } {
  const isOdd = 'match' in target;
  const gone = fingerprint === null ? [...unset, 'fingerprint'] : unset;
  const own = { syncedAt: now, revision, changedAt: at, fingerprint: fingerprint ?? undefined };
  return {
    filter: isOdd ? target.match : { _id: target._id },
    update: {
      $set: { ...set, ...own, createdAt: isOdd ? (target.createdAt ?? at) : undefined },
      ...(gone.length === 0 ? {} : { $unset: Object.fromEntries(gone.map((name) => [name, ''])) }),
    },
  };
}
