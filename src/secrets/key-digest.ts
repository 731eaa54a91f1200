import { createHmac } from 'node:crypto';

/**
 * Tells whether two keys are the same without holding either: an HMAC of the key, by the sync that uses it, so that
 * digests of two syncs or organizations cannot be compared.
 */
export function keyDigest(apiKey: string, syncId: string): string {
  return createHmac('sha256', syncId).update(apiKey, 'utf8').digest('base64url');
}
