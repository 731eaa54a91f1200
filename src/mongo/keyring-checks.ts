import { timingSafeEqual } from 'node:crypto';
import { type Collection, type Db, MongoServerError } from 'mongodb';
import { KeyringMismatch } from '../secrets/errors.js';
import { isKeyId, type Keyring } from '../secrets/keyring.js';
import { opens } from '../secrets/sealed-key.js';
import type { OrgId } from './documents.js';
import { guarded, isDuplicateKey } from './errors.js';

/** `keyring_checks`: what tells each key of the key ring from another one under the same id. */
export interface KeyringCheckDoc {
  /** The key's id. */
  _id: string;
  check: string;
  createdAt: Date;
}

export interface KeyringCheck {
  keyId: string;
  /**
   * `matches`: it is the key that the database knows. `unknown`: nothing in the database was sealed with it yet.
   * `differs`: other bytes than those that sealed. `missing`: the key ring lacks it, and Luma keys need it.
   */
  state: 'matches' | 'unknown' | 'differs' | 'missing';
  /** Whether it is the one that seals. */
  seals: boolean;
  /** Luma keys, and secrets of webhooks, that are sealed with it. */
  organizations: number;
}

export type KeyringCheckStore = ReturnType<typeof keyringCheckStore>;

/** Sealed Luma keys that are tried before a key counts as another one. */
const MAX_TRIES = 1_000;

export function keyringCheckStore(db: Db) {
  const checks: Collection<KeyringCheckDoc> = db.collection('keyring_checks');
  const organizations = db.collection<{ _id: OrgId; lumaApiKey?: unknown }>('organizations');

  /** `undefined`: no organization's Luma key is sealed with it. A damaged one alone decides nothing where another opens. */
  async function opensWhatItSealed(keyring: Keyring, keyId: string): Promise<boolean | undefined> {
    return await guarded('read sealed keys', async () => {
      let tried: boolean | undefined;
      const sealed = organizations
        .find({ lumaApiKey: sealedWith(keyId) }, { projection: { lumaApiKey: 1 } })
        .limit(MAX_TRIES);
      for await (const { _id, lumaApiKey } of sealed) {
        if (typeof lumaApiKey !== 'string') continue;
        if (opens(keyring, String(_id), lumaApiKey)) return true;
        tried = false;
      }
      return tried;
    });
  }

  /** The check value that is stored, after `check` was offered: of two at the same time, the first stays. */
  async function firstCheck(keyId: string, check: string, now: Date): Promise<string> {
    const put = () =>
      checks.findOneAndUpdate(
        { _id: keyId },
        { $setOnInsert: { check, createdAt: now } },
        { upsert: true, returnDocument: 'after' },
      );
    const stored = await guarded('store key check', () =>
      put().catch((error: unknown) => {
        if (error instanceof MongoServerError && isDuplicateKey(error)) return put();
        throw error;
      }),
    );
    // Whoever comes second at the same moment may be answered with nothing: then it is there by now.
    const there = stored ?? (await guarded('read key check', () => checks.findOne({ _id: keyId })));
    return there?.check ?? '';
  }

  /** How many Luma keys, and secrets of webhooks, are sealed with each key, by its id. */
  async function usedKeys(): Promise<Map<string, number>> {
    const used = new Map<string, number>();
    for (const field of ['lumaApiKey', 'lumaWebhook.sealedSecret']) {
      for (const { _id, sealed } of await sealedIn(field)) {
        used.set(_id ?? '', (used.get(_id ?? '') ?? 0) + sealed);
      }
    }
    return used;
  }

  async function sealedIn(field: string): Promise<{ _id: string | null; sealed: number }[]> {
    return await guarded('read sealed keys', () =>
      organizations
        .aggregate<{ _id: string | null; sealed: number }>([
          { $match: { [field]: { $type: 'string', $not: { $type: 'array' }, $regex: '^sealed:v1:' } } },
          {
            $group: {
              _id: { $arrayElemAt: [{ $split: [`$${field}`, ':'] }, 2] },
              sealed: { $sum: 1 },
            },
          },
        ])
        .toArray(),
    );
  }

  return {
    /**
     * Makes sure that every key of the ring is the one that the database knows under its id, and makes known those
     * that are new. Call it before anything is sealed.
     * @throws KeyringMismatch, StoreUnavailable
     */
    async ensure(keyring: Keyring, now = new Date()): Promise<void> {
      const different: string[] = [];
      for (const keyId of keyring.keyIds) {
        const check = keyring.checkValue(keyId) ?? '';
        const known = await guarded('read key check', () => checks.findOne({ _id: keyId }));
        if (known === null && (await opensWhatItSealed(keyring, keyId)) === false) different.push(keyId);
        else if (!same(known?.check ?? (await firstCheck(keyId, check, now)), check)) different.push(keyId);
      }
      if (different.length > 0) throw new KeyringMismatch(different);
    },

    /** Compares the key ring with the database, and writes nothing. In the ring's order; missing ones last. */
    async compare(keyring: Keyring): Promise<KeyringCheck[]> {
      const known = new Map(
        (await guarded('read key checks', () => checks.find().sort({ _id: 1 }).toArray())).map(
          ({ _id, check }) => [_id, check],
        ),
      );
      const used = await usedKeys();
      const result: KeyringCheck[] = [];
      for (const keyId of keyring.keyIds) {
        const check = known.get(keyId);
        const opened = check === undefined ? await opensWhatItSealed(keyring, keyId) : undefined;
        const matches = check === undefined ? opened : same(check, keyring.checkValue(keyId) ?? '');
        result.push({
          keyId,
          state: matches === undefined ? 'unknown' : matches ? 'matches' : 'differs',
          seals: keyId === keyring.sealingKeyId,
          organizations: used.get(keyId) ?? 0,
        });
      }
      result.push(...missingOf(keyring, used));
      return result;
    },

    /** Since when the database knows each key, by its id. */
    async knownSince(): Promise<Map<string, Date>> {
      const known = await guarded('read key checks', () => checks.find().toArray());
      return new Map(known.map(({ _id, createdAt }) => [_id, createdAt]));
    },

    /** Keys that stored Luma keys were sealed with, and that the key ring lacks. */
    async missing(keyring: Keyring): Promise<KeyringCheck[]> {
      return missingOf(keyring, await usedKeys());
    },
  };
}

function missingOf(keyring: Keyring, used: ReadonlyMap<string, number>): KeyringCheck[] {
  return [...used]
    .filter(([keyId]) => isKeyId(keyId) && keyring.key(keyId) === undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([keyId, organizations]) => ({ keyId, state: 'missing', seals: false, organizations }));
}

/** A key id has no characters that mean something in a pattern. */
function sealedWith(keyId: string): RegExp {
  return new RegExp(`^sealed:v1:${keyId}:`);
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
