import type { ObjectId } from 'mongodb';
import { EVENT_FIELDS } from '../events/diff.js';
import type { Collections } from './collections.js';
import type { EventDoc, RemovalReason } from './documents.js';
import type { FencedWrite } from './fence.js';
import { lastState, type TakeoverDoc } from './stored-event.js';

/** Moves events to `removed_events`, over an earlier record of theirs. */
export async function removeEvents(
  { events, removedEvents }: Pick<Collections, 'events' | 'removedEvents'>,
  { session, orgId }: FencedWrite,
  leaving: readonly (EventDoc | TakeoverDoc)[],
  { reason, at }: { reason: RemovalReason; at: Date },
): Promise<void> {
  if (leaving.length === 0) return;
  const docs = leaving.map((one) => ({ _id: one._id as ObjectId, doc: lastStateOf(one, at) }));
  await removedEvents.bulkWrite(
    docs.map(({ _id, doc }) => ({
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
  const leavingIds = docs.map(({ _id }) => _id);
  await events.deleteMany({ orgId, _id: { $in: leavingIds } }, { session });
}

function lastStateOf(one: EventDoc | TakeoverDoc, at: Date): Omit<EventDoc, '_id'> {
  if ('considered' in one) return lastState(one, at);
  return Object.fromEntries(
    Object.entries(one).filter(([name]) => name !== '_id' && name !== 'fingerprint'),
  ) as Omit<EventDoc, '_id'>;
}
