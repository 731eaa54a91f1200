import { checkId, checkKeyring, checkLumaKey } from './arguments.js';
import type { Keyring } from '../secrets/keyring.js';
import { seal } from '../secrets/sealed-key.js';

/**
 * Seals a Luma key for an application that writes `organizations.lumaApiKey` itself, so that the key in clear text
 * never leaves its process. Only the organization that it was sealed for can use it.
 * @param orgId `String(_id)` of the organization; of an ObjectId that is its 24 hexadecimal digits
 * @param apiKey in clear text
 * @throws InvalidArgument
 */
export function sealLumaKey(keyring: Keyring, orgId: string, apiKey: string): string {
  checkKeyring(keyring);
  checkId(orgId, 'orgId');
  checkLumaKey(apiKey, 'apiKey');
  return seal(keyring, orgId, apiKey);
}
