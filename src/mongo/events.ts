import { type AnyBulkWriteOperation, type Filter, ObjectId } from 'mongodb';
import { diffEvent, mergeObserved } from '../events/diff.js';
import type { ObservedEvent, QuarantinedEntry } from '../events/event.js';
import type { MergedPages } from '../events/merge-pages.js';
import { newEventFields } from '../events/new-event.js';
import type { Collections } from './collections.js';
import type { EventDoc, OrgId, RemovedEventDoc } from './documents.js';
import { guarded, isDuplicateKey, StoreUnavailable } from './errors.js';

export interface ApplyResult {
  inserted: number;
  changed: number;
  unchanged: number;
  /** Moved to `removed_events`, because Luma says they are no longer for this organization's readers. */
  removed: number;
  /** New events that lack what a stored event needs. */
  unusable: QuarantinedEntry[];
}

export interface ApplyOptions {
  now: Date;
  /**
   * When the work was first asked for. What has been written since counts as this call's own doing, so that a
   * retry after a crash reports what the first attempt wrote.
   */
  since: Date;
}

export interface EventQuery {
  orgId?: OrgId;
  /** Starting at or after. */
  from?: Date;
  /** Starting before. */
  to?: Date;
  limit: number;
}

/** Ids in one `$in`, and writes in one bulk: large enough to be few, small enough for one answer. */
const CHUNK = 500;
/** A conflict means that another writer was faster; more in a row than this is no coincidence. */
const MAX_CONFLICTS = 5;
const NEVER = new Date(0);

export type EventStore = ReturnType<typeof eventStore>;

/** `events` and `removed_events`: reads what is held, writes only what differs. */
export function eventStore({ events, removedEvents }: Collections) {
  /** Applies one chunk; `null` where another writer interfered and all has to be read anew. */
  async function applyChunk(
    orgId: OrgId,
    visible: readonly ObservedEvent[],
    hidden: readonly string[],
    { now, since }: ApplyOptions,
  ): Promise<ApplyResult | null> {
    const ids = [...visible.map((event) => event.lumaEventId), ...hidden];
    const filter = { orgId, lumaEventId: { $in: ids } };
    const [heldDocs, removedDocs] = await guarded('read events', () =>
      Promise.all([events.find(filter).toArray(), removedEvents.find(filter).toArray()]),
    );
    const held = new Map(heldDocs.map((doc) => [doc.lumaEventId, doc]));
    const removed = new Map(removedDocs.map((doc) => [doc.lumaEventId, doc]));

    const result: ApplyResult = { inserted: 0, changed: 0, unchanged: 0, removed: 0, unusable: [] };
    const writes: AnyBulkWriteOperation<EventDoc>[] = [];
    let updates = 0;
    for (const { lumaEventId, fields } of visible) {
      const doc = held.get(lumaEventId);
      if (doc === undefined) {
        const before = removed.get(lumaEventId);
        // An event that comes back keeps what Luma does not speak of; that it may be shown must be said anew.
        const { visibility } = fields;
        const fresh = newEventFields({ ...mergeObserved(before ?? {}, fields), visibility });
        if ('problems' in fresh) {
          result.unusable.push({ lumaEventId, problems: fresh.problems, values: { id: lumaEventId } });
          continue;
        }
        const document: EventDoc = {
          _id: new ObjectId(),
          orgId,
          lumaEventId,
          ...fresh.fields,
          syncedAt: now,
          revision: (before?.revision ?? 0) + 1,
          createdAt: before?.createdAt ?? now,
          changedAt: now,
        };
        writes.push({ insertOne: { document } });
        result.inserted++;
        continue;
      }
      const change = diffEvent(doc, fields);
      if (change === null) {
        if (doc.changedAt < since) result.unchanged++;
        else if (doc.createdAt < since) result.changed++;
        else result.inserted++;
        continue;
      }
      updates++;
      result.changed++;
      writes.push({
        updateOne: {
          filter: { _id: doc._id, revision: doc.revision },
          update: {
            $set: { ...change.set, syncedAt: now, revision: doc.revision + 1, changedAt: now },
            ...(change.unset.length === 0
              ? {}
              : { $unset: Object.fromEntries(change.unset.map((field) => [field, ''])) }),
          },
        },
      });
    }

    if (writes.length > 0) {
      try {
        const written = await events.bulkWrite(writes, { ordered: false });
        if (written.matchedCount < updates) return null;
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        await guarded('write events', () => Promise.reject(error as Error));
      }
    }
    // Only now: an event that came back is never in neither collection. One that could not be stored stays removed.
    const unusable = new Set(result.unusable.map((entry) => entry.lumaEventId));
    const back = visible.flatMap(({ lumaEventId }) =>
      unusable.has(lumaEventId) ? [] : (removed.get(lumaEventId)?._id ?? []),
    );
    if (back.length > 0) {
      await guarded('forget removals', () => removedEvents.deleteMany({ _id: { $in: back } }));
    }
    const leaving = hidden.flatMap((id) => held.get(id) ?? []);
    const left = hidden.filter((id) => !held.has(id) && (removed.get(id)?.removedAt ?? NEVER) >= since);
    result.removed += left.length + (await remove(leaving, 'not-public', now));
    return result;
  }

  /**
   * Moves events to `removed_events`. Copied first and deleted second: a crash between the two leaves the event
   * where it was, and the next sync finishes the move.
   */
  async function remove(
    docs: readonly EventDoc[],
    removalReason: RemovedEventDoc['removalReason'],
    now: Date,
  ): Promise<number> {
    if (docs.length === 0) return 0;
    return await guarded('remove events', async () => {
      await removedEvents.bulkWrite(
        docs.map(({ _id, ...doc }) => ({
          updateOne: {
            filter: { orgId: doc.orgId, lumaEventId: doc.lumaEventId },
            update: { $set: { ...doc, removedAt: now, removalReason }, $setOnInsert: { _id } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
      const { deletedCount } = await events.deleteMany({ _id: { $in: docs.map((doc) => doc._id) } });
      return deletedCount;
    });
  }

  async function applyUntilSettled(
    orgId: OrgId,
    visible: readonly ObservedEvent[],
    hidden: readonly string[],
    options: ApplyOptions,
  ): Promise<ApplyResult> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const result = await applyChunk(orgId, visible, hidden, options);
      if (result !== null) return result;
    }
    throw new StoreUnavailable('write events', 'another writer keeps changing the same events');
  }

  return {
    /** Makes `events` say what the merged pages say. @throws StoreUnavailable */
    async apply(orgId: OrgId, pages: MergedPages, options: ApplyOptions): Promise<ApplyResult> {
      const total: ApplyResult = { inserted: 0, changed: 0, unchanged: 0, removed: 0, unusable: [] };
      const visible = [...pages.visible.values()];
      const hidden = [...pages.hidden.keys()];
      for (let at = 0; at < Math.max(visible.length, hidden.length); at += CHUNK) {
        const end = at + CHUNK;
        const part = await applyUntilSettled(orgId, visible.slice(at, end), hidden.slice(at, end), options);
        total.inserted += part.inserted;
        total.changed += part.changed;
        total.unchanged += part.unchanged;
        total.removed += part.removed;
        total.unusable.push(...part.unusable);
      }
      return total;
    },

    /** Events in order of their start. @throws StoreUnavailable */
    async list({ orgId, from, to, limit }: EventQuery): Promise<EventDoc[]> {
      const startAt = {
        ...(from === undefined ? {} : { $gte: from }),
        ...(to === undefined ? {} : { $lt: to }),
      };
      const filter: Filter<EventDoc> = {
        ...(orgId === undefined ? {} : { orgId }),
        ...(from === undefined && to === undefined ? {} : { startAt }),
      };
      return await guarded('read events', () =>
        events.find(filter).sort({ startAt: 1, _id: 1 }).limit(limit).toArray(),
      );
    },
  };
}
