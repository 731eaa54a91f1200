import type { ObjectId } from 'mongodb';

/** An ObjectId of whichever copy of the driver: an application may bring its own, or Mongoose's. */
export function isObjectId(value: unknown): value is ObjectId {
  return (
    typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === 'ObjectId'
  );
}
