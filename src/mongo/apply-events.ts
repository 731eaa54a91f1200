import { type AnyBulkWriteOperation, type Collection, type Filter, ObjectId, type WithId } from 'mongodb';
import type { ObservedEvent, QuarantinedEntry } from '../events/event.js';
import { planEvent } from '../events/plan.js';
import type { Collections } from './collections.js';
import { changeClock } from './change-clock.js';
import type { EventDoc, OrgId } from './documents.js';
import { guarded, isDuplicateKey } from './errors.js';
import { removeEvents } from './remove-events.js';

export interface ApplyResult {
  inserted: number;
  changed: number;
  unchanged: number;
  /** Moved to `removed_events`, because Luma says they are not for this organization's readers. */
  removed: number;
  /** New events that lack what a stored event needs. */
  unusable: QuarantinedEntry[];
}

export interface ApplyOptions {
  now: Date;
  /**
   * When this call was first asked for: what has been written since counts as its doing, so that a retry after a
   * crash reports what the first attempt wrote.
   */
  since: Date;
  /** When the sync began: what an earlier call of it wrote has been counted. */
  syncBegan: Date;
  /** Called before anything is written, with the ids of events that are about to come, to come back or to change. */
  beforeChange?: (ids: string[]) => Promise<void>;
}

type EventCollections = Pick<Collections, 'events' | 'removedEvents'>;

/**
 * Makes the stored events say what was observed: one read of what is held, one unordered bulk write of what differs.
 * `null` where another writer interfered: all has to be read anew.
 */
export async function applyChunk(
  collections: EventCollections,
  orgId: OrgId,
  observed: { visible: readonly ObservedEvent[]; hidden: readonly string[] },
  options: ApplyOptions,
): Promise<ApplyResult | null> {
  const { events, removedEvents } = collections;
  const { visible, hidden } = observed;
  const ids = [...visible.map((e) => e.lumaEventId), ...hidden];
  const [held, removed] = await Promise.all([
    readById(events, orgId, ids),
    readById(removedEvents, orgId, ids),
  ]);
  const leaving = hidden.flatMap((id) => held.get(id) ?? []);

  const result: ApplyResult = { inserted: 0, changed: 0, unchanged: 0, removed: 0, unusable: [] };
  const inserts: Omit<EventDoc, 'changedAt' | 'syncedAt' | 'createdAt'>[] = [];
  const updates: { doc: EventDoc; set: object; unset: readonly string[] }[] = [];
  const changing: string[] = [];
  for (const { lumaEventId, fields } of visible) {
    const doc = held.get(lumaEventId);
    const before = removed.get(lumaEventId);
    const plan = planEvent(doc, before, fields);
    if (plan.kind === 'unusable') {
      result.unusable.push({ lumaEventId, problems: plan.problems, values: { id: lumaEventId } });
    } else if (plan.kind === 'insert') {
      const revision = (before?.revision ?? 0) + 1;
      inserts.push({ _id: new ObjectId(), orgId, lumaEventId, ...plan.fields, revision });
      changing.push(lumaEventId);
      result.inserted++;
    } else if (doc !== undefined) {
      if (plan.kind === 'change') {
        updates.push({ doc, set: plan.change.set, unset: plan.change.unset });
        changing.push(lumaEventId);
      }
      const outcome = outcomeOf(doc, plan.kind === 'change', options);
      if (outcome !== null) result[outcome]++;
    }
  }

  if (changing.length > 0) await options.beforeChange?.(changing);
  if (inserts.length + updates.length + leaving.length > 0) {
    const at = await changeClock(collections)(orgId, options.now);
    const writes: AnyBulkWriteOperation<EventDoc>[] = [
      ...inserts.map((doc): AnyBulkWriteOperation<EventDoc> => ({
        insertOne: {
          document: {
            ...doc,
            createdAt: removed.get(doc.lumaEventId)?.createdAt ?? at,
            changedAt: at,
            syncedAt: options.now,
          },
        },
      })),
      ...updates.map(({ doc, set, unset }): AnyBulkWriteOperation<EventDoc> => ({
        updateOne: {
          filter: { _id: doc._id, revision: doc.revision },
          update: {
            $set: { ...set, syncedAt: options.now, revision: doc.revision + 1, changedAt: at },
            ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((field) => [field, ''])) }),
          },
        },
      })),
    ];
    if (writes.length > 0) {
      try {
        const written = await events.bulkWrite(writes, { ordered: false });
        if (written.matchedCount < updates.length) return null;
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        await guarded('write events', () => Promise.reject(error as Error));
      }
    }
    result.removed = await removeEvents(collections, orgId, leaving, { reason: 'not-public', at });
  }
  // What the attempt before this one removed is this call's doing.
  const gone = hidden.flatMap((id) => (held.has(id) ? [] : (removed.get(id) ?? [])));
  result.removed += gone.filter((doc) => doc.removedAt >= options.since).length;
  // Last: an event that came back is never in neither collection. One that could not be stored stays removed.
  const unusable = new Set(result.unusable.map((entry) => entry.lumaEventId));
  const back = visible.flatMap(({ lumaEventId }) =>
    unusable.has(lumaEventId) ? [] : (removed.get(lumaEventId)?._id ?? []),
  );
  if (back.length > 0) {
    await guarded('forget removals', () => removedEvents.deleteMany({ _id: { $in: back } }));
  }
  return result;
}

/** The documents that one of the two collections has of these events, by the event's id. */
export async function readById<Doc extends EventDoc>(
  collection: Collection<Doc>,
  orgId: OrgId,
  ids: readonly string[],
): Promise<Map<string, WithId<Doc>>> {
  const filter = { orgId, lumaEventId: { $in: [...ids] } } as Filter<Doc>;
  const docs = await guarded('read events', () => collection.find(filter).toArray());
  return new Map(docs.map((doc) => [doc.lumaEventId, doc]));
}

/** How an event that is held counts; `null` where an earlier call of the same sync counted it. */
function outcomeOf(
  { createdAt, changedAt }: EventDoc,
  changes: boolean,
  { since, syncBegan }: ApplyOptions,
): 'inserted' | 'changed' | 'unchanged' | null {
  const countedBefore = [createdAt, changedAt].some((at) => at >= syncBegan && at < since);
  if (countedBefore) return null;
  if (createdAt >= since) return 'inserted';
  return changes || changedAt >= since ? 'changed' : 'unchanged';
}
