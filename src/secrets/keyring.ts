import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { KeyringInvalid } from './errors.js';

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const KEY_BYTES = 32;

/** Whether the text can be a key's id. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/**
 * The keys that seal organizations' Luma keys. The first one seals; every one opens, so that a new first key can be
 * added before the old one is taken away. Printing, logging or serialising a key ring shows its key ids only.
 */
export class Keyring {
  readonly #keys: ReadonlyMap<string, Buffer>;
  /** The id of the key that seals. */
  readonly sealingKeyId: string;

  /** @param keys at least one; the first seals */
  constructor(keys: ReadonlyMap<string, Buffer>) {
    const [first] = keys.keys();
    if (first === undefined) throw new KeyringInvalid('the key ring is empty');
    this.#keys = new Map(keys);
    this.sealingKeyId = first;
  }

  get keyIds(): string[] {
    return [...this.#keys.keys()];
  }

  /** The 32 bytes of a key, for `seal` and `open` only. */
  key(keyId: string): Buffer | undefined {
    return this.#keys.get(keyId);
  }

  /** What tells a key from another one of the same id, and tells nothing else of it. */
  checkValue(keyId: string): string | undefined {
    const key = this.#keys.get(keyId);
    if (key === undefined) return undefined;
    return createHmac('sha256', key).update(`luma-sync key check v1 ${keyId}`).digest('base64url');
  }

  toJSON(): { keyIds: string[] } {
    return { keyIds: this.keyIds };
  }

  [inspect.custom](): string {
    return `Keyring(${this.keyIds.join(', ')})`;
  }
}

/**
 * Reads `kid:base64key[,kid:base64key…]`; line ends separate as commas do. Keys are 32 bytes in base64 or base64url.
 * @throws KeyringInvalid naming the entry by its place and, where usable, its key id
 */
export function parseKeyring(text: string): Keyring {
  const entries = text
    .split(/[,\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const keys = new Map<string, Buffer>();
  for (const [index, entry] of entries.entries()) {
    const place = `entry ${index + 1} of ${entries.length}`;
    const colon = entry.indexOf(':');
    if (colon === -1) throw new KeyringInvalid(`${place} has no key id: the form is kid:base64key`);
    const keyId = entry.slice(0, colon).trim();
    if (!isKeyId(keyId)) {
      throw new KeyringInvalid(`${place} has a key id that is not 1 to 32 of A-Z a-z 0-9 _ -`);
    }
    if (keys.has(keyId)) throw new KeyringInvalid(`the key id ${keyId} is there twice`);
    keys.set(keyId, decodeKey(entry.slice(colon + 1).trim(), keyId));
  }
  return new Keyring(keys);
}

function decodeKey(encoded: string, keyId: string): Buffer {
  // Buffer.from skips what is not base64: without this check a mistyped key would become another, shorter one.
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded)) {
    throw new KeyringInvalid(`the key of ${keyId} is not base64`);
  }
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== KEY_BYTES) {
    throw new KeyringInvalid(`the key of ${keyId} has ${key.length} bytes instead of ${KEY_BYTES}`);
  }
  if (isPattern(key)) {
    throw new KeyringInvalid(`the key of ${keyId} is not random: its bytes follow a short pattern`);
  }
  return key;
}

/** Longest pattern that is looked for, in bytes: half of a key. */
const MAX_PATTERN = KEY_BYTES / 2;

/** Zeros, one repeated byte, a short repeated text, or bytes at even distances: made by hand, not by chance. */
function isPattern(key: Buffer): boolean {
  const repeats = (length: number) => key.every((byte, at) => byte === key[at % length]);
  const step = ((key[1] ?? 0) - (key[0] ?? 0) + 256) % 256;
  const even = key.every((byte, at) => at === 0 || byte === ((key[at - 1] ?? 0) + step) % 256);
  return even || Array.from({ length: MAX_PATTERN }, (_, nth) => nth + 1).some(repeats);
}

/** The text of a new key ring with one random key. */
export function generateKeyring(): string {
  return `k${randomBytes(3).toString('hex')}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

/** Where a key ring is: its text, or a file that holds the text. */
export type KeyringSource = { text: string } | { file: string };

/** @throws KeyringInvalid, for a file that cannot be read too */
export function loadKeyring(source: KeyringSource): Keyring {
  if ('text' in source) return parseKeyring(source.text);
  let text: string;
  try {
    text = readFileSync(source.file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new KeyringInvalid(`the file ${source.file} cannot be read (${code})`);
  }
  return parseKeyring(text);
}
