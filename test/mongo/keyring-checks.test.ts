import { randomBytes } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { KeyringMismatch } from '../../src/secrets/errors.js';
import { type Keyring, parseKeyring } from '../../src/secrets/keyring.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { useStore } from './support/store.js';

const rig = useStore();
const keys = Array.from({ length: 4 }, () => randomBytes(32).toString('base64'));
/** `k1:0` is the id k1 with the first key. */
const ring = (...entries: string[]): Keyring =>
  parseKeyring(
    entries
      .map((entry) => entry.replace(/:(\d)/, (_, nth: string) => `:${keys[Number(nth)] ?? ''}`))
      .join(','),
  );

const insert = async (_id: string | ObjectId, lumaApiKey: string) =>
  await rig.db
    .collection<{ _id: string | ObjectId; lumaApiKey: string }>('organizations')
    .insertOne({ _id, lumaApiKey });
const stored = async () => await rig.db.collection('keyring_checks').find().sort({ _id: 1 }).toArray();

describe('a key ring is accepted', () => {
  test('by a new database, which then knows every key of it, and nothing of their bytes', async () => {
    await rig.store.keyringChecks.ensure(ring('k2:1', 'k1:0'));
    expect((await stored()).map(({ _id }) => _id)).toEqual(['k1', 'k2']);
    const text = JSON.stringify(await stored());
    for (const key of keys) expect(text).not.toContain(key.slice(0, 8));
  });

  test('again, in another order, with a key more and with one less', async () => {
    const { keyringChecks } = rig.store;
    await keyringChecks.ensure(ring('k1:0'));
    await keyringChecks.ensure(ring('k1:0', 'k2:1'));
    await keyringChecks.ensure(ring('k2:1', 'k1:0'));
    await keyringChecks.ensure(ring('k2:1'));
    expect(await stored()).toHaveLength(2);
  });

  test('where an application sealed with it before any worker, damaged keys beside it or not', async () => {
    const _id = new ObjectId();
    await insert(_id, seal(ring('k1:0'), _id.toHexString(), 'secret-1'));
    await insert('copied', seal(ring('k1:0'), 'another', 'secret-2'));
    await rig.store.keyringChecks.ensure(ring('k1:0'));
    expect(await stored()).toHaveLength(1);
  });
});

describe('a key ring is refused', () => {
  test('where a key has other bytes than the one that is known under its id, wherever it stands', async () => {
    await rig.store.keyringChecks.ensure(ring('k1:0'));
    for (const other of [ring('k1:1'), ring('k2:2', 'k1:1')]) {
      const refused: unknown = await rig.store.keyringChecks.ensure(other).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(KeyringMismatch);
      expect(String(refused)).toMatch(
        /the key ring's key k1 is not what .* – use the key ring of the other workers/,
      );
      for (const key of keys) expect(String(refused)).not.toContain(key.slice(0, 8));
    }
  });

  test('where it opens nothing that was sealed under its id, and stays unknown', async () => {
    await insert('acme', seal(ring('k1:0'), 'acme', 'secret-1'));
    await expect(rig.store.keyringChecks.ensure(ring('k1:1'))).rejects.toThrow(KeyringMismatch);
    expect(await stored()).toEqual([]);
    await rig.store.keyringChecks.ensure(ring('k1:0'));
  });

  test('of different ones at the same time all but one, whose key is the one that stays', async () => {
    for (let round = 0; round < 10; round++) {
      await rig.db.collection('keyring_checks').deleteMany({});
      const rings = keys.map((_, nth) => ring(`k1:${nth}`));
      const ends = await Promise.allSettled(rings.map((one) => rig.store.keyringChecks.ensure(one)));
      const accepted = rings.filter((_, nth) => ends[nth]?.status === 'fulfilled');
      expect(accepted).toHaveLength(1);
      for (const end of ends) {
        if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(KeyringMismatch);
      }
      expect((await stored()).map(({ check }) => check as string)).toEqual(
        accepted.map((one) => one.checkValue('k1')),
      );
    }
  });
});

test('a comparison tells how each key stands, and changes nothing', async () => {
  await rig.store.keyringChecks.ensure(ring('k1:0', 'k2:1', 'old:3'));
  const before = await stored();
  await insert('acme', seal(ring('k1:0'), 'acme', 'secret-1'));
  await insert('other', seal(ring('old:3'), 'other', 'secret-2'));
  await insert('open', 'secret-3');
  expect(await rig.store.keyringChecks.compare(ring('new:2', 'k1:0', 'k2:2'))).toEqual([
    { keyId: 'new', state: 'unknown', seals: true, organizations: 0 },
    { keyId: 'k1', state: 'matches', seals: false, organizations: 1 },
    { keyId: 'k2', state: 'differs', seals: false, organizations: 0 },
    { keyId: 'old', state: 'missing', seals: false, organizations: 1 },
  ]);
  expect(await stored()).toEqual(before);
});
