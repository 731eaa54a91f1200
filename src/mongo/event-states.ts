import { type ClientSession, ObjectId } from 'mongodb';
import type { EventState, StateChange } from '../events/event-state.js';
import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';
import type { FencedWrite } from './fence.js';

export type EventStateStore = ReturnType<typeof eventStateStore>;

/** `event_states`: what a sync remembers about events beside what readers see. */
export function eventStateStore({ eventStates }: Collections) {
  async function read(
    orgId: OrgId,
    ids: readonly string[],
    session?: ClientSession,
  ): Promise<Map<string, EventState>> {
    if (ids.length === 0) return new Map();
    const docs = await guarded('read event states', () =>
      eventStates
        .find({ orgId, lumaEventId: { $in: [...ids] } }, { session })
        .project<EventState & { lumaEventId: string }>({ _id: 0, orgId: 0 })
        .toArray(),
    );
    return new Map(docs.map((doc) => [doc.lumaEventId, doc]));
  }

  return {
    read,

    /** Of all events of the organization: for a calendar of any size one query. */
    async all(orgId: OrgId): Promise<Map<string, EventState>> {
      const docs = await guarded('read event states', () =>
        eventStates
          .find({ orgId })
          .project<EventState & { lumaEventId: string }>({ _id: 0, orgId: 0 })
          .batchSize(10_000)
          .toArray(),
      );
      return new Map(docs.map((doc) => [doc.lumaEventId, doc]));
    },

    async change({ session, orgId }: FencedWrite, changes: readonly StateChange[]): Promise<void> {
      if (changes.length === 0) return;
      await eventStates.bulkWrite(
        changes.map(({ lumaEventId, set = {}, unset = [] }) => ({
          updateOne: {
            filter: { orgId, lumaEventId },
            update: {
              ...(Object.keys(set).length > 0 ? { $set: set } : {}),
              ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((field) => [field, ''])) } : {}),
              $setOnInsert: { _id: new ObjectId() },
            },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    },

    /** Counts one complete listing that lacked these events. */
    async addMiss({ session, orgId, syncId }: FencedWrite, ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return;
      await eventStates.bulkWrite(
        ids.map((lumaEventId) => ({
          updateOne: {
            filter: { orgId, lumaEventId },
            update: { $addToSet: { missedIn: syncId }, $setOnInsert: { _id: new ObjectId() } },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    },
  };
}
