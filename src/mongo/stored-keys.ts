import type { Db } from 'mongodb';
import { KeyUnreadable } from '../secrets/errors.js';
import type { Keyring } from '../secrets/keyring.js';
import { isSealed, open } from '../secrets/sealed-key.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';
import { HAS_KEY } from './organization-lists.js';
import { isOrgId } from './read-organization.js';

/** How the organizations' Luma keys are stored. Holds ids only, never a key. */
export interface StoredKeysFound {
  /** Sealed keys that open. */
  opened: number;
  /** Sealed keys that do not, and why; the first 20 by name. */
  unreadable: number;
  unreadableOf: { orgId: string; reason: string }[];
  /** Keys in clear text, and the first 20 organizations that have them. */
  clear: number;
  clearOf: string[];
  /** False: time was over before all were tried. */
  complete: boolean;
}

const NAMED = 20;

/** Tries to open every stored key. @param limitMs when to stop. @throws StoreUnavailable */
export async function tryStoredKeys(db: Db, keyring: Keyring, limitMs: number): Promise<StoredKeysFound> {
  const found: StoredKeysFound = {
    ...{ opened: 0, unreadable: 0, unreadableOf: [], clear: 0, clearOf: [], complete: true },
  };
  const begun = performance.now();
  await guarded('read stored keys', async () => {
    for await (const { _id, lumaApiKey } of keysOf(db)) {
      if (performance.now() - begun > limitMs) {
        found.complete = false;
        break;
      }
      const orgId = String(_id);
      if (!isSealed(lumaApiKey)) {
        found.clear++;
        if (found.clearOf.length < NAMED) found.clearOf.push(orgId);
        continue;
      }
      const tried = tryToOpen(keyring, orgId, lumaApiKey);
      if ('apiKey' in tried) found.opened++;
      else {
        found.unreadable++;
        if (found.unreadableOf.length < NAMED) found.unreadableOf.push({ orgId, ...tried });
      }
    }
  });
  return found;
}

/** Organizations that are tried for a key that opens. */
const TRIED = 20;

/** Some organization's key in clear text, for a request at hand: of one whose last sync went well, where there is one. */
export async function anyLumaKey(
  db: Db,
  keyring: Keyring,
): Promise<{ orgId: string; apiKey: string } | null> {
  return await guarded('read stored keys', async () => {
    for (const filter of [{ 'lumaSync.state': 'ok' }, {}]) {
      for await (const { _id, lumaApiKey } of keysOf(db, filter, TRIED)) {
        const orgId = String(_id);
        if (!isSealed(lumaApiKey)) return { orgId, apiKey: lumaApiKey };
        const tried = tryToOpen(keyring, orgId, lumaApiKey);
        if ('apiKey' in tried) return { orgId, ...tried };
      }
    }
    return null;
  });
}

/** Those that a sync would use. */
async function* keysOf(
  db: Db,
  filter: Record<string, unknown> = {},
  limit = 0,
): AsyncGenerator<{ _id: OrgId; lumaApiKey: string }> {
  const docs = db
    .collection('organizations')
    .find({ ...filter, ...HAS_KEY }, { limit })
    .project<{ _id: OrgId; lumaApiKey: string }>({ lumaApiKey: 1 })
    .batchSize(1_000);
  for await (const doc of docs) if (isOrgId(doc._id)) yield doc;
}

function tryToOpen(keyring: Keyring, orgId: string, sealed: string): { apiKey: string } | { reason: string } {
  try {
    return { apiKey: open(keyring, orgId, sealed) };
  } catch (error) {
    if (error instanceof KeyUnreadable) return { reason: error.message };
    throw error;
  }
}
