import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyUnreadable } from './errors.js';
import type { Keyring } from './keyring.js';

const PREFIX = 'sealed:';
const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a sealed text is: one does not open as the other. */
export type Sealed = 'luma-key' | 'webhook-secret';

/** Bound into the seal: a sealed key copied to another organization, or relabelled, does not open. */
function boundText(keyId: string, orgId: string, what: Sealed): Buffer {
  const bound = ['luma-sync', VERSION, keyId, orgId, ...(what === 'luma-key' ? [] : [what])];
  return Buffer.from(JSON.stringify(bound), 'utf8');
}

/** Whether a stored value is sealed (by any version of this program), not a key in clear text. */
export function isSealed(value: string): boolean {
  return value.startsWith(PREFIX);
}

/**
 * Seals a Luma key with the key ring's first key (AES-256-GCM): `sealed:v1:<kid>:<base64url(iv|ciphertext|tag)>`.
 * @param orgId the string form of the organization's `_id`
 */
export function seal(keyring: Keyring, orgId: string, plaintext: string, what: Sealed = 'luma-key'): string {
  const keyId = keyring.sealingKeyId;
  const key = keyring.key(keyId);
  if (key === undefined) throw new KeyUnreadable(`the key ring lacks its own key ${keyId}`);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(boundText(keyId, orgId, what));
  const sealed = Buffer.concat([iv, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${PREFIX}${VERSION}:${keyId}:${sealed.toString('base64url')}`;
}

/** @throws KeyUnreadable when the key ring lacks the key, or the text was changed or belongs to another organization */
export function open(keyring: Keyring, orgId: string, sealed: string, what: Sealed = 'luma-key'): string {
  const { keyId, body } = parse(sealed);
  const key = keyring.key(keyId);
  if (key === undefined) {
    throw new KeyUnreadable(
      `sealed with the key ${keyId}, which the key ring lacks: add that key to it again`,
    );
  }
  const bytes = Buffer.from(body, 'base64url');
  // Several texts decode to the same bytes; only the one that `seal` wrote is accepted.
  if (bytes.toString('base64url') !== body || bytes.length < IV_BYTES + TAG_BYTES) throw changed(keyId);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundText(keyId, orgId, what));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return opened.toString('utf8');
  } catch {
    throw changed(keyId);
  }
}

/** A stored key in clear text, sealed or as an application wrote it. @throws KeyUnreadable */
export function openStored(keyring: Keyring, orgId: string, stored: string): string {
  return isSealed(stored) ? open(keyring, orgId, stored) : stored;
}

/** The id of the key that sealed a stored value; `null`: none that this version knows of. */
export function sealingKeyIdOf(stored: string): string | null {
  try {
    return parse(stored).keyId;
  } catch (error) {
    if (error instanceof KeyUnreadable) return null;
    throw error;
  }
}

/** Whether the key ring opens it. */
export function opens(keyring: Keyring, orgId: string, sealed: string): boolean {
  try {
    open(keyring, orgId, sealed);
    return true;
  } catch (error) {
    if (error instanceof KeyUnreadable) return false;
    throw error;
  }
}

/** Whether the value was sealed with another key than the one that seals now. */
export function needsReseal(keyring: Keyring, sealed: string): boolean {
  return parse(sealed).keyId !== keyring.sealingKeyId;
}

function parse(sealed: string): { keyId: string; body: string } {
  const [prefix, version, keyId, body, ...rest] = sealed.split(':');
  if (prefix !== 'sealed' || version === undefined || keyId === undefined || rest.length > 0) {
    throw new KeyUnreadable('the stored value is not a sealed key');
  }
  if (version !== VERSION || body === undefined) {
    throw new KeyUnreadable(
      'sealed in a form that this version does not know: a newer one may have written it',
    );
  }
  return { keyId, body };
}

function changed(keyId: string): KeyUnreadable {
  return new KeyUnreadable(
    `sealed with the key ${keyId}, but changed since, or sealed for another organization: store the Luma key again`,
  );
}
