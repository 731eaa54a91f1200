import type { Db, Document } from 'mongodb';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ObservedEvent, ObservedFields } from '../../../src/events/event.js';
import { mergePages, type PageContents } from '../../../src/events/merge-pages.js';
import type { OrgId } from '../../../src/mongo/documents.js';
import type { ApplyOptions, ApplyResult } from '../../../src/mongo/events.js';
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

export function contents(
  second: number,
  { events = [], hidden = [] }: { events?: ObservedEvent[]; hidden?: string[] },
): PageContents {
  return {
    observedAt: at(second),
    events,
    hidden: hidden.map((lumaEventId) => ({ lumaEventId, visibility: 'private' })),
    quarantined: [],
  };
}

/** As of an activity that a sync asked for at that second, in its first moment. */
export function optionsAt(second: number): ApplyOptions {
  return { now: at(second), since: at(second), syncBegan: at(second) };
}

/** Applies one observation as an activity that was asked for at the same second does. */
export async function applyAt(
  store: Store,
  orgId: OrgId,
  second: number,
  said: { events?: ObservedEvent[]; hidden?: string[] },
): Promise<ApplyResult> {
  const merged = mergePages([contents(second, said)]);
  return await store.events.apply(orgId, merged, optionsAt(second));
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

/** A collection's documents as they are, in a stable order. */
export async function everything(db: Db, collection: string): Promise<Document[]> {
  return await db.collection(collection).find().sort({ orgId: 1, lumaEventId: 1, _id: 1 }).toArray();
}
