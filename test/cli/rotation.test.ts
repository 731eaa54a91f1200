import { randomBytes } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { beforeEach, expect, it } from 'vitest';
import { enterSync } from '../../src/activities/sync-scope.js';
import { keyringOf } from '../../src/client/keyring.js';
import { createLumaApi } from '../../src/luma/api.js';
import { storeOf } from '../../src/mongo/store.js';
import { keyDigest } from '../../src/secrets/key-digest.js';
import { parseKeyring } from '../../src/secrets/keyring.js';
import { open, seal } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const { db, uri, name } = freshDatabase();
interface Organization {
  _id: string | ObjectId;
  lumaApiKey: string;
  lumaWebhook?: { id: string; sealedSecret: string };
}
const organizations = db.collection<Organization>('organizations');
const checks = db.collection<{ _id: string; createdAt: Date }>('keyring_checks');
const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [k1, k2, lost] = [entry('k1'), entry('k2'), entry('k0')];
const [before, after] = [`${k1},${k2}`, `${k2},${k1}`];
const oid = new ObjectId();

const run = (ring: string, ...args: string[]): Promise<CliResult> =>
  cliHere(['keyring', ...args], { MONGODB_URI: uri, MONGODB_DB: name, LUMA_SYNC_KEYRING: ring });
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const sealed = (ring: string, id: string) => seal(parseKeyring(ring), id, `secret-${id}`);

beforeEach(async () => {
  await db.dropDatabase();
  await organizations.insertMany([
    { _id: 'a', lumaApiKey: sealed(k1, 'a') },
    { _id: 'b', lumaApiKey: sealed(k1, 'b') },
    { _id: oid, lumaApiKey: sealed(k1, oid.toHexString()) },
    { _id: 'clear', lumaApiKey: 'secret-clear' },
    { _id: 'new', lumaApiKey: sealed(k2, 'new') },
  ]);
  // k1 has been in use, k2 is new.
  await run(k1, 'rotate');
  await organizations.updateOne({ _id: 'clear' }, { $set: { lumaApiKey: 'secret-clear' } });
});

it('status counts what each key seals and what is in clear text; a key that is to be the first stays', async () => {
  const status = await run(before, 'status', '--json');
  expect(status.code).toBe(0);
  expect(json(status)).toMatchObject({
    keys: [
      { keyId: 'k1', seals: true, organizations: 3 },
      { keyId: 'k2', seals: false, organizations: 1 },
    ],
    clearText: 1,
    removable: [],
  });
  await organizations.deleteOne({ _id: 'new' });
  expect((await run(before, 'status')).stderr).not.toContain('take');
  expect((await run(before, 'status')).stdout).toContain('1 Luma key in clear text');
});

it('rotate seals all with the first key, keeps each key what it was, and says which key can go', async () => {
  const rotated = await run(after, 'rotate', '--json');
  expect(rotated.code).toBe(0);
  expect(json(rotated)).toMatchObject({
    ...{ keyId: 'k2', resealed: 4, left: 0, failures: [], clearText: 0, removable: ['k1'] },
  });
  expect(rotated.stderr).toMatch(/begins with k2, take it out/);
  for (const { _id, lumaApiKey } of await organizations.find().toArray()) {
    expect(open(parseKeyring(k2), String(_id), lumaApiKey)).toBe(`secret-${String(_id)}`);
  }
  const stored = await organizations.find().toArray();
  const again = await run(after, 'rotate');
  expect(again).toMatchObject({ code: 0, stdout: '0 Luma keys sealed with k2\n' });
  expect(await organizations.find().toArray()).toEqual(stored);
  expect(await run(k2, 'check')).toMatchObject({ code: 0 });
  expect(await checks.countDocuments()).toBe(2);
});

it('a key that cannot be opened is named, the others are sealed, and the exit code is 3', async () => {
  await organizations.insertOne({ _id: 'lost', lumaApiKey: sealed(lost, 'lost') });
  const rotated = await run(after, 'rotate');
  expect(rotated.code).toBe(3);
  expect(rotated.stdout).toMatch(/^4 Luma keys sealed with k2, 1 not\n {2}lost: sealed with the key k0/);
  expect(rotated.stderr).toContain('Add k0 to the key ring again');
  expect(rotated.stdout + rotated.stderr).not.toContain('secret-');
});

it('secrets of webhooks are sealed anew with the keys, and need the old key until then', async () => {
  const secret = (ring: string, orgId: string) =>
    seal(parseKeyring(ring), orgId, 'whsec_1', 'webhook-secret');
  const lumaWebhook = {
    id: 'wh-1',
    url: 'https://example.org/a',
    sealedSecret: secret(k1, 'a'),
    state: 'active',
  };
  await organizations.updateOne({ _id: 'a' }, { $set: { lumaWebhook } });
  for (const { _id } of await organizations.find().toArray()) {
    await organizations.updateOne({ _id }, { $set: { lumaApiKey: sealed(k2, String(_id)) } });
  }
  expect(json(await run(after, 'status', '--json'))).toMatchObject({ removable: [] });
  expect(json(await run(after, 'rotate', '--json'))).toMatchObject({
    resealed: 1,
    left: 0,
    removable: ['k1'],
  });
  const stored = (await organizations.findOne({ _id: 'a' }))?.lumaWebhook;
  expect(stored).toMatchObject({ ...lumaWebhook, sealedSecret: expect.stringContaining(':k2:') as string });
  expect(open(parseKeyring(k2), 'a', stored?.sealedSecret ?? '', 'webhook-secret')).toBe('whsec_1');

  await organizations.updateOne({ _id: 'a' }, { $set: { 'lumaWebhook.sealedSecret': secret(lost, 'a') } });
  const rotated = await run(after, 'rotate');
  expect(rotated.code).toBe(3);
  expect(rotated.stdout).toContain('luma-sync webhooks apply');
});

it('a key that an application writes in the middle of a rotation stays as it was written, and is sealed in turn', async () => {
  const store = storeOf(db, { now: () => new Date() });
  const original = { ...store.organizations };
  let writes = 0;
  store.organizations.replaceKey = async (_id, was, to) => {
    if (_id === 'a' && writes++ === 0) {
      await organizations.updateOne({ _id }, { $set: { lumaApiKey: 'secret-newer' } });
    }
    return await original.replaceKey(_id, was, to);
  };
  const ring = parseKeyring(after);
  const rotation = await keyringOf(
    () => Promise.resolve(store),
    () => ring,
  ).rotate();
  expect(rotation).toMatchObject({ left: 0, failures: [], resealed: 4 });
  const lumaApiKey = (await organizations.findOne({ _id: 'a' }))?.lumaApiKey ?? '';
  expect(open(parseKeyring(k2), 'a', lumaApiKey)).toBe('secret-newer');
});

it('a sync that runs while keys are rotated goes on with the key that it began with', async () => {
  const store = storeOf(db, { now: () => new Date() });
  const luma = createLumaApi({ baseUrl: 'https://luma.example' });
  const ids = { orgId: 'a', syncId: 'sync-1' };
  const digest = keyDigest('secret-a', ids.syncId);
  await store.fences.open('a', {
    ...{ syncId: ids.syncId, openedAt: new Date(), openedBy: 'open', keyDigest: digest },
  });
  await run(after, 'rotate');
  for (const keyring of [parseKeyring(before), parseKeyring(after)]) {
    expect((await enterSync({ store, keyring, luma }, ids)).source.credential).toBe('secret-a');
  }
});
