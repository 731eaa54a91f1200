import { type Document, MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import { leadReplicaSet } from '../../src/servers/replica-set.js';

const HOST = '127.0.0.1:4001';

/** The commands of a mongod that matter here: it becomes primary once its set names it under its own address. */
class FakeAdmin {
  readonly sent: string[] = [];

  constructor(private config?: { version: number; members: { host: string }[] }) {}

  command(command: Document): Promise<Document> {
    const name = Object.keys(command)[0] ?? '';
    this.sent.push(name);
    if (name === 'hello') {
      const primary = this.config?.members[0]?.host === HOST;
      return Promise.resolve({ isWritablePrimary: primary, ...(primary && { me: HOST }) });
    }
    if (name === 'replSetInitiate' && this.config !== undefined) {
      return Promise.reject(new MongoServerError({ message: 'already initialized', code: 23 }));
    }
    if (name === 'replSetGetConfig') return Promise.resolve({ config: this.config });
    const next = (command.replSetInitiate ?? command.replSetReconfig) as { members: { host: string }[] };
    this.config = { version: 1, ...next };
    return Promise.resolve({ ok: 1 });
  }
}

test('a new mongod becomes the primary of a set of its own', async () => {
  const admin = new FakeAdmin();
  await leadReplicaSet(admin, HOST);
  expect(admin.sent).toEqual(['hello', 'replSetInitiate', 'hello']);
});

test('a mongod that leads already is left alone', async () => {
  const admin = new FakeAdmin({ version: 1, members: [{ host: HOST }] });
  await leadReplicaSet(admin, HOST);
  expect(admin.sent).toEqual(['hello']);
});

test('kept data that name the port of an earlier run are told the new one', async () => {
  const admin = new FakeAdmin({ version: 4, members: [{ host: '127.0.0.1:3999' }] });
  await leadReplicaSet(admin, HOST);
  expect(admin.sent).toContain('replSetReconfig');
  expect(await admin.command({ replSetGetConfig: 1 })).toMatchObject({ config: { version: 5 } });
});
