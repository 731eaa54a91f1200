import type { ClientSession, Collection, Filter, WithId } from 'mongodb';
import type { ChangePlan } from '../events/plan.js';
import type { SyncWindow } from '../events/window.js';
import { changeClock } from './change-clock.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovalReason, RemovedEventDoc } from './documents.js';
import { guarded } from './errors.js';
import type { FencedWrite } from './fence.js';
import { removeEvents } from './remove-events.js';
import { writeEvents } from './write-events.js';

export interface EventQuery {
  orgId?: OrgId;
  /** Starting at or after. */
  from?: Date;
  /** Starting before. */
  to?: Date;
  limit: number;
}

/** Ids in one `$in`: few enough for one answer. */
const CHUNK = 500;

export type EventStore = ReturnType<typeof eventStore>;
/** Enough of a stored event to decide on its removal. */
export type ListedEvent = Pick<EventDoc, 'lumaEventId' | 'title' | 'startAt' | 'platform'>;

/** What is known of some events, by id. */
export interface KnownEvents {
  stored: Map<string, WithId<EventDoc>>;
  /** The last state of those that are gone. */
  removed: Map<string, WithId<RemovedEventDoc>>;
}

/** `events` and `removed_events`. */
export function eventStore(collections: Collections) {
  const { events, removedEvents } = collections;

  return {
    async known(orgId: OrgId, ids: readonly string[], session?: ClientSession): Promise<KnownEvents> {
      return {
        stored: await readById(events, orgId, ids, session),
        removed: await readById(removedEvents, orgId, ids, session),
      };
    },

    /** Makes `events` say what was planned. */
    write: (write: FencedWrite, plan: ChangePlan<EventDoc>, now: Date) =>
      writeEvents(collections, write, plan, now),

    /** Moves events to `removed_events`. @returns how many were there to move */
    async remove(
      write: FencedWrite,
      leaving: ReadonlyMap<string, RemovalReason>,
      now: Date,
    ): Promise<number> {
      const docs = await readById(events, write.orgId, [...leaving.keys()], write.session);
      if (docs.size === 0) return 0;
      const at = await changeClock(collections)(write, now);
      for (const reason of new Set(leaving.values())) {
        const going = [...docs.values()].filter(({ lumaEventId }) => leaving.get(lumaEventId) === reason);
        await removeEvents(collections, write, going, { reason, at });
      }
      return docs.size;
    },

    /** Stored events whose start lies inside the window: a complete listing of it should show them. By start. */
    async expected(orgId: OrgId, window?: SyncWindow, session?: ClientSession): Promise<ListedEvent[]> {
      const { after, before } = window ?? {};
      const filter: Filter<EventDoc> = { orgId };
      if (after !== undefined || before !== undefined) {
        filter.startAt = {
          ...(after === undefined ? {} : { $gte: new Date(after) }),
          ...(before === undefined ? {} : { $lt: new Date(before) }),
        };
      }
      return await guarded('read expected events', () =>
        events
          .find(filter, { ...(session === undefined ? {} : { session }) })
          .project<ListedEvent>({ _id: 0, lumaEventId: 1, title: 1, startAt: 1, platform: 1 })
          .sort({ startAt: 1 })
          .toArray(),
      );
    },

    async count(orgId: OrgId, session?: ClientSession): Promise<number> {
      return await guarded('count events', () =>
        events.countDocuments({ orgId }, session === undefined ? {} : { session }),
      );
    },

    /** Events in order of their start. @throws StoreUnavailable */
    async list({ orgId, from, to, limit }: EventQuery): Promise<EventDoc[]> {
      const filter: Filter<EventDoc> = orgId === undefined ? {} : { orgId };
      if (from !== undefined || to !== undefined) {
        filter.startAt = {
          ...(from === undefined ? {} : { $gte: from }),
          ...(to === undefined ? {} : { $lt: to }),
        };
      }
      return await guarded('read events', () =>
        events.find(filter).sort({ startAt: 1, _id: 1 }).limit(limit).toArray(),
      );
    },
  };
}

async function readById<Doc extends EventDoc>(
  collection: Collection<Doc>,
  orgId: OrgId,
  ids: readonly string[],
  session?: ClientSession,
): Promise<Map<string, WithId<Doc>>> {
  const found = new Map<string, WithId<Doc>>();
  for (let at = 0; at < ids.length; at += CHUNK) {
    const filter = { orgId, lumaEventId: { $in: ids.slice(at, at + CHUNK) } } as Filter<Doc>;
    const docs = await guarded('read events', () =>
      collection.find(filter, session === undefined ? {} : { session }).toArray(),
    );
    for (const doc of docs) found.set(doc.lumaEventId, doc);
  }
  return found;
}
