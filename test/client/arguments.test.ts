import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectLumaSync,
  InvalidArgument,
  type LumaSync,
  readChanges,
  runFullEventSync,
  sealLumaKey,
  syncOrgEvents,
} from '../../src/client.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { open } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const keyring = parseKeyring(generateKeyring());
const mongo = { uri, db: name };
// Nobody answers there: what is refused is refused before anything is asked.
const temporal = {
  address: '127.0.0.1:1',
  namespace: 'default',
  connectionOptions: { address: '127.0.0.1:1' },
};
const lumaSync = connectLumaSync({ mongo, keyring, temporal }, { connectTimeoutMs: 2_000 });
const organizations = db.collection<{ _id: string | ObjectId; lumaApiKey?: string; lumaSync?: object }>(
  'organizations',
);

afterAll(() => lumaSync.close());
beforeEach(async () => {
  await db.dropDatabase();
  await organizations.insertMany([
    { _id: 'acme', lumaApiKey: 'secret-acme', lumaSync: { calendarId: 'cal-1' } },
    { _id: 'other', lumaApiKey: 'secret-other', lumaSync: { calendarId: 'cal-2' } },
  ]);
});

const NO_IDS = [
  { $ne: null },
  { $gt: '' },
  { $in: ['acme'] },
  /./,
  ['acme'],
  5,
  null,
  true,
  '',
  'x'.repeat(301),
  new ObjectId(),
];

const FEED = 'https://api.luma.com/ics/get?entity=calendar&id=cal-1';

type Call = (id: never) => unknown;
const BY_ID: [string, Call][] = [
  ['syncOrgEvents', (id) => lumaSync.syncOrgEvents(id)],
  ['syncOrgEvents of the package', (id) => syncOrgEvents(id, { config: { temporal } })],
  ['runFullEventSync under an id', (workflowId) => lumaSync.runFullEventSync({}, { workflowId })],
  ['fullSync', async (id) => await Promise.resolve().then(() => lumaSync.fullSync(id, 'run'))],
  ['orgSync', async (id) => await Promise.resolve().then(() => lumaSync.orgSync(id))],
  ['orgs.add', (id) => lumaSync.orgs.add({ id, name: 'A', apiKey: 'secret-x' })],
  ['orgs.setKey', (id) => lumaSync.orgs.setKey(id, 'secret-x')],
  ['orgs.removeKey', (id) => lumaSync.orgs.removeKey(id)],
  ['orgs.setFeed', (id) => lumaSync.orgs.setFeed(id, { icalUrl: FEED })],
  ['orgs.removeFeed', (id) => lumaSync.orgs.removeFeed(id)],
  ['orgs.checkKey', (id) => lumaSync.orgs.checkKey('secret-x', id)],
  ['orgs.checkFeed', (id) => lumaSync.orgs.checkFeed(FEED, id)],
  ['orgs.rebind', (id) => lumaSync.orgs.rebind(id)],
  ['orgs.show', (id) => lumaSync.orgs.show(id)],
  ['orgs.check', (id) => lumaSync.orgs.check(id)],
  ['orgs.remove', (id) => lumaSync.orgs.remove(id)],
  ['events.list', (orgId) => lumaSync.events.list({ orgId, limit: 10 })],
  ['changes.read', (orgId) => lumaSync.changes.read({ orgId })],
  ['readChanges', (id) => readChanges(null, id, { config: { mongo } })],
  ['removals.list', (id) => lumaSync.removals.list(id)],
  ['removals.approve', (id) => lumaSync.removals.approve(id, 'all')],
  ['removals.reject', (id) => lumaSync.removals.reject(id, ['evt-1'])],
  ['quarantine.list', (id) => lumaSync.quarantine.list(id)],
  ['dryRuns.ofOrganization', (id) => lumaSync.dryRuns.ofOrganization(id)],
  ['dryRuns.ofFullSync', async (id) => await lumaSync.dryRuns.ofFullSync(id)[Symbol.asyncIterator]().next()],
  ['sealLumaKey', async (id) => await Promise.resolve().then(() => sealLumaKey(keyring, id, 'secret-x'))],
];

it.each(BY_ID)('%s refuses what is no id, and changes nothing', async (called, call) => {
  // Of a run, any text is one.
  const ids = called === 'fullSync' ? NO_IDS.filter((id) => typeof id !== 'string' || id === '') : NO_IDS;
  const before = await organizations.find().toArray();
  for (const id of ids) await expect(call(id as never), JSON.stringify(id)).rejects.toThrow(InvalidArgument);
  expect(await organizations.find().toArray()).toEqual(before);
});

describe('arguments that are not of the kind a function takes are refused:', () => {
  const wrong: [string, (sync: LumaSync) => Promise<unknown>][] = [
    ['a mistyped field of a query', (sync) => sync.events.list({ orgID: 'acme', limit: 10 } as never)],
    ['a query that is none', (sync) => sync.events.list(null as never)],
    ['a date as text', (sync) => sync.events.list({ from: '2026-01-01', limit: 10 } as never)],
    ['a filter as a date', (sync) => sync.events.list({ to: { $exists: true }, limit: 10 } as never)],
    ['a date that is none', (sync) => sync.events.list({ to: new Date('soon'), limit: 10 })],
    ['a position that is no text', (sync) => sync.changes.read({ since: { $gt: '' } } as never)],
    ['a mistyped field of a change query', (sync) => sync.changes.read({ org: 'acme' } as never)],
    ['a decision on something else than ids', (sync) => sync.removals.approve('acme', { $ne: 1 } as never)],
    ['a decision on ids that are none', (sync) => sync.removals.reject('acme', [{ $ne: 1 }] as never)],
    ['a decision on nothing', (sync) => sync.removals.approve('acme', undefined as never)],
    ['a name that is no text', (sync) => sync.orgs.add({ name: { a: 1 }, apiKey: 'secret-x' } as never)],
    ['an empty name', (sync) => sync.orgs.add({ name: ' ', apiKey: 'secret-x' })],
    ['a key that is none', (sync) => sync.orgs.add({ name: 'A', apiKey: 'two words' })],
    ['a key that is no text', (sync) => sync.orgs.setKey('acme', { $ne: 1 } as never)],
    ['a feed that is none of Luma’s', (sync) => sync.orgs.setFeed('acme', { icalUrl: 'https://x.example/' })],
    ['a feed that is no text', (sync) => sync.orgs.setFeed('acme', { icalUrl: { $ne: 1 } } as never)],
    [
      'a time zone of no map',
      (sync) => sync.orgs.setFeed('acme', { icalUrl: FEED, timezone: 'Mars/Olympus' }),
    ],
    [
      'a mistyped field of a feed',
      (sync) => sync.orgs.setFeed('acme', { icalUrl: FEED, timeZone: 'UTC' } as never),
    ],
    [
      'an address that is none',
      (sync) => sync.orgs.add({ name: 'A', apiKey: 'k', calendarUrl: 'javascript:1' }),
    ],
    [
      'a mistyped field of an organization',
      (sync) => sync.orgs.add({ name: 'A', apiKey: 'k', Id: 'a' } as never),
    ],
    ['input that is no object', (sync) => sync.runFullEventSync('all' as never)],
    ['options that are no object', (sync) => sync.syncOrgEvents('acme', 'now' as never)],
    ['a time of day that is no text', (sync) => sync.schedule.apply({ at: 7 } as never)],
    ['a mistyped schedule option', (sync) => sync.schedule.apply({ At: '08:00' } as never)],
    ['input of the package that is no object', () => runFullEventSync([] as never, { config: { temporal } })],
    [
      'a position of the package that is no text',
      () => readChanges({} as never, 'acme', { config: { mongo } }),
    ],
  ];
  it.each(wrong)('%s', async (_, call) => {
    const refused: unknown = await call(lumaSync).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidArgument);
    expect(refused).toBeInstanceOf(TypeError);
    expect((refused as Error).message).toMatch(/^[^\n]+$/);
    expect(String(refused)).not.toContain('secret');
  });

  it.each([0, -1, 1.5, 10_001, '5', { $gt: 0 }, null, Number.NaN, Infinity])(
    'the limit %j',
    async (limit) => {
      await expect(lumaSync.events.list({ limit } as never)).rejects.toThrow(RangeError);
      await expect(lumaSync.changes.read({ limit } as never)).rejects.toThrow(RangeError);
    },
  );

  it('settings', () => {
    for (const settings of [
      null,
      { mongo: 'mongodb://h' },
      { mongo: { uri } },
      { mongo: { uri, db: { $ne: 1 } } },
      { keyring: 'k1:AAAA' },
      { temporal: '127.0.0.1:7233' },
    ]) {
      expect(() => connectLumaSync(settings as never)).toThrow(InvalidArgument);
    }
    for (const options of [
      null,
      { timeout: 5 },
      { connectTimeoutMs: '5' },
      { taskQueue: {} },
      { scheduleId: '' },
    ]) {
      expect(() => connectLumaSync({ mongo }, options as never)).toThrow(InvalidArgument);
    }
  });
});

describe('a key that an application seals itself', () => {
  it('opens for its organization, whatever type its id has', async () => {
    const _id = new ObjectId();
    await organizations.insertOne({ _id, lumaApiKey: sealLumaKey(keyring, String(_id), 'secret-own') });
    const stored = (await organizations.findOne({ _id }))?.lumaApiKey ?? '';
    expect(open(keyring, _id.toHexString(), stored)).toBe('secret-own');
    expect(() => sealLumaKey({} as never, 'acme', 'secret-own')).toThrow(InvalidArgument);
    expect(() => sealLumaKey(keyring, 'acme', ' ')).toThrow(InvalidArgument);
  });
});

describe('setting a key', () => {
  it('stores it sealed for an organization that is there, by an ObjectId too', async () => {
    const _id = new ObjectId();
    await organizations.insertOne({ _id });
    for (const id of ['acme', _id.toHexString().toUpperCase()]) {
      await lumaSync.orgs.setKey(id, 'secret-new');
      const doc = await organizations.findOne({ _id: id === 'acme' ? id : _id });
      expect(open(keyring, String(doc?._id), doc?.lumaApiKey ?? '')).toBe('secret-new');
    }
    expect(await organizations.findOne({ _id: 'other' })).toMatchObject({ lumaApiKey: 'secret-other' });
  });

  it('of an organization that is not there, with a key ring that does not fit, or without one is refused', async () => {
    await expect(lumaSync.orgs.setKey('nobody', 'secret-new')).rejects.toThrow(/no organization "nobody"/);
    await lumaSync.orgs.setKey('acme', 'secret-new');
    const [keyId = ''] = keyring.keyIds;
    const other = generateKeyring().replace(/^\w+/, keyId);
    const misfit = connectLumaSync({ mongo, keyring: parseKeyring(other) });
    await expect(misfit.orgs.setKey('acme', 'secret-newer')).rejects.toThrow(
      new RegExp(`key ${keyId} is not`),
    );
    await expect(misfit.orgs.add({ name: 'A', apiKey: 'secret-newer' })).rejects.toThrow(/is not what/);
    await misfit.close();
    const bare = connectLumaSync({ mongo });
    await expect(bare.orgs.setKey('acme', 'secret-newer')).rejects.toThrow(/key ring/);
    await bare.close();
    expect(await organizations.countDocuments()).toBe(2);
    expect(open(keyring, 'acme', (await organizations.findOne({ _id: 'acme' }))?.lumaApiKey ?? '')).toBe(
      'secret-new',
    );
  });
});
