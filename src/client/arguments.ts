import { InvalidArgument } from '../arguments.js';
import { isLumaKey } from '../luma/key.js';
import { Keyring } from '../secrets/keyring.js';

export * from '../arguments.js';

export function checkLumaKey(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || !isLumaKey(value)) {
    throw new InvalidArgument(`${name} must be a Luma key: one line without blanks`);
  }
}

export function checkName(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > 200) {
    throw new InvalidArgument(`${name} must be a text of 1 to 200 characters`);
  }
}

export function checkKeyring(value: unknown): asserts value is Keyring {
  if (!(value instanceof Keyring)) {
    throw new InvalidArgument("the key ring must be readConfig(…, ['keyring']).keyring");
  }
}
