import { OrgNotFound } from '../mongo/errors.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';

/** `null`: it is gone meanwhile, or never was. */
export async function findOrganization(
  { organizations }: Pick<Store, 'organizations'>,
  orgId: string,
): Promise<SyncableOrg | null> {
  try {
    return await organizations.get(orgId);
  } catch (error) {
    if (error instanceof OrgNotFound) return null;
    throw error;
  }
}
