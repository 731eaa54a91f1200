import type { Db } from 'mongodb';
import { InvalidArgument } from '../arguments.js';

/**
 * A connected MongoDB database: the driver's `client.db()`, or Mongoose's `connection.db`. Told by its shape, because the
 * types of two copies of the driver, an application's and this package's, are strangers to each other.
 */
export interface EventsDb {
  readonly databaseName: string;
  collection(name: string): object;
}

/** @throws InvalidArgument: a mistake is easily made, as Mongoose has no database before it has connected */
export function asDb(db: unknown): Db {
  if (typeof db === 'object' && db !== null && 'collection' in db && typeof db.collection === 'function') {
    return db as Db;
  }
  throw new InvalidArgument(
    'db must be a connected MongoDB database: client.db(), or mongoose.connection.db once it is connected',
  );
}
