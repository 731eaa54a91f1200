import type { Collection, Db, IndexDescription } from 'mongodb';
import type {
  CalendarShapeDoc,
  DecisionDoc,
  EventDoc,
  EventStateDoc,
  HeldRemovalDoc,
  OrganizationDoc,
  QuarantinedEntryDoc,
  RemovedEventDoc,
  StagedPageDoc,
  SyncFenceDoc,
  SyncRunDoc,
  WebhookDeliveryDoc,
} from './documents.js';
import { findDocumentsInTheWay } from './documents-in-the-way.js';
import { ensureCollectionIndexes, foreignIndexConflict, lookAtCollectionIndexes } from './ensure-indexes.js';
import { guarded } from './errors.js';
import type { DocumentsInTheWay, ForeignIndexConflict, IndexInTheWay } from './in-the-way.js';

export interface Collections {
  organizations: Collection<OrganizationDoc>;
  events: Collection<EventDoc>;
  removedEvents: Collection<RemovedEventDoc>;
  stagedPages: Collection<StagedPageDoc>;
  quarantinedEntries: Collection<QuarantinedEntryDoc>;
  eventStates: Collection<EventStateDoc>;
  heldRemovals: Collection<HeldRemovalDoc>;
  decisions: Collection<DecisionDoc>;
  calendarShapes: Collection<CalendarShapeDoc>;
  syncFences: Collection<SyncFenceDoc>;
  syncRuns: Collection<SyncRunDoc>;
  webhookDeliveries: Collection<WebhookDeliveryDoc>;
}

export function collectionsOf(db: Db): Collections {
  return {
    organizations: db.collection('organizations'),
    events: db.collection('events'),
    removedEvents: db.collection('removed_events'),
    stagedPages: db.collection('staged_pages'),
    quarantinedEntries: db.collection('quarantined_entries'),
    eventStates: db.collection('event_states'),
    heldRemovals: db.collection('held_removals'),
    decisions: db.collection('decisions'),
    calendarShapes: db.collection('calendar_shapes'),
    syncFences: db.collection('sync_fences'),
    syncRuns: db.collection('sync_runs'),
    webhookDeliveries: db.collection('webhook_deliveries'),
  };
}

const DAY_SECONDS = 86_400;

/** Every index, by collection. `organizations` is the application's: nothing is added there. */
const INDEXES: Record<string, IndexDescription[]> = {
  events: [
    { name: 'by_org', key: { orgId: 1, lumaEventId: 1 }, unique: true },
    { name: 'by_org_start', key: { orgId: 1, startAt: 1 } },
    { name: 'by_luma_id', key: { lumaEventId: 1 } },
    { name: 'by_changed', key: { orgId: 1, changedAt: 1 } },
    // Of all organizations together: see read/find-events.ts.
    { name: 'by_start', key: { startAt: 1, _id: 1 } },
    { name: 'by_end', key: { endAt: 1, startAt: 1 } },
    { name: 'by_tag', key: { tags: 1, startAt: 1, _id: 1 } },
    { name: 'by_city', key: { city: 1, startAt: 1, _id: 1 } },
  ],
  removed_events: [
    { name: 'by_org', key: { orgId: 1, lumaEventId: 1 }, unique: true },
    { name: 'by_removed', key: { orgId: 1, removedAt: 1 } },
    // Of all organizations together: see feeds/feed-contents.ts.
    { name: 'by_removed_time', key: { removedAt: 1 } },
  ],
  staged_pages: [
    // Of two attempts at one page, the later insert fails: it stops there.
    { name: 'by_sync', key: { syncId: 1, phase: 1, seq: 1 }, unique: true },
    { name: 'expiry', key: { observedAt: 1 }, expireAfterSeconds: 2 * DAY_SECONDS },
  ],
  quarantined_entries: [{ name: 'by_org', key: { orgId: 1, entryKey: 1 }, unique: true }],
  event_states: [{ name: 'by_org', key: { orgId: 1, lumaEventId: 1 }, unique: true }],
  held_removals: [{ name: 'by_org', key: { orgId: 1, lumaEventId: 1 }, unique: true }],
  sync_fences: [{ name: 'expiry', key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  decisions: [
    { name: 'by_org', key: { orgId: 1, at: -1 } },
    { name: 'by_time', key: { at: -1 } },
  ],
  sync_runs: [
    { name: 'by_org', key: { orgId: 1, startedAt: -1 } },
    { name: 'expiry', key: { startedAt: 1 }, expireAfterSeconds: 90 * DAY_SECONDS },
  ],
  webhook_deliveries: [{ name: 'expiry', key: { at: 1 }, expireAfterSeconds: DAY_SECONDS }],
};

/**
 * Creates what is missing; any number of workers may do it at the same time. What cannot be created in one collection
 * keeps none from being created in another.
 * @throws IndexInTheWay, DocumentsInTheWay, StoreUnavailable: the first one
 */
export async function ensureIndexes(db: Db): Promise<void> {
  const errors: unknown[] = [];
  for (const [name, indexes] of Object.entries(INDEXES)) {
    await ensureCollectionIndexes(db.collection(name), indexes).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

export interface IndexesFound {
  /** How many there should be. */
  expected: number;
  /** `collection.index` */
  missing: string[];
  /** What keeps missing ones from being created; the messages say what helps. */
  inTheWay: (IndexInTheWay | DocumentsInTheWay)[];
}

/** Compares the indexes with those that should be there, and changes nothing. @throws StoreUnavailable */
export async function lookAtIndexes(db: Db): Promise<IndexesFound> {
  const found = await Promise.all(
    Object.entries(INDEXES).map(async ([name, indexes]) => {
      const collection = db.collection(name);
      const { missing, inTheWay } = await lookAtCollectionIndexes(collection, indexes);
      const unique = missing.find((index) => index.unique === true);
      const documents =
        unique === undefined || inTheWay.length > 0
          ? null
          : await guarded('look for documents in the way of an index', () =>
              findDocumentsInTheWay(collection, Object.keys(unique.key)),
            );
      return {
        missing: missing.map((index) => `${name}.${index.name ?? ''}`),
        inTheWay: [...inTheWay, ...(documents === null ? [] : [documents])],
      };
    }),
  );
  return {
    expected: Object.values(INDEXES).flat().length,
    missing: found.flatMap(({ missing }) => missing),
    inTheWay: found.flatMap(({ inTheWay }) => inTheWay),
  };
}

/**
 * What a write of `events` or `removed_events` ends with that a unique index refused: the named error where the index
 * is none of this program's, `null` where another writer stored the same event first.
 *
 * @param index its name, as the driver's error has it
 * @throws StoreUnavailable
 */
export async function eventsIndexConflict(
  collection: Collection<EventDoc> | Collection<RemovedEventDoc>,
  index: string,
): Promise<ForeignIndexConflict | null> {
  const own = INDEXES[collection.collectionName] ?? [];
  return await foreignIndexConflict(collection as unknown as Collection, index, own);
}
