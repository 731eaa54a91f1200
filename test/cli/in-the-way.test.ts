import { expect, test } from 'vitest';
import { generateKeyring } from '../../src/secrets/keyring.js';
import { freshDatabase, mongoUri, temporalAddress } from '../support/servers.js';
import { cliHere } from './support/run.js';

const { db, name } = freshDatabase();

test('a worker that finds something in the way of its indexes says what, and what helps, and exits 1', async () => {
  await db.collection('events').insertMany([{ title: 'Theirs' }, { title: 'Theirs too' }]);
  const worker = () =>
    cliHere(['worker'], {
      ...{ TEMPORAL_ADDRESS: temporalAddress(), MONGODB_URI: mongoUri(), MONGODB_DB: name },
      LUMA_SYNC_KEYRING: generateKeyring(),
    });
  const documents = await worker();
  expect(documents.code).toBe(1);
  expect(documents.stderr).toMatch(
    /^error: documents of events are in the way of a unique index: 2 have no orgId/,
  );
  expect(documents.stderr).toContain('db.events.find(');
  expect(documents.stderr).not.toMatch(/MONGODB_URI|Theirs/);

  await db.collection('events').deleteMany({});
  await db.collection('events').createIndex({ url: 1 }, { name: 'by_org' }, {});
  const index = await worker();
  expect(index.code).toBe(1);
  expect(index.stderr).toContain('db.events.dropIndex("by_org")');
  expect(index.stderr).not.toContain('MONGODB_URI');
});
