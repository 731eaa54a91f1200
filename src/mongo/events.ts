import type { Collection, Filter, WithId } from 'mongodb';
import type { MergedPages } from '../events/merge-pages.js';
import type { SyncWindow } from '../events/window.js';
import { applyChunk, type ApplyOptions, type ApplyResult, readById } from './apply-events.js';
import { changeClock } from './change-clock.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovalReason } from './documents.js';
import { guarded, StoreUnavailable } from './errors.js';
import { removeEvents } from './remove-events.js';

export type { ApplyOptions, ApplyResult } from './apply-events.js';

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

/** Ids in one `$in`, and writes in one bulk: large enough to be few, small enough for one answer. */
const CHUNK = 500;
/** A conflict means that another writer was faster; more in a row than this is no coincidence. */
const MAX_CONFLICTS = 5;

export type EventStore = ReturnType<typeof eventStore>;
/** Enough of a stored event to decide on its removal. */
export type HeldEvent = Pick<EventDoc, 'lumaEventId' | 'title' | 'startAt' | 'platform'>;

/** `events` and `removed_events`: reads what is held, writes only what differs. */
export function eventStore(collections: Collections) {
  const { events, removedEvents } = collections;
  const nextInstant = changeClock(collections);

  return {
    /** Makes `events` say what the merged pages say. @throws StoreUnavailable */
    async apply(orgId: OrgId, pages: MergedPages, options: ApplyOptions): Promise<ApplyResult> {
      const total: ApplyResult = { inserted: 0, changed: 0, unchanged: 0, removed: 0, unusable: [] };
      const visible = [...pages.visible.values()];
      const hidden = [...pages.hidden.keys()];
      for (let at = 0; at < Math.max(visible.length, hidden.length); at += CHUNK) {
        const chunk = { visible: visible.slice(at, at + CHUNK), hidden: hidden.slice(at, at + CHUNK) };
        const part = await untilSettled(() => applyChunk(collections, orgId, chunk, options));
        total.inserted += part.inserted;
        total.changed += part.changed;
        total.unchanged += part.unchanged;
        total.removed += part.removed;
        total.unusable.push(...part.unusable);
      }
      return total;
    },

    /** The stored documents of these events. */
    held: (orgId: OrgId, ids: readonly string[]) => readInChunks(events, orgId, ids),

    /** The last state of those of these events that are gone. */
    gone: (orgId: OrgId, ids: readonly string[]) => readInChunks(removedEvents, orgId, ids),

    /**
     * Stored events whose start lies inside the window and that were not written since `before`: those that a
     * complete listing of the window should show. By start.
     */
    async expected(orgId: OrgId, window: SyncWindow | undefined, before: Date): Promise<HeldEvent[]> {
      const { after, before: end } = window ?? {};
      const filter: Filter<EventDoc> = { orgId, syncedAt: { $lt: before } };
      if (after !== undefined || end !== undefined) {
        filter.startAt = {
          ...(after === undefined ? {} : { $gte: new Date(after) }),
          ...(end === undefined ? {} : { $lt: new Date(end) }),
        };
      }
      return await guarded('read expected events', () =>
        events
          .find(filter)
          .project<HeldEvent>({ _id: 0, lumaEventId: 1, title: 1, startAt: 1, platform: 1 })
          .sort({ startAt: 1 })
          .toArray(),
      );
    },

    async count(orgId: OrgId): Promise<number> {
      return await guarded('count events', () => events.countDocuments({ orgId }));
    },

    /** Moves events to `removed_events`. @returns how many were moved */
    async remove(orgId: OrgId, ids: readonly string[], reason: RemovalReason, now: Date): Promise<number> {
      let moved = 0;
      for (const docs of chunksOf(await readInChunks(events, orgId, ids))) {
        moved += await removeEvents(collections, orgId, docs, { reason, at: await nextInstant(orgId, now) });
      }
      return moved;
    },

    /** Events in order of their start. @throws StoreUnavailable */
    async list({ orgId, from, to, limit, allVisibilities = false }: EventQuery): Promise<EventDoc[]> {
      const filter: Filter<EventDoc> = {
        ...(orgId === undefined ? {} : { orgId }),
        ...(allVisibilities ? {} : { visibility: 'public' }),
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

async function untilSettled(apply: () => Promise<ApplyResult | null>): Promise<ApplyResult> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const result = await apply();
    if (result !== null) return result;
  }
  throw new StoreUnavailable('write events', 'another writer keeps changing the same events');
}

async function readInChunks<Doc extends EventDoc>(
  collection: Collection<Doc>,
  orgId: OrgId,
  ids: readonly string[],
): Promise<WithId<Doc>[]> {
  const docs: WithId<Doc>[] = [];
  for (const chunk of chunksOf(ids)) docs.push(...(await readById(collection, orgId, chunk)).values());
  return docs;
}

function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += CHUNK) chunks.push(items.slice(at, at + CHUNK));
  return chunks;
}
