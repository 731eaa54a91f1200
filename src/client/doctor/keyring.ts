import type { KeyringCheck } from '../../mongo/keyring-checks.js';
import { StoreUnavailable } from '../../mongo/errors.js';
import type { Store } from '../../mongo/store.js';
import { type StoredKeysFound, tryStoredKeys } from '../../mongo/stored-keys.js';
import type { Keyring } from '../../secrets/keyring.js';
import { fail, firstOf, pass, type PartCheck, warn } from './check.js';

/** The key ring against what MongoDB holds: changes nothing there. */
export async function checkKeyring(
  connecting: Promise<Store>,
  keyring: Keyring,
  { limitMs }: { limitMs: number },
): Promise<PartCheck[]> {
  const without = (why: string) => [
    warn('stored keys', `not checked: ${why}`, { remedy: 'put MongoDB right first' }),
  ];
  let store: Store;
  try {
    store = await connecting;
  } catch {
    return without('MongoDB cannot be used');
  }
  try {
    const [ring, stored] = await Promise.all([
      store.keyringChecks.compare(keyring),
      tryStoredKeys(store.db, keyring, limitMs),
    ]);
    return [...ring.map(keyCheck), ...storedChecks(stored)];
  } catch (error) {
    if (error instanceof StoreUnavailable) return without(error.message);
    throw error;
  }
}

const RIGHT_RING = 'use the key ring of the workers that sealed these keys; a new key needs a new id';

function keyCheck({ keyId, state, seals, organizations }: KeyringCheck): PartCheck {
  const name = `key ${keyId}`;
  const use = `${seals ? 'seals; ' : ''}${count(organizations, 'stored key')} sealed with it`;
  switch (state) {
    case 'matches':
      return pass(name, use);
    case 'unknown':
      return pass(name, `${seals ? 'seals; ' : ''}the database does not know it yet`);
    case 'differs':
      return fail(name, 'has other bytes than the key that sealed under this id', { remedy: RIGHT_RING });
    case 'missing':
      return fail(name, `is not in the key ring, and ${count(organizations, 'stored key')} sealed with it`, {
        remedy: 'add it to the key ring again, behind the key that seals',
      });
  }
}

function storedChecks(found: StoredKeysFound): PartCheck[] {
  const { opened, unreadable, unreadableOf, clear, clearOf, complete } = found;
  const name = 'stored keys';
  const checks: PartCheck[] = [];
  if (unreadable > 0) {
    const [first] = unreadableOf;
    const why = first === undefined ? '' : `, ${first.orgId}: ${first.reason}`;
    checks.push(
      fail(
        name,
        `${unreadable} of ${opened + unreadable} sealed keys do not open (${firstOf(
          unreadableOf.map(({ orgId }) => orgId),
          unreadable,
        )})${why}`,
        {
          remedy: 'use the key ring that sealed them, or store each Luma key again',
          command: 'luma-sync orgs set-key ID',
        },
      ),
    );
  }
  if (clear > 0) {
    checks.push(
      warn(name, `${count(clear, 'Luma key')} in clear text (${firstOf(clearOf, clear)})`, {
        remedy: "each organization's next sync seals its key",
        command: 'luma-sync sync',
      }),
    );
  }
  if (!complete) {
    checks.push(
      warn(name, `only the first ${opened + unreadable + clear} were tried: time was over`, {
        remedy: 'compare all of them by their key ids',
        command: 'luma-sync keyring check',
      }),
    );
  }
  return checks.length > 0 ? checks : [pass(name, opened === 0 ? 'there are none' : `all ${opened} open`)];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? ' is' : 's are'}`;
}
