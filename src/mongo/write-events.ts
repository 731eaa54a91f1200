import { type AnyBulkWriteOperation, type ClientSession, type Filter, ObjectId } from 'mongodb';
import { EVENT_FIELDS } from '../events/diff.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovalReason } from './documents.js';
import type { EventsPlan } from './events.js';
import type { FencedWrite } from './fence.js';
import { lastState, type TakeoverDoc } from './stored-event.js';

type EventCollections = Pick<Collections, 'events' | 'removedEvents'>;

/** Carries out a plan, with one instant for all of it. Writes nothing where nothing changes. */
export async function writeEvents(
  collections: EventCollections,
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
    const at = await nextChangeAt(collections, write, now);
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

/** Moves events to `removed_events`, over an earlier record of theirs. */
export async function removeEvents(
  { events, removedEvents }: EventCollections,
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

/**
 * The instant of an organization's next change: now, or just after its newest change where a clock stepped back.
 * Changes of one organization are written one batch after the other, so that a reader who follows `changedAt` and
 * `removedAt` meets every change.
 */
export async function nextChangeAt(
  collections: EventCollections,
  { session, orgId }: FencedWrite,
  now: Date,
): Promise<Date> {
  return new Date(Math.max(now.getTime(), (await newestChangeMs(collections, orgId, session)) + 1));
}

/** When the organization's newest change was written, ms since 1970; 0: there is none. */
export async function newestChangeMs(
  { events, removedEvents }: EventCollections,
  orgId: OrgId,
  session?: ClientSession,
): Promise<number> {
  const changed = await events
    .find({ orgId, changedAt: { $type: 'date' } }, { session, projection: { _id: 0, changedAt: 1 } })
    .sort({ changedAt: -1 })
    .limit(1)
    .next();
  const removed = await removedEvents
    .find({ orgId, removedAt: { $type: 'date' } }, { session, projection: { _id: 0, removedAt: 1 } })
    .sort({ removedAt: -1 })
    .limit(1)
    .next();
  return Math.max(changed?.changedAt.getTime() ?? 0, removed?.removedAt.getTime() ?? 0);
}
