import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, inject } from 'vitest';

export interface FreshDatabase {
  db: Db;
  client: MongoClient;
  uri: string;
  name: string;
}

/** `host:port` of the run's Temporal server, namespace `default`. */
export function temporalAddress(): string {
  return inject('temporalAddress');
}

/** URI of the run's MongoDB. */
export function mongoUri(): string {
  return inject('mongoUri');
}

/**
 * An empty database of its own on the run's server, dropped and disconnected after the file. Call it at the top of
 * a file, or in a `describe`, after which it is then dropped; not in a hook or a test.
 */
export function freshDatabase(): FreshDatabase {
  const uri = mongoUri();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // As the program's own client.
  const client = new MongoClient(uri, { ignoreUndefined: true });
  const db = client.db(name);
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });
  return { db, client, uri, name };
}
