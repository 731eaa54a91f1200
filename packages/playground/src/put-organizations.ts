import type { Config } from '../../../src/config.js';
import { OrgAlreadyExists } from '../../../src/mongo/errors.js';
import { connectStore } from '../../../src/mongo/store.js';
import { seal } from '../../../src/secrets/sealed-key.js';
import type { DemoOrganization } from './demo-organizations.js';

/**
 * Sees to it that the organizations are there with these keys, sealed so that `keyring` opens them. On a MongoDB that
 * is kept, an earlier run's are found again: the key ring that sealed their keys may have ended with that run. An
 * organization that only shares the id, under another name, stays as it is.
 * @throws StoreUnavailable
 */
export async function putOrganizations(
  { mongo, keyring }: Pick<Config, 'mongo' | 'keyring'>,
  organizations: readonly DemoOrganization[],
): Promise<void> {
  const store = await connectStore(mongo);
  try {
    for (const { id, name, apiKey } of organizations) {
      const sealedKey = seal(keyring, id, apiKey);
      try {
        await store.organizations.add({ id, name, sealedKey });
      } catch (error) {
        if (!(error instanceof OrgAlreadyExists)) throw error;
        await store.organizations.setKey({ id, name }, sealedKey);
      }
    }
  } finally {
    await store.close();
  }
}
