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
