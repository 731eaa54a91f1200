import type { ClientSession, Collection, Document, Filter } from 'mongodb';
import type { ChangePlan, KnownEvents as Planning, RemovedEvent } from '../events/plan.js';
import type { ExpectedEvent } from '../events/removals.js';
import { readInstant } from '../events/read-fields.js';
import type { SyncWindow } from '../events/window.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovalReason, RemovedEventDoc } from './documents.js';
import { guarded } from './errors.js';
import type { FencedWrite } from './fence.js';
import { CONSIDERED, readStored, type TakeoverDoc } from './stored-event.js';
import { nextChangeAt, removeEvents, writeEvents } from './write-events.js';

export interface EventQuery {
  orgId?: OrgId;
  /** Starting at or after. */
  from?: Date;
  /** Starting before. */
  to?: Date;
  limit: number;
  /** Those that are not public too. */
  allVisibilities?: boolean;
}

/** Ids in one `$in`: few enough for one answer. */
const CHUNK = 500;

/** One answer holds so many: for most calendars there is no second one. */
const INDEX_BATCH = 10_000;

/** By id; `fingerprint` is `null` where the event has to be compared. */
export type EventIndex = Map<string, { fingerprint: string | null; startAt: Date | null }>;

export type EventStore = ReturnType<typeof eventStore>;

/** What is known of some events, by id. Documents of other programs are none of them. */
export type KnownEvents = Planning<EventDoc, TakeoverDoc> & { stored: Map<string, EventDoc> };
export type EventsPlan = ChangePlan<EventDoc, TakeoverDoc>;

/** `events` and `removed_events`. */
export function eventStore(collections: Collections) {
  const { events, removedEvents } = collections;

  return {
    async known(orgId: OrgId, ids: readonly string[], session?: ClientSession): Promise<KnownEvents> {
      const { ours, takeovers } = await readById(events, orgId, ids, session);
      const gone = await readById(removedEvents, orgId, ids, session);
      const removed = new Map<string, RemovedEvent>();
      for (const { lumaEventId, fields, revision, createdAt } of gone.takeovers.values()) {
        removed.set(lumaEventId, { fields, revision, createdAt });
      }
      for (const doc of gone.ours.values()) {
        removed.set(doc.lumaEventId, { fields: doc, revision: doc.revision, createdAt: doc.createdAt });
      }
      return { stored: ours, odd: takeovers, removed };
    },

    /**
     * What tells, of every stored event, whether a listing says anything new. One read for a whole calendar: a page has
     * nothing to ask for.
     */
    async index(orgId: OrgId): Promise<EventIndex> {
      const docs = await guarded('read fingerprints', () =>
        events
          .find({ orgId })
          .project({ _id: 0, lumaEventId: 1, fingerprint: 1, startAt: 1 })
          .batchSize(INDEX_BATCH)
          .toArray(),
      );
      const index: EventIndex = new Map();
      for (const { lumaEventId, fingerprint, startAt } of docs) {
        if (typeof lumaEventId !== 'string') continue;
        index.set(lumaEventId, {
          fingerprint: typeof fingerprint === 'string' ? fingerprint : null,
          startAt: startAt instanceof Date ? startAt : null,
        });
      }
      return index;
    },

    /** When these events begin, those of them that are stored. */
    async starts(orgId: OrgId, ids: readonly string[]): Promise<{ lumaEventId: string; startAt: Date }[]> {
      const found: { lumaEventId: string; startAt: Date }[] = [];
      for (let at = 0; at < ids.length; at += CHUNK) {
        const docs = await guarded('read starts', () =>
          events
            .find({ orgId, lumaEventId: { $in: ids.slice(at, at + CHUNK) }, startAt: { $type: 'date' } })
            .project<{ lumaEventId: string; startAt: Date }>({ _id: 0, lumaEventId: 1, startAt: 1 })
            .toArray(),
        );
        found.push(...docs);
      }
      return found;
    },

    /** Makes `events` say what was planned. */
    write: (write: FencedWrite, plan: EventsPlan, now: Date) => writeEvents(collections, write, plan, now),

    /** Moves events to `removed_events`. @returns how many were there to move */
    async remove(
      write: FencedWrite,
      leaving: ReadonlyMap<string, RemovalReason>,
      now: Date,
    ): Promise<number> {
      const { ours, takeovers } = await readById(events, write.orgId, [...leaving.keys()], write.session);
      const odd = [...takeovers.values()].filter(({ considered }) => considered);
      const docs = [...ours.values(), ...odd];
      if (docs.length === 0) return 0;
      const at = await nextChangeAt(collections, write, now);
      for (const reason of new Set(leaving.values())) {
        const going = docs.filter(({ lumaEventId }) => leaving.get(lumaEventId) === reason);
        await removeEvents(collections, write, going, { reason, at });
      }
      return docs.length;
    },

    /**
     * Stored events whose start lies inside the window: a complete listing of it should show them. By start.
     * @param only of these, where it is given
     */
    async expected(
      orgId: OrgId,
      window?: SyncWindow,
      session?: ClientSession,
      only?: readonly string[],
    ): Promise<ExpectedEvent[]> {
      const all = expectedIn(orgId, window);
      const filter = only === undefined ? all : { ...all, lumaEventId: { $in: [...only] } };
      const docs = await guarded('read expected events', () =>
        events
          .find(filter, { session })
          .project({ _id: 0, lumaEventId: 1, title: 1, startAt: 1, platform: 1, source: 1 })
          .sort({ startAt: 1 })
          .toArray(),
      );
      return docs.map(listedEvent);
    },

    async count(orgId: OrgId, session?: ClientSession): Promise<number> {
      return await guarded('count events', () =>
        events.countDocuments({ orgId, ...CONSIDERED }, { session }),
      );
    },

    /** Events in order of their start. @throws StoreUnavailable */
    async list({ orgId, from, to, limit, allVisibilities }: EventQuery): Promise<EventDoc[]> {
      const filter: Filter<EventDoc> = {
        ...(orgId === undefined ? {} : { orgId }),
        ...(allVisibilities === true ? {} : { visibility: 'public' }),
      };
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

async function readById(
  collection: Collection<EventDoc> | Collection<RemovedEventDoc>,
  orgId: OrgId,
  ids: readonly string[],
  session?: ClientSession,
): Promise<{ ours: Map<string, EventDoc>; takeovers: Map<string, TakeoverDoc> }> {
  const found = { ours: new Map<string, EventDoc>(), takeovers: new Map<string, TakeoverDoc>() };
  for (let at = 0; at < ids.length; at += CHUNK) {
    const filter = { orgId, lumaEventId: { $in: ids.slice(at, at + CHUNK) } };
    const docs = await guarded('read events', () =>
      (collection as Collection<EventDoc>).find(filter, { session }).toArray(),
    );
    for (const raw of docs) {
      const read = readStored(raw);
      if (read.kind === 'ours') found.ours.set(read.doc.lumaEventId, read.doc);
      if (read.kind === 'takeover') found.takeovers.set(read.doc.lumaEventId, read.doc);
    }
  }
  return found;
}

function expectedIn(orgId: OrgId, { after, before }: SyncWindow = {}): Filter<EventDoc> {
  const filter: Filter<EventDoc> = { orgId, ...CONSIDERED };
  if (after !== undefined || before !== undefined) {
    filter.startAt = {
      ...(after === undefined ? {} : { $gte: new Date(after) }),
      ...(before === undefined ? {} : { $lt: new Date(before) }),
    };
  }
  return filter;
}

/** Of a document as it may be: see stored-event.ts. */
function listedEvent({ lumaEventId, title, startAt, platform, source }: Document): ExpectedEvent {
  const id = String(lumaEventId);
  return {
    lumaEventId: id,
    title: typeof title === 'string' ? title : '',
    startAt: readInstant(startAt) ?? new Date(0),
    platform: typeof platform === 'string' ? platform : id.startsWith('calev-') ? 'external' : 'luma',
    ...(source === 'ical' ? { source: 'ical' as const } : {}),
  };
}
