/**
 * A stored key cannot be opened: the key ring lacks the key that sealed it, or the text was changed, or it was
 * sealed for another organization. The message names key ids only.
 */
export class KeyUnreadable extends Error {
  override readonly name = 'KeyUnreadable';
}

/** A key ring's text cannot be used. The message counts entries and names key ids, never key material. */
export class KeyringInvalid extends Error {
  override readonly name = 'KeyringInvalid';
}

/** A key of the ring is another one than the one that this database's Luma keys were sealed with. */
export class KeyringMismatch extends Error {
  override readonly name = 'KeyringMismatch';

  constructor(readonly keyIds: readonly string[]) {
    const [many, one] = [keyIds.length > 1, keyIds.join(', ')];
    super(
      `the key ring's ${many ? 'keys' : 'key'} ${one} ${many ? 'are' : 'is'} not what this database's Luma keys were sealed with under that id – use the key ring of the other workers; a new key needs a new id (luma-sync keyring check tells more)`,
    );
  }
}
