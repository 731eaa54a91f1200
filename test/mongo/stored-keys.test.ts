import { ObjectId } from 'mongodb';
import { beforeEach, expect, test } from 'vitest';
import { anyLumaKey, tryStoredKeys } from '../../src/mongo/stored-keys.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';

const { db } = freshDatabase();
const organizations = db.collection<{ _id: string | ObjectId; [field: string]: unknown }>('organizations');
const [ring, other] = [parseKeyring(generateKeyring()), parseKeyring(generateKeyring())];
beforeEach(() => organizations.deleteMany({}));

test('every stored key is tried: what opens, what does not and why, what is in clear text; never a key', async () => {
  const hex = new ObjectId();
  await organizations.insertMany([
    { _id: 'a', lumaApiKey: seal(ring, 'a', 'secret-canary') },
    { _id: hex, lumaApiKey: seal(ring, hex.toHexString(), 'secret-canary') },
    { _id: 'b', lumaApiKey: seal(other, 'b', 'secret-canary') },
    { _id: 'c', lumaApiKey: seal(ring, 'another', 'secret-canary') },
    { _id: 'd', lumaApiKey: 'secret-canary' },
    { _id: 'e', lumaApiKey: '' },
    { _id: 'f', lumaApiKey: ['secret-canary'] },
    { _id: 'g' },
  ]);
  const found = await tryStoredKeys(db, ring, 10_000);
  expect(found).toMatchObject({ opened: 2, unreadable: 2, clear: 1, clearOf: ['d'], complete: true });
  expect(found.unreadableOf).toEqual([
    { orgId: 'b', reason: expect.stringContaining('which the key ring lacks') as string },
    { orgId: 'c', reason: expect.stringContaining('sealed for another organization') as string },
  ]);
  expect(JSON.stringify(found)).not.toMatch(/canary|sealed:/);
});

test('where time is over it says that it is not all', async () => {
  await organizations.insertOne({ _id: 'a', lumaApiKey: 'secret-a' });
  expect(await tryStoredKeys(db, ring, -1)).toMatchObject({ clear: 0, complete: false });
});

test('a key to ask Luma with is one that opens, of an organization that is well where there is one', async () => {
  expect(await anyLumaKey(db, ring)).toBeNull();
  await organizations.insertMany([
    { _id: 'a', lumaApiKey: seal(other, 'a', 'secret-a') },
    { _id: 'b', lumaApiKey: seal(ring, 'b', 'secret-b'), lumaSync: { state: 'failed' } },
  ]);
  expect(await anyLumaKey(db, ring)).toEqual({ orgId: 'b', apiKey: 'secret-b' });
  await organizations.insertOne({
    _id: 'c',
    lumaApiKey: seal(ring, 'c', 'secret-c'),
    lumaSync: { state: 'ok' },
  });
  expect(await anyLumaKey(db, ring)).toEqual({ orgId: 'c', apiKey: 'secret-c' });
});
