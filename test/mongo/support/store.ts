import type { Db, Document } from 'mongodb';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { ObservedEvent, ObservedFields, QuarantinedEntry } from '../../../src/events/event.js';
import { mergePages, type PageContents } from '../../../src/events/merge-pages.js';
import type { OrgId } from '../../../src/mongo/documents.js';
import { planChanges } from '../../../src/events/plan.js';
import type { FencedWrite } from '../../../src/mongo/fence.js';
import type { NewStagedPage } from '../../../src/mongo/staged-pages.js';
import { connectStore, type Store } from '../../../src/mongo/store.js';
import { freshDatabase } from '../../support/servers.js';

/** A store as the worker opens it, on a database of its own that is emptied after each test. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly db: Db;
  readonly uri: string;
}

/** Call at the top of a file. */
export function useStore(): StoreUnderTest {
  const { db, uri, name } = freshDatabase();
  let store: Store | undefined;
  // freshDatabase drops after this closes: vitest runs afterAll hooks in reverse.
  beforeAll(async () => {
    store = await connectStore({ uri, db: name });
    await store.ensureIndexes();
  });
  afterEach(async () => {
    for (const { name: collection } of await db.listCollections().toArray())
      await db.collection(collection).deleteMany({});
  });
  afterAll(() => store?.close());
  return {
    get store() {
      if (store === undefined) throw new Error('not connected yet');
      return store;
    },
    db,
    uri,
  };
}

const START = Date.parse('2090-11-03T18:00:00Z');

/** So many seconds after an instant that all tests share. */
export function at(second: number): Date {
  return new Date(START + second * 1000);
}

/** A well-formed observation, with what is said otherwise. */
export function seen(lumaEventId: string, fields: ObservedFields = {}): ObservedEvent {
  const base: ObservedFields = {
    title: `Title of ${lumaEventId}`,
    startAt: at(86_400),
    timezone: 'Europe/Brussels',
    url: `https://luma.com/${lumaEventId}`,
    isVirtual: false,
    locationKind: 'in-person',
    visibility: 'public',
    platform: 'luma',
    tags: ['outdoors'],
  };
  return { lumaEventId, managed: true, fields: { ...base, ...fields } };
}

export function contents({
  events = [],
  hidden = [],
}: {
  events?: ObservedEvent[];
  hidden?: string[];
}): PageContents {
  return {
    events,
    hidden: hidden.map((lumaEventId) => ({ lumaEventId, visibility: 'private' })),
    quarantined: [],
  };
}

/** Opens a sync of the organization; the one before may write no more. */
export async function openSync(store: Store, orgId: OrgId, syncId: string = randomUUID()): Promise<string> {
  await store.fences.open(orgId, { syncId, openedAt: at(0), openedBy: 'open', keyDigest: 'digest' });
  return syncId;
}

/** One write of a sync of its own. */
export async function inWrite<T>(
  store: Store,
  orgId: OrgId,
  work: (write: FencedWrite) => Promise<T>,
  syncId?: string,
): Promise<T> {
  return await store.fences.write(orgId, await openSync(store, orgId, syncId), work);
}

/** What applying one observation came to. */
export interface Applied {
  inserted: number;
  changed: number;
  unchanged: number;
  removed: number;
  unusable: QuarantinedEntry[];
}

/** Applies one observation, as a sync of its own at that second does. */
export async function applyAt(
  store: Store,
  orgId: OrgId,
  second: number,
  said: { events?: ObservedEvent[]; hidden?: string[] },
): Promise<Applied> {
  return await inWrite(store, orgId, (write) => applyIn(store, write, second, said));
}

export async function applyIn(
  store: Pick<Store, 'events'>,
  write: FencedWrite,
  second: number,
  said: { events?: ObservedEvent[]; hidden?: string[] },
): Promise<Applied> {
  const { visible, hidden } = mergePages([contents(said)]);
  const ids = [...visible.keys(), ...hidden.keys()];
  const known = await store.events.known(write.orgId, ids, write.session);
  const plan = planChanges(visible.values(), hidden.keys(), known);
  await store.events.write(write, plan, at(second));
  const { inserts, updates, hides, unchanged, unusable } = plan;
  return { inserted: inserts.length, changed: updates.length, unchanged, removed: hides.length, unusable };
}

/** Removes events as a sync at that second does, and what was held back of them. */
export async function cancelAt(store: Store, orgId: OrgId, second: number, ...ids: string[]): Promise<void> {
  await inWrite(store, orgId, async (write) => {
    await store.events.remove(write, new Map(ids.map((id) => [id, 'canceled'])), at(second));
  });
}

/** Holds the removal of events back. */
export async function holdAt(store: Store, orgId: OrgId, second: number, ...ids: string[]): Promise<void> {
  const removal = { title: 'T', startAt: at(1), reason: 'canceled' as const };
  const held = ids.map((lumaEventId) => ({ ...removal, lumaEventId }));
  await inWrite(store, orgId, (write) => store.heldRemovals.hold(write, held, at(second)));
}

export function stagedPage(
  page: Partial<NewStagedPage> & Pick<NewStagedPage, 'syncId' | 'seq'>,
): NewStagedPage {
  return {
    orgId: 'org',
    phase: 'listing',
    observedAt: at(page.seq),
    entries: 0,
    events: [],
    hidden: [],
    quarantined: [],
    undescribed: [],
    nextCursor: `after-${page.seq}`,
    hasMore: true,
    ...page,
  };
}

/** A collection's documents as they are, in a stable order; of events without what tells listings apart. */
export async function everything(db: Db, collection: string): Promise<Document[]> {
  return await db
    .collection(collection)
    .find({}, { projection: { fingerprint: 0 } })
    .sort({ orgId: 1, lumaEventId: 1, _id: 1 })
    .toArray();
}
