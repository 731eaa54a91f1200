import { processEnvironment } from '../config.js';

/** The part of the settings that has the key ring, where one is named: not every organization has a key. */
export function keyringIfSet(): readonly 'keyring'[] {
  const { LUMA_SYNC_KEYRING, LUMA_SYNC_KEYRING_FILE } = processEnvironment();
  const isSet = [LUMA_SYNC_KEYRING, LUMA_SYNC_KEYRING_FILE].some((value = '') => value.trim() !== '');
  return isSet ? ['keyring'] : [];
}
