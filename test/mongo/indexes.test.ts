import { type CreateIndexesOptions, type Document, type IndexSpecification, ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { eventsIndexConflict } from '../../src/mongo/collections.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { DocumentsInTheWay, ForeignIndexConflict, IndexInTheWay } from '../../src/mongo/in-the-way.js';
import { connectStore } from '../../src/mongo/store.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const store = await connectStore({ uri, db: name });
const other = await connectStore({ uri, db: name });
afterAll(() => Promise.all([store.close(), other.close()]));
beforeEach(() => db.dropDatabase());

const UNIQUE_SPARSE: CreateIndexesOptions = { unique: true, sparse: true };
const NINETY_DAYS: CreateIndexesOptions = { expireAfterSeconds: 90 * 86_400 };
const PARTIAL: CreateIndexesOptions = {
  name: 'by_luma_id',
  partialFilterExpression: { lumaEventId: { $type: 'string' } },
};
const EXPIRY: CreateIndexesOptions = { name: 'expiry', expireAfterSeconds: 60 };
const BACKWARDS: IndexSpecification = { lumaEventId: 1, orgId: 1 };

const EXPECTED = {
  events: {
    by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'],
    by_org_start: [{ orgId: 1, startAt: 1 }],
    by_luma_id: [{ lumaEventId: 1 }],
    by_changed: [{ orgId: 1, changedAt: 1 }],
    by_start: [{ startAt: 1, _id: 1 }],
    by_end: [{ endAt: 1, startAt: 1 }],
    by_tag: [{ tags: 1, startAt: 1, _id: 1 }],
    by_city: [{ city: 1, startAt: 1, _id: 1 }],
  },
  removed_events: {
    by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'],
    by_removed: [{ orgId: 1, removedAt: 1 }],
    by_removed_time: [{ removedAt: 1 }],
  },
  staged_pages: {
    by_sync: [{ syncId: 1, phase: 1, seq: 1 }, 'unique'],
    expiry: [{ observedAt: 1 }, 2 * 86_400],
  },
  event_states: { by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'] },
  held_removals: { by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'] },
  decisions: { by_org: [{ orgId: 1, at: -1 }], by_time: [{ at: -1 }] },
  quarantined_entries: { by_org: [{ orgId: 1, entryKey: 1 }, 'unique'] },
  sync_fences: { expiry: [{ expireAt: 1 }, 0] },
  sync_runs: { by_org: [{ orgId: 1, startedAt: -1 }], expiry: [{ startedAt: 1 }, 90 * 86_400] },
  webhook_deliveries: { expiry: [{ at: 1 }, 86_400] },
};

async function indexes(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name: collection } of await db.listCollections().toArray()) {
    const all = await db.collection(collection).indexes();
    found[collection] = Object.fromEntries(
      all
        .filter((index) => index.name !== '_id_')
        .map((index) => [
          index.name,
          [
            index.key,
            ...(index.unique === true ? ['unique'] : []),
            ...(index.expireAfterSeconds === undefined ? [] : [index.expireAfterSeconds]),
          ],
        ]),
    );
  }
  return found;
}

test('two workers that start at once create every index, and later ones find them', async () => {
  await Promise.all([store.ensureIndexes(), other.ensureIndexes()]);
  expect(await indexes()).toEqual(EXPECTED);
  await store.ensureIndexes();
  expect(await indexes()).toEqual(EXPECTED);
});

describe('an index that is there under another name', () => {
  test.each<[string, string, IndexSpecification, CreateIndexesOptions]>([
    ['and does the same', 'events', { orgId: 1, lumaEventId: 1 }, { unique: true }],
    ['and is unique besides', 'events', { lumaEventId: 1 }, { unique: true }],
    ['and leaves out documents without the fields', 'events', { orgId: 1, lumaEventId: 1 }, UNIQUE_SPARSE],
    ['and lets documents expire as they should', 'sync_runs', { startedAt: 1 }, NINETY_DAYS],
  ])('%s is as good', async (_, collection, keys, options) => {
    const index = await db.collection(collection).createIndex(keys, options, {});
    await store.ensureIndexes();
    const found = (await indexes())[collection] as Record<string, unknown>;
    expect(Object.keys(found)).toHaveLength(Object.keys(EXPECTED[collection as 'events']).length);
    expect(found).toHaveProperty(index);
    await store.ensureIndexes();
  });

  test('and is not unique stands beside the one that is', async () => {
    await db.collection('events').createIndex({ orgId: 1, lumaEventId: 1 });
    await store.ensureIndexes();
    expect((await indexes()).events).toMatchObject({ by_org: EXPECTED.events.by_org });
  });
});

describe('an index in the way is named, with the command that drops it', () => {
  test.each<[string, string, IndexSpecification, CreateIndexesOptions, RegExp]>([
    ['other keys', 'events', { url: 1 }, { name: 'by_org' }, /it is on \{"url":1\}, it is not unique/],
    ['the keys in another order', 'events', BACKWARDS, { name: 'by_org', unique: true }, /it is on /],
    ['not unique', 'held_removals', { orgId: 1, lumaEventId: 1 }, { name: 'by_org' }, /it is not unique/],
    ['for a part of the documents', 'events', { lumaEventId: 1 }, PARTIAL, /only a part of the documents/],
    ['of another expiry', 'staged_pages', { observedAt: 1 }, EXPIRY, /expire after 60 s .* after 172800 s/],
    ['of another expiry and name', 'staged_pages', { observedAt: 1 }, { expireAfterSeconds: 60 }, /60 s/],
  ])('%s', async (_, collection, keys, options, why) => {
    const index = await db.collection(collection).createIndex(keys, options, {});
    const error = await store.ensureIndexes().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IndexInTheWay);
    const { message } = error as Error;
    expect(message).toMatch(why);
    expect(message).toContain(`in database ${name}, and start again: db.${collection}.dropIndex("${index}")`);
    expect(message).not.toContain('\n');
    await db.collection(collection).dropIndex(index);
    await store.ensureIndexes();
    expect(await indexes()).toEqual(EXPECTED);
  });
});

describe('documents in the way of a unique index are named, with the command that shows them', () => {
  const lookFor = 'db.events.find({ $or: [{ orgId: null }, { lumaEventId: null }] })';

  test('where several lack the two ids', async () => {
    const ids = [new ObjectId(), new ObjectId(), new ObjectId()];
    await db.collection('events').insertMany(ids.map((_id, n) => ({ _id, title: `Secret ${n}` })));
    await db.collection('events').insertOne({ orgId: 'org', lumaEventId: null });
    const error = await store.ensureIndexes().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DocumentsInTheWay);
    const { message } = error as Error;
    expect(message).toContain('3 have no orgId or no lumaEventId');
    expect(ids.some((id) => message.includes(`ObjectId("${id.toHexString()}")`))).toBe(true);
    expect(message).toContain(lookFor);
    expect(message).not.toMatch(/same|Secret|\n/);
    await db.collection('events').deleteMany({ _id: { $in: ids } });
    await store.ensureIndexes();
  });

  test('where two are of one event', async () => {
    const two = { orgId: 'org', lumaEventId: 'evt-1' };
    await db.collection<{ _id: unknown }>('events').insertMany([
      { _id: 'ann@example.org', ...two },
      { _id: 'b', ...two },
    ]);
    const error = await store.ensureIndexes().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DocumentsInTheWay);
    const { message } = error as Error;
    expect(message).toContain('2 have the same orgId and lumaEventId as another');
    expect(message).not.toMatch(/ann|have no/);
    const [, pipeline = ''] = /aggregate\((.*)\), and/.exec(message) ?? [];
    const shown = await db
      .collection('events')
      .aggregate(
        JSON.parse(pipeline.replaceAll(/(\$?\w+(?=: ))/g, '"$1"').replaceAll('""', '"')) as Document[],
      )
      .toArray();
    expect(shown).toMatchObject([{ _id: two, documents: ['ann@example.org', 'b'] }]);
  });

  test('one document without the two ids is no obstacle', async () => {
    await db.collection('events').insertOne({ title: 'Theirs' });
    await store.ensureIndexes();
    expect(await indexes()).toEqual(EXPECTED);
  });
});

describe('a write that a unique index refused', () => {
  const events = db.collection<EventDoc>('events');

  test('is blamed on an index of the application', async () => {
    await store.ensureIndexes();
    await events.createIndex({ orgId: 1, url: 1 }, { unique: true }, {});
    const error = await eventsIndexConflict(events, 'orgId_1_url_1');
    expect(error).toBeInstanceOf(ForeignIndexConflict);
    expect(error?.message).toContain('the same orgId and url');
    expect(error?.message).toContain('db.events.dropIndex("orgId_1_url_1")');
  });

  test.each([['by_org'], ['orgId_1_lumaEventId_1']])(
    'is another writer’s event where it is the index on both ids: %s',
    async (index) => {
      await events.createIndex({ orgId: 1, lumaEventId: 1 }, { unique: true, name: index }, {});
      await store.ensureIndexes();
      expect(await eventsIndexConflict(events, index)).toBeNull();
      expect(await eventsIndexConflict(events, 'dropped_since')).toBeNull();
    },
  );
});
