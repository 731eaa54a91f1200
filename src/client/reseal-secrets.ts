import type { WebhookStore } from '../mongo/webhooks.js';
import { KeyUnreadable } from '../secrets/errors.js';
import type { Keyring } from '../secrets/keyring.js';
import { open, seal } from '../secrets/sealed-key.js';

/** What became of the secrets of webhooks in a rotation. */
export interface ResealedSecrets {
  resealed: number;
  failures: { orgId: string; reason: string }[];
}

/** Seals every secret of a webhook with the ring's first key. One that is registered anew meanwhile is so already. */
export async function resealSecrets(webhooks: WebhookStore, ring: Keyring): Promise<ResealedSecrets> {
  const done: ResealedSecrets = { resealed: 0, failures: [] };
  for (const { _id, sealedSecret } of await webhooks.secretsNotSealedWith(ring.sealingKeyId)) {
    const orgId = String(_id);
    try {
      const secret = open(ring, orgId, sealedSecret, 'webhook-secret');
      const sealed = seal(ring, orgId, secret, 'webhook-secret');
      if (await webhooks.replaceSecret(_id, sealedSecret, sealed)) done.resealed++;
    } catch (error) {
      if (!(error instanceof KeyUnreadable)) throw error;
      const reason = `the secret of its webhook: ${error.message}; luma-sync webhooks apply stores it anew`;
      done.failures.push({ orgId, reason });
    }
  }
  return done;
}
