import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { guarded, isDuplicateKey, StoreUnavailable } from '../../src/mongo/errors.js';
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
      expect((error as Error).message).toMatch(/^MongoDB: write events failed \(Mongo\w+, [\w-]+\)$/);
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
      () => closed.fences.open(SECRET, { syncId: SECRET, openedAt: at(0), keyDigest: SECRET }),
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
