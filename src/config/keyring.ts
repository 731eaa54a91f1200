import { KeyringInvalid } from '../secrets/errors.js';
import { type Keyring, type KeyringSource, loadKeyring } from '../secrets/keyring.js';
import { ConfigError } from './config-error.js';

/** @throws ConfigError */
export function readKeyring(set: Record<string, string>): Keyring {
  const text = set.LUMA_SYNC_KEYRING;
  const file = set.LUMA_SYNC_KEYRING_FILE;
  if (text !== undefined && file !== undefined) {
    throw new ConfigError(['LUMA_SYNC_KEYRING and LUMA_SYNC_KEYRING_FILE are both set – keep one of them']);
  }
  let source: KeyringSource;
  if (text !== undefined) source = { text };
  else if (file !== undefined) source = { file };
  else {
    throw new ConfigError([
      'LUMA_SYNC_KEYRING is not set, nor is LUMA_SYNC_KEYRING_FILE – make a key ring once with: luma-sync keyring new luma-sync.keyring, and set LUMA_SYNC_KEYRING_FILE to its path',
    ]);
  }
  try {
    return loadKeyring(source);
  } catch (error) {
    if (!(error instanceof KeyringInvalid)) throw error;
    const name = 'text' in source ? 'LUMA_SYNC_KEYRING' : 'LUMA_SYNC_KEYRING_FILE';
    throw new ConfigError([
      `${name} cannot be used: ${error.message} – it must be as luma-sync keyring new makes it: kid:base64key, one a line or with commas between`,
    ]);
  }
}
