import {
  BSON,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  DocumentTooLarge,
  duplicateKeyIndex,
  guarded,
  isDuplicateKey,
  StoreMisused,
  StoreUnavailable,
} from '../../src/mongo/errors.js';
import { connectStore } from '../../src/mongo/store.js';
import { at, seen, stagedPage, useStore } from './support/store.js';

const rig = useStore();
const SECRET = 'canary-5e1f';

/** The error, once nothing of it, however printed, holds the secret. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const printed = [String(error), (error as Error).stack, inspect(error, { depth: 9, showHidden: true })];
  expect([...printed, JSON.stringify(error)].join('\n')).not.toContain(SECRET);
  expect((error as Error).cause).toBeUndefined();
  return error;
}

describe('connecting', () => {
  test('to nobody names the host and not the password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    server.close();
    await once(server, 'close');
    const uri = `mongodb://user:${SECRET}@127.0.0.1:${String(port)}/?authSource=admin`;
    const error = await failure(connectStore({ uri, db: 'x', connectTimeoutMs: 200 }));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).message).toContain(`connecting to 127.0.0.1:${String(port)} failed`);
  });

  test.each([
    `mongodb://user:${SECRET}@`,
    `mongodb://user:${SECRET}@host:notaport/`,
    `mongodb://us%er:${SECRET}%zz@host/`,
    `http://user:${SECRET}@host/`,
    SECRET,
    `mongodb://host/?${SECRET}=1`,
    `mongodb://host/?maxPoolSize=${SECRET}`,
    `mongodb+srv://user:${SECRET}@host:27017/`,
    `mongodb+srv://user:${SECRET}@one,two/`,
    '',
  ])('with a string that is no URI is refused without quoting it (%#)', async (uri) => {
    const error = await failure(connectStore({ uri, db: 'x', connectTimeoutMs: 200 }));
    expect(error).toBeInstanceOf(StoreUnavailable);
  });

  test('to a name that does not exist', async () => {
    const uri = `mongodb+srv://user:${SECRET}@cluster.luma-sync.invalid/`;
    const error = await failure(connectStore({ uri, db: 'x', connectTimeoutMs: 200 }));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).message).toContain('cluster.luma-sync.invalid');
  });
});

describe('a write that MongoDB refuses', () => {
  test('names the operation and the code, never the document', async () => {
    const events = rig.db.collection('events');
    const document = { orgId: 'org', lumaEventId: SECRET, title: SECRET };
    await events.insertOne({ ...document });
    const writes: (() => Promise<unknown>)[] = [
      () => events.insertOne({ ...document }),
      () => events.bulkWrite([{ insertOne: { document: { ...document } } }]),
      () => events.updateOne({ title: SECRET }, { $set: { _id: SECRET } }),
    ];
    for (const write of writes) {
      const error = await failure(guarded('write events', write));
      expect(error).toBeInstanceOf(StoreUnavailable);
      expect((error as StoreUnavailable).operation).toBe('write events');
      expect((error as Error).message).toMatch(
        /^MongoDB: write events failed \(Mongo\w+, [\w-]+( on the index by_org)?\)$/,
      );
    }
  });

  test('through a store that is closed, likewise', async () => {
    const closed = await connectStore({ uri: rig.uri, db: rig.db.databaseName });
    await closed.close();
    const page = stagedPage({ syncId: SECRET, seq: 1, events: [seen('evt-1', { title: SECRET })] });
    for (const call of [
      () => closed.stagedPages.add(page),
      () => closed.organizations.add({ id: SECRET, name: SECRET, sealedKey: SECRET }),
      () => closed.organizations.replaceKey(SECRET, SECRET, SECRET),
      () => closed.stagedPages.position(SECRET),
      () =>
        closed.fences.open(SECRET, { syncId: SECRET, openedAt: at(0), openedBy: 'open', keyDigest: SECRET }),
    ]) {
      expect(await failure(call())).toBeInstanceOf(StoreUnavailable);
    }
  });
});

test('an error that is not of MongoDB stays what it is', async () => {
  const error = new RangeError('ours');
  await expect(guarded('read', () => Promise.reject(error))).rejects.toBe(error);
});

test('a bulk is a duplicate key only where every failed write is', () => {
  const bulk = (codes: number[]) =>
    new MongoBulkWriteError(
      { message: 'x', writeErrors: codes.map((code) => ({ code })) } as never,
      {} as never,
    );
  expect(isDuplicateKey(bulk([11000, 11000]))).toBe(true);
  expect(isDuplicateKey(bulk([11000, 50]))).toBe(false);
  expect(isDuplicateKey(bulk([]))).toBe(false);
  expect(isDuplicateKey(new MongoServerError({ message: 'x', code: 11000 }))).toBe(true);
  expect(isDuplicateKey(new Error('E11000'))).toBe(false);
});

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

test.each<[string, Error, string]>([
  ['a write after FIN', coded(`This socket has been ended by the other party ${SECRET}`, 'EPIPE'), 'EPIPE'],
  ['a reset', Object.assign(coded(SECRET, 'ECONNRESET'), { syscall: 'read' }), 'ECONNRESET'],
  ['a write to a destroyed stream', coded(SECRET, 'ERR_STREAM_DESTROYED'), 'ERR_STREAM_DESTROYED'],
  [
    'a network error with what is below it',
    new MongoNetworkError(SECRET, { cause: coded(SECRET, 'EPIPE') }),
    'MongoNetworkError, EPIPE',
  ],
  [
    'a certificate that is refused',
    new MongoNetworkError(SECRET, { cause: coded(SECRET, 'DEPTH_ZERO_SELF_SIGNED_CERT') }),
    'MongoNetworkError, TLS: DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  ['no server', new MongoServerSelectionError(SECRET, {} as never), 'MongoServerSelectionError'],
  ['a time limit', new MongoOperationTimeoutError(SECRET), 'MongoOperationTimeoutError'],
  ['a closed topology', new MongoTopologyClosedError(SECRET), 'MongoTopologyClosedError'],
  ['a closed client', new MongoClientClosedError(), 'MongoClientClosedError'],
  ['an answer that is no BSON', new BSON.BSONError(SECRET), 'BSONError'],
])('%s is a MongoDB that cannot be reached', async (_, error, reason) => {
  const rebuilt = await failure(guarded('read', () => Promise.reject(error)));
  expect(rebuilt).toBeInstanceOf(StoreUnavailable);
  expect((rebuilt as StoreUnavailable).reason).toBe(reason);
});

describe('what no other attempt mends has another name:', () => {
  test('a document that is too large, however it is written', async () => {
    const events = rig.db.collection('events');
    const title = SECRET.repeat(1_600_000);
    const writes: (() => Promise<unknown>)[] = [
      () => events.insertOne({ title }),
      () => events.bulkWrite([{ insertOne: { document: { title } } }]),
      () => Promise.reject(new MongoServerError({ message: SECRET, code: 17419 })),
      () => Promise.reject(new MongoServerError({ message: 'object to insert too large', code: 2 })),
      () => Promise.reject(new MongoServerError({ message: SECRET, code: 10334 })),
    ];
    for (const write of writes) {
      expect(await failure(guarded('write events', write))).toBeInstanceOf(DocumentTooLarge);
    }
  });

  test('a request that cannot work', async () => {
    const events = rig.db.collection('events');
    const calls: (() => Promise<unknown>)[] = [
      () => events.updateOne({}, { [`$${SECRET}`]: {} }),
      () => events.find({ [`$${SECRET}`]: 1 }).toArray(),
      () => Promise.reject(new MongoInvalidArgumentError(SECRET)),
    ];
    for (const call of calls) {
      expect(await failure(guarded('read', call))).toBeInstanceOf(StoreMisused);
    }
  });
});

test('a duplicate key says on which index, one of the application as well', async () => {
  const events = rig.db.collection('events');
  await events.createIndexes([{ key: { slug: 1 }, unique: true, sparse: true, name: 'their index: slug' }]);
  await events.insertOne({ orgId: 'org', lumaEventId: 'evt-1', slug: SECRET });
  const thrown = async (write: Promise<unknown>) =>
    await write.then(
      () => undefined,
      (error: unknown) => error,
    );
  const own = await thrown(events.insertOne({ orgId: 'org', lumaEventId: 'evt-1' }));
  const theirs = await thrown(events.insertOne({ orgId: 'org', lumaEventId: 'evt-2', slug: SECRET }));
  const bulk = await thrown(
    events.bulkWrite([{ insertOne: { document: { orgId: 'org', lumaEventId: 'evt-2', slug: SECRET } } }]),
  );
  await events.dropIndex('their index: slug');
  expect([own, theirs, bulk].map(duplicateKeyIndex)).toEqual([
    'by_org',
    'their index: slug',
    'their index: slug',
  ]);
  expect(duplicateKeyIndex(new Error('E11000 index: x dup key: y'))).toBeUndefined();
  expect(
    duplicateKeyIndex(new MongoServerError({ message: 'index: x dup key: y', code: 50 })),
  ).toBeUndefined();
});
