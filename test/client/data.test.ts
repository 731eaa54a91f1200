import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { connectLumaSync, OrgAlreadyExists, OrgNotFound } from '../../src/client.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { isSealed, open } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const keyring = parseKeyring(generateKeyring());
const lumaSync = connectLumaSync({ mongo: { uri, db: name }, keyring });
const organizations = db.collection<{ _id: string | ObjectId; lumaApiKey?: string }>('organizations');

afterAll(async () => {
  await lumaSync.close();
});
beforeEach(async () => {
  await db.dropDatabase();
});

describe('adding an organization', () => {
  it('stores its Luma key sealed for this organization, never in clear text', async () => {
    const id = await lumaSync.orgs.add({ id: 'acme', name: 'Acme', apiKey: 'secret-canary' });
    expect(id).toBe('acme');
    const stored = (await organizations.findOne({ _id: 'acme' }))?.lumaApiKey ?? '';
    expect(isSealed(stored)).toBe(true);
    expect(stored).not.toContain('canary');
    expect(open(keyring, 'acme', stored)).toBe('secret-canary');
  });

  it('makes an id where none is given, and binds the key to it', async () => {
    const id = await lumaSync.orgs.add({ name: 'Acme', apiKey: 'secret-canary' });
    expect(id).toMatch(/^org-[0-9a-f]{10}$/);
    const stored = (await organizations.findOne({ _id: id }))?.lumaApiKey ?? '';
    expect(open(keyring, id, stored)).toBe('secret-canary');
  });

  it('does not replace one that is there', async () => {
    await lumaSync.orgs.add({ id: 'acme', name: 'Acme', apiKey: 'secret-1' });
    await expect(lumaSync.orgs.add({ id: 'acme', name: 'Other', apiKey: 'secret-2' })).rejects.toThrow(
      OrgAlreadyExists,
    );
    expect(await lumaSync.orgs.list()).toMatchObject([{ id: 'acme', name: 'Acme', hasKey: true }]);
  });

  it('is refused without a key ring', async () => {
    const bare = connectLumaSync({ mongo: { uri, db: name } });
    await expect(bare.orgs.add({ name: 'Acme', apiKey: 'secret-canary' })).rejects.toThrow(/key ring/);
    await bare.close();
    expect(await organizations.countDocuments()).toBe(0);
  });
});

describe('reading events', () => {
  it('of an organization works by its id in text, whatever type the application chose', async () => {
    const hex = new ObjectId();
    await organizations.insertMany([{ _id: hex }, { _id: 'acme' }]);
    const event = (orgId: string | ObjectId, lumaEventId: string, startAt: string) => ({
      ...{ orgId, lumaEventId, startAt: new Date(startAt), visibility: 'public' },
    });
    await db
      .collection('events')
      .insertMany([
        event(hex, 'evt-2', '2026-02-01'),
        event(hex, 'evt-1', '2026-01-01'),
        event('acme', 'evt-3', '2026-03-01'),
      ]);
    const idsOf = async (query: Parameters<typeof lumaSync.events.list>[0]): Promise<string[]> =>
      (await lumaSync.events.list(query)).map(({ lumaEventId }) => lumaEventId);
    expect(await idsOf({ limit: 10 })).toEqual(['evt-1', 'evt-2', 'evt-3']);
    expect(await idsOf({ orgId: hex.toHexString(), limit: 10 })).toEqual(['evt-1', 'evt-2']);
    expect(await idsOf({ orgId: 'acme', limit: 10 })).toEqual(['evt-3']);
    expect(await idsOf({ from: new Date('2026-02-01'), to: new Date('2026-03-01'), limit: 10 })).toEqual([
      'evt-2',
    ]);
    expect(await idsOf({ limit: 1 })).toEqual(['evt-1']);
    const members = { ...event('acme', 'evt-4', '2026-04-01'), visibility: 'members-only' };
    await db.collection('events').insertOne(members);
    expect(await idsOf({ orgId: 'acme', limit: 10 })).toEqual(['evt-3']);
    expect(await idsOf({ orgId: 'acme', allVisibilities: true, limit: 10 })).toEqual(['evt-3', 'evt-4']);
    await expect(lumaSync.events.list({ orgId: 'nobody', limit: 10 })).rejects.toThrow(OrgNotFound);
  });
});

it('a MongoDB that does not answer is one error with its host, without its password', async () => {
  const mongo = { uri: 'mongodb://user:canary@127.0.0.1:1/x', db: 'x' };
  const lost = connectLumaSync({ mongo }, { connectTimeoutMs: 300 });
  const error: unknown = await lost.orgs.list().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StoreUnavailable' });
  expect(String(error)).toContain('127.0.0.1:1');
  expect(String(error)).not.toContain('canary');
  await lost.close();
});
