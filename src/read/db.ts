import type { Db } from 'mongodb';
import { InvalidArgument } from '../arguments.js';

/** A mistake is easily made: Mongoose has no database before it has connected. */
export function checkDb(db: unknown): asserts db is Db {
  if (typeof db === 'object' && db !== null && 'collection' in db && typeof db.collection === 'function')
    return;
  throw new InvalidArgument(
    'db must be a connected MongoDB database: client.db(), or mongoose.connection.db once it is connected',
  );
}
