import { type Db, MongoClient } from 'mongodb';

let client: MongoClient | undefined;

/** One client for the process. It connects when it is first asked. */
export function database(): Db {
  client ??= new MongoClient(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/luma_sync');
  return client.db(process.env.MONGODB_DB);
}
