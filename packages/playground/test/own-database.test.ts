import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { claimDatabase } from '../src/own-database.js';
import { mongoWithoutRights } from '../../../test/support/mongo-without-rights.js';
import { freshDatabase } from '../../../test/support/servers.js';

const { client, uri } = freshDatabase();

/** A name that nobody has, whatever becomes of it. */
function newName(): string {
  const db = `luma_sync_demo_${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await client.db(db).dropDatabase();
  });
  return db;
}

async function exists(db: string): Promise<boolean> {
  return (await client.db(db).listCollections().toArray()).length > 0;
}

test('a database of its own is there until it is dropped, with all that came into it', async () => {
  const db = newName();
  const drop = await claimDatabase({ uri, db }, 'demo');
  await client.db(db).collection('events').insertOne({});
  expect(await exists(db)).toBe(true);
  await drop();
  expect(await exists(db)).toBe(false);
  await drop();
});

test('a database that is there already is refused, and stays as it is', async () => {
  const db = newName();
  const theirs = client.db(db).collection('organizations');
  await theirs.insertOne({ name: 'Harbour' });
  await expect(claimDatabase({ uri, db }, 'demo')).rejects.toThrow(/is there already/);
  expect(await client.db(db).listCollections().toArray()).toHaveLength(1);
  expect(await theirs.countDocuments()).toBe(1);
});

test('a database that has lost its marker is not dropped, and that is said', async () => {
  const db = newName();
  const drop = await claimDatabase({ uri, db }, 'dev');
  await client.db(db).dropDatabase();
  await client.db(db).collection('events').insertOne({});
  await expect(drop()).rejects.toThrow(new RegExp(`^the database ${db} is left .*marker.*drop it yourself$`));
  expect(await exists(db)).toBe(true);
});

test('a user who may use one database only is told what to do; nothing is made', async () => {
  const db = newName();
  const limited = await mongoWithoutRights((command, name) => command !== 'hello' && name === db);
  const claim = claimDatabase({ uri: limited, db }, 'demo');
  await expect(claim).rejects.toThrow(/of your own, or unset MONGODB_URI/);
  expect(await exists(db)).toBe(false);
});

test.each(['drop', 'insert'])(
  'a user who may not %s in it is refused, and nothing is left',
  async (command) => {
    const db = newName();
    const limited = await mongoWithoutRights((each, name) => each === command && name === db);
    await expect(claimDatabase({ uri: limited, db }, 'demo')).rejects.toThrow(/may not make and remove/);
    expect(await exists(db)).toBe(false);
  },
);

test('a user who may not drop databases removes its collections, and so the database', async () => {
  const db = newName();
  const limited = await mongoWithoutRights((command) => command === 'dropDatabase');
  const drop = await claimDatabase({ uri: limited, db }, 'demo');
  await client.db(db).collection('events').insertOne({});
  await drop();
  expect(await exists(db)).toBe(false);
});
