import pLimit from 'p-limit';
import type { KeyringCheck } from '../mongo/keyring-checks.js';
import type { StoredKey } from '../mongo/organization-lists.js';
import { idProblem, printableId } from '../mongo/read-organization.js';
import type { Store } from '../mongo/store.js';
import { KeyUnreadable } from '../secrets/errors.js';
import type { Keyring } from '../secrets/keyring.js';
import { openStored, seal } from '../secrets/sealed-key.js';
import { resealSecrets } from './reseal-secrets.js';

/** How the stored Luma keys are sealed. */
export interface KeyringStatus {
  /** The keys of the ring, in its order, then those that it lacks. */
  keys: KeyringCheck[];
  /** Organizations whose Luma key is stored in clear text. */
  clearText: number;
  /** Older keys of the ring that no stored key needs any more. Newer ones wait to become the first. */
  removable: string[];
}

/** What a rotation came to. */
export interface KeyringRotation extends KeyringStatus {
  /** The key that seals now. */
  keyId: string;
  /** Luma keys, and secrets of webhooks, that were sealed with it now. */
  resealed: number;
  /** Those that could not be: the first 100. */
  failures: { orgId: string; reason: string }[];
  /** Those that are sealed otherwise still, the ones that could not be among them. */
  left: number;
}

export interface RotateOptions {
  /** Called as it gets on. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** The key ring and what is sealed with it. All throw StoreUnavailable. */
export interface KeyringOperations {
  /** Compares the key ring with what the database's Luma keys were sealed with; writes nothing. */
  check(): Promise<KeyringCheck[]>;
  /** The same, and how many keys are not sealed; writes nothing. */
  status(): Promise<KeyringStatus>;
  /**
   * Seals every stored Luma key, and every secret of a webhook, with the ring's first key. Syncs may run meanwhile, and a key that somebody changes meanwhile
   * stays as they wrote it. Cut off, it can be repeated: what is done is done.
   * @throws KeyringMismatch
   */
  rotate(options?: RotateOptions): Promise<KeyringRotation>;
}

/** Organizations whose keys are sealed at the same time. */
const AT_ONCE = 8;
/** Keys that were changed meanwhile are met by the next pass. */
const PASSES = 3;
const MAX_NAMED = 100;

export function keyringOf(store: () => Promise<Store>, keyring: () => Keyring): KeyringOperations {
  async function status(): Promise<KeyringStatus> {
    const ring = keyring();
    const { keyringChecks, organizations } = await store();
    const keys = await keyringChecks.compare(ring);
    const clearText = await organizations.countInClearText();
    const since = await keyringChecks.knownSince();
    const sealsSince = since.get(ring.sealingKeyId);
    const isOlder = (keyId: string) => {
      const known = since.get(keyId);
      return known !== undefined && sealsSince !== undefined && known < sealsSince;
    };
    const removable = keys.filter(({ keyId, organizations: uses }) => uses === 0 && isOlder(keyId));
    return { keys, clearText, removable: removable.map(({ keyId }) => keyId) };
  }

  return {
    check: async () => await (await store()).keyringChecks.compare(keyring()),
    status,
    async rotate({ onProgress } = {}) {
      const ring = keyring();
      const keyId = ring.sealingKeyId;
      const { keyringChecks, organizations, webhooks } = await store();
      await keyringChecks.ensure(ring);
      const limit = pLimit(AT_ONCE);
      const failures = new Map<string, string>();
      const total = await organizations.countNotSealedWith(keyId);
      let [resealed, changed] = [0, 0];

      async function reseal({ _id, storedKey }: StoredKey): Promise<void> {
        const problem = idProblem(_id);
        const orgId = printableId(_id);
        try {
          if (problem !== undefined) throw new KeyUnreadable(problem);
          const sealed = seal(ring, orgId, openStored(ring, orgId, storedKey));
          if (await organizations.replaceKey(_id, storedKey, sealed)) resealed++;
          else changed++;
          failures.delete(orgId);
        } catch (error) {
          if (!(error instanceof KeyUnreadable)) throw error;
          failures.set(orgId, error.message);
        }
      }

      for (let pass = 1; pass <= PASSES; pass++) {
        changed = 0;
        for await (const keys of organizations.keysNotSealedWith(keyId)) {
          await Promise.all(keys.map((key) => limit(() => reseal(key))));
          onProgress?.({ done: Math.min(total, resealed + failures.size), total });
        }
        if (changed === 0) break;
      }
      const secrets = await resealSecrets(webhooks, ring);
      resealed += secrets.resealed;
      const failed = [...failures].map(([orgId, reason]) => ({ orgId, reason }));
      const named = [...failed, ...secrets.failures].slice(0, MAX_NAMED);
      const left =
        (await organizations.countNotSealedWith(keyId)) + (await webhooks.secretsNotSealedWith(keyId)).length;
      return { keyId, resealed, failures: named, left, ...(await status()) };
    },
  };
}
