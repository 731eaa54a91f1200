import { beforeEach, expect, test } from 'vitest';
import { lookAtIndexes } from '../../src/mongo/collections.js';
import { storeOf } from '../../src/mongo/store.js';
import { freshDatabase } from '../support/servers.js';

const { db } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
beforeEach(() => db.dropDatabase());

async function found() {
  const { missing, inTheWay, expected } = await lookAtIndexes(db);
  return { missing, expected, inTheWay: inTheWay.map(({ message }) => message) };
}

test('where all are there nothing is missing, and in an empty database all are; looking creates nothing', async () => {
  const empty = await found();
  expect(empty.missing).toHaveLength(empty.expected);
  expect(await db.listCollections().toArray()).toEqual([]);
  await store.ensureIndexes();
  expect(await found()).toEqual({ missing: [], inTheWay: [], expected: empty.expected });
});

test('one that is gone is missing', async () => {
  await store.ensureIndexes();
  await db.collection('events').dropIndex('by_changed');
  expect(await found()).toMatchObject({ missing: ['events.by_changed'], inTheWay: [] });
});

test.each([
  ['of the same name on other fields', { url: 1 }, { name: 'by_org' }],
  ['on the same fields that is not unique', { orgId: 1, lumaEventId: 1 }, { name: 'mine' }],
] as const)('one %s is in the way', async (_, keys, options) => {
  await store.ensureIndexes();
  await db.collection('events').dropIndex('by_org');
  await db.collection('events').createIndex(keys, options, {});
  const { missing, inTheWay } = await found();
  expect(missing).toEqual(['events.by_org']);
  expect(inTheWay).toEqual([expect.stringContaining(`db.events.dropIndex("${options.name}")`)]);
});

test('what is in the way in one collection keeps no index of another from being created', async () => {
  await db.collection('events').createIndex({ url: 1 }, { name: 'by_org' }, {});
  const { inTheWay } = await found();
  await expect(store.ensureIndexes()).rejects.toThrow(inTheWay[0]);
  expect((await found()).missing.filter((index) => !index.startsWith('events.'))).toEqual([]);
});

test('documents that a unique index cannot be made over are in the way', async () => {
  await store.ensureIndexes();
  await db.collection('events').dropIndex('by_org');
  await db.collection('events').insertMany([{ title: 'Theirs' }, { title: 'Theirs too' }]);
  const { inTheWay } = await found();
  expect(inTheWay).toEqual([expect.stringContaining('2 have no orgId')]);
  expect(inTheWay.join()).not.toContain('Theirs');
});
