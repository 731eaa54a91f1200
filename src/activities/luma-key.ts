import type { SyncableOrg } from '../mongo/organizations.js';
import { openStored } from '../secrets/sealed-key.js';
import type { ActivityDependencies } from './dependencies.js';
import { OrgHasNoKey } from './failures.js';

/**
 * The organization's Luma key in clear text, for the request at hand and nothing else.
 * @throws OrgHasNoKey, KeyUnreadable
 */
export function openLumaKey({ keyring }: Pick<ActivityDependencies, 'keyring'>, org: SyncableOrg): string {
  if (org.storedKey === null) {
    const why =
      org.keyProblem === undefined ? 'has no Luma key' : `has no usable Luma key: ${org.keyProblem}`;
    throw new OrgHasNoKey(`organization ${String(org._id)} ${why}`);
  }
  return openStored(keyring, String(org._id), org.storedKey);
}
