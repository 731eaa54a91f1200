import { ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import type { EventStateDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

export type EventState = Pick<EventStateDoc, 'managed' | 'dueAt' | 'detailsAt' | 'missedIn'>;

/** What is to be remembered of one event; `null` forgets. */
export interface StateChange {
  lumaEventId: string;
  set?: EventState;
  unset?: (keyof EventState)[];
}

export type EventStateStore = ReturnType<typeof eventStateStore>;

/** `event_states`: what a sync remembers about events beside what readers see. */
export function eventStateStore({ eventStates }: Collections) {
  async function change(orgId: OrgId, changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return;
    await guarded('remember event states', () =>
      eventStates.bulkWrite(
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
        { ordered: false },
      ),
    );
  }

  return {
    change,

    async read(orgId: OrgId, ids: readonly string[]): Promise<Map<string, EventState>> {
      if (ids.length === 0) return new Map();
      const docs = await guarded('read event states', () =>
        eventStates.find({ orgId, lumaEventId: { $in: [...ids] } }).toArray(),
      );
      return new Map(docs.map((doc) => [doc.lumaEventId, doc]));
    },

    /**
     * Counts one complete listing that lacked these events, up to `enough`. Idempotent: a listing counts by its sync.
     */
    async addMiss(
      orgId: OrgId,
      ids: readonly string[],
      { syncId, enough }: { syncId: string; enough: number },
    ): Promise<void> {
      const states = await this.read(orgId, ids);
      const counted = (lumaEventId: string) => (states.get(lumaEventId)?.missedIn ?? []).length >= enough;
      const open = ids.filter((lumaEventId) => !counted(lumaEventId));
      if (open.length === 0) return;
      await guarded('remember missed events', () =>
        eventStates.bulkWrite(
          open.map((lumaEventId) => ({
            updateOne: {
              filter: { orgId, lumaEventId },
              update: { $addToSet: { missedIn: syncId }, $setOnInsert: { _id: new ObjectId() } },
              upsert: true,
            },
          })),
          { ordered: false },
        ),
      );
    },
  };
}
