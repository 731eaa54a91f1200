import { type Db, MongoServerError } from 'mongodb';
import type { MongoSettings } from '../../../src/config.js';
import { guarded } from '../../../src/mongo/errors.js';
import { connectStore } from '../../../src/mongo/store.js';
import { type End, messageOf } from './end-all.js';
import type { PlaygroundCommand } from './own-place.js';

/** Says whose the database is: only one that holds this command's own marker is ever dropped. */
const MARKER = 'luma_sync_playground';

interface MarkerDoc {
  _id: string;
  command: PlaygroundCommand;
  createdAt: Date;
}

/**
 * Takes a database of its own on somebody's MongoDB. What could not be removed again is not made.
 * @param mongo.db a name that nobody else has
 * @returns what drops it. @throws StoreUnavailable, and an Error where it is not empty or not allowed
 */
export async function claimDatabase(mongo: MongoSettings, command: PlaygroundCommand): Promise<End> {
  try {
    await withDatabase(mongo, (db) => claim(db, command));
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    throw new Error(
      `the user of MONGODB_URI may not make and remove a database of its own (${mongo.db}), and ${command} uses no other – give it a MongoDB of your own, or unset MONGODB_URI: ${command} then starts one`,
    );
  }
  return async () => {
    try {
      await withDatabase(mongo, drop);
    } catch (error) {
      throw new Error(`the database ${mongo.db} is left on MongoDB: ${messageOf(error)} – drop it yourself`);
    }
  };
}

/** @throws NotAllowed */
async function claim(db: Db, command: PlaygroundCommand): Promise<void> {
  const name = db.databaseName;
  if ((await collectionNames(db)).length > 0) {
    throw new Error(`the database ${name} is there already – run ${command} again: it takes another name`);
  }
  const marker = db.collection<MarkerDoc>(MARKER);
  // Rights are looked at before existence: this tells whether the next line can be undone.
  await guarded('look for rights', () => allowed(() => marker.drop()));
  await guarded('create a database', () =>
    allowed(() => marker.insertOne({ _id: name, command, createdAt: new Date() })),
  );
}

async function drop(db: Db): Promise<void> {
  const name = db.databaseName;
  const mine = await guarded('find marker', () => db.collection<MarkerDoc>(MARKER).findOne({ _id: name }));
  const names = await collectionNames(db);
  if (names.length === 0) return;
  if (mine === null) throw new Error('it has lost the marker that says whose it is');
  try {
    await guarded('drop database', () => allowed(() => db.dropDatabase()));
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    // Some roles may drop collections only; a database without any is gone. The marker goes last.
    for (const each of [...names.filter((one) => one !== MARKER), MARKER]) {
      await guarded('drop collection', () => db.dropCollection(each));
    }
  }
}

async function collectionNames(db: Db): Promise<string[]> {
  const names: string[] = [];
  await guarded('list collections', () =>
    allowed(async () => {
      const found = await db.listCollections({}, { nameOnly: true }).toArray();
      names.push(...found.map(({ name }) => name).filter((name) => !name.startsWith('system.')));
    }),
  );
  return names;
}

class NotAllowed extends Error {}

const UNAUTHORIZED = 13;
/** Atlas has a code of its own for what its users may not do. */
const ATLAS_ERROR = 8000;
const NO_SUCH_COLLECTION = 26;

async function allowed(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const code = error instanceof MongoServerError ? error.code : undefined;
    if (code === UNAUTHORIZED || code === ATLAS_ERROR) throw new NotAllowed();
    if (code !== NO_SUCH_COLLECTION) throw error;
  }
}

async function withDatabase(mongo: MongoSettings, use: (db: Db) => Promise<void>): Promise<void> {
  const store = await connectStore(mongo);
  try {
    await use(store.db);
  } finally {
    await store.close();
  }
}
