import type { ObjectId } from 'mongodb';

/** An ObjectId of whichever copy of the driver: an application may bring its own, or Mongoose's. */
export function isObjectId(value: unknown): value is ObjectId {
  if (typeof value !== 'object' || value === null) return false;
  const { _bsontype, toHexString } = value as Partial<Record<'_bsontype' | 'toHexString', unknown>>;
  // No JSON of a visitor's is one.
  return _bsontype === 'ObjectId' && typeof toHexString === 'function';
}
