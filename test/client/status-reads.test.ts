import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { lumaSyncOver } from '../../src/client/connect.js';
import { storeOf } from '../../src/mongo/store.js';
import { freshDatabase, mongoUri } from '../support/servers.js';

const { db, name } = freshDatabase();
const watched = new MongoClient(mongoUri(), { monitorCommands: true });
const read = { commands: [] as string[], bytes: 0 };
watched.on('commandStarted', ({ commandName }) => read.commands.push(commandName));
watched.on('commandSucceeded', ({ reply }) => (read.bytes += BSON.calculateObjectSize(reply as object)));
const lumaSync = lumaSyncOver(
  {
    temporal: {
      ...{ address: '', namespace: '', outageLimitMs: 1 },
      use: () => Promise.reject(new Error('not needed')),
      close: () => Promise.resolve(),
    },
    store: () => Promise.resolve(storeOf(watched.db(name), { now: () => now })),
  },
  {},
);
afterAll(() => watched.close());

const now = new Date('2026-11-26T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const PARTS = ['organizations', 'removals', 'quarantine', 'webhooks', 'lastFullSync'] as const;
const LIMIT = 3;

function organization(nth: number) {
  const fails = nth % 20 === 0;
  const at = hoursAgo(fails ? 30 : 3);
  return {
    _id: `org-${String(nth).padStart(5, '0')}`,
    name: `Organization ${nth}`,
    lumaApiKey: `sealed:v1:${'x'.repeat(100)}`,
    about: 'what the application keeps for itself '.repeat(30),
    eventsLastSynced: at,
    lumaSync: {
      ...{ state: fails ? 'failed' : 'ok', lastAttemptAt: hoursAgo(3), lastSuccessAt: at },
      ...{ consecutiveFailures: fails ? 1 : 0, calendarId: `cal-${nth}`, syncId: `run-${nth}` },
      ...(fails ? { reason: 'LumaUnavailable: 503' } : {}),
    },
  };
}

async function put(count: number): Promise<void> {
  const organizations = Array.from({ length: count }, (_, nth) => organization(nth));
  await db.collection<{ _id: string }>('organizations').insertMany(organizations);
  const runs = organizations.map(({ _id, lumaSync: { state } }) => ({
    ...{ _id: `run of ${_id}`, orgId: _id, kind: 'org', state: state === 'ok' ? 'complete' : 'failed' },
    ...{ workflowId: _id, startedAt: hoursAgo(3), finishedAt: hoursAgo(3) },
  }));
  const full = (hours: number) => ({
    ...{ _id: `full ${hours}`, kind: 'full', state: 'partial', workflowId: 'full' },
    ...{ startedAt: hoursAgo(hours), finishedAt: hoursAgo(hours - 1) },
  });
  await db.collection<{ _id: string }>('sync_runs').insertMany([...runs, full(26), full(2), full(14)]);
}

async function look() {
  Object.assign(read, { commands: [], bytes: 0 });
  const status = await lumaSync.status({ parts: PARTS, limit: LIMIT });
  expect(status.unread).toEqual([]);
  return { status, commands: read.commands.toSorted(), bytes: read.bytes };
}

beforeEach(async () => {
  await storeOf(db, { now: () => now }).ensureIndexes();
  await Promise.all(['organizations', 'sync_runs'].map((each) => db.collection(each).deleteMany({})));
});

test('a status makes as many reads of MongoDB for 1,200 organizations as for 200, and reads little of each', async () => {
  await put(200);
  const few = await look();
  // The rest of the organizations is the second batch of their one read.
  const since = Array.from({ length: LIMIT }, () => 'find');
  expect(few.commands).toEqual(['aggregate', 'aggregate', ...since, 'find', 'find', 'getMore']);
  await db.collection('organizations').deleteMany({});
  await db.collection('sync_runs').deleteMany({});
  await put(1_200);
  const many = await look();
  expect(many.commands).toEqual(few.commands);
  expect(many.status.organizations?.counts).toMatchObject({ fresh: 1_140, failing: 60 });
  expect((many.bytes - few.bytes) / 1_000).toBeLessThan(300);
});

test('the last full sync is found among those of organizations', async () => {
  await put(50);
  const { status } = await look();
  expect(status.lastFullSync).toMatchObject({ id: 'full 2', durationMs: 3_600_000 });
  await db.collection('sync_runs').deleteMany({ kind: 'full' });
  expect((await look()).status.lastFullSync).toBeNull();
});

test('names and addresses are read where the organizations are listed too', async () => {
  await put(2);
  const { listed } = await lumaSync.status({ parts: ['organizations'], listed: true });
  expect(listed).toMatchObject([
    { id: 'org-00000', name: 'Organization 0', hasKey: true, reason: 'LumaUnavailable: 503' },
    { id: 'org-00001', name: 'Organization 1', state: 'ok' },
  ]);
});

test('webhooks that may be silent are looked at many at a time, and those that are, are named', async () => {
  await put(120);
  const webhook = { id: 'wh', url: 'https://x.example', sealedSecret: 'sealed', state: 'active' };
  await db
    .collection('organizations')
    .updateMany({}, { $set: { lumaWebhook: { ...webhook, registeredAt: hoursAgo(5) } } });
  const event = (orgId: string, lumaEventId: string, changedAt: Date) => ({ orgId, lumaEventId, changedAt });
  await db
    .collection<object>('events')
    .insertMany([
      event('org-00001', 'evt-1', hoursAgo(3)),
      event('org-00001', 'evt-2', hoursAgo(2)),
      event('org-00002', 'evt-1', hoursAgo(4.9)),
      event('org-00003', 'evt-1', hoursAgo(6)),
    ]);
  const removed = { orgId: 'org-00099', lumaEventId: 'evt-1', removedAt: hoursAgo(1) };
  await db.collection('removed_events').insertOne(removed);
  const { status, commands } = await look();
  expect(status.webhooks).toMatchObject({ organizations: 120, registered: 120 });
  expect(status.webhooks?.silent).toEqual([
    { orgId: 'org-00001', changedAt: hoursAgo(2) },
    { orgId: 'org-00099', changedAt: hoursAgo(1) },
  ]);
  // 50 organizations by one read of each of two collections, besides those of removals and of quarantine.
  expect(commands.filter((command) => command === 'aggregate')).toHaveLength(3 * 2 + 2);
});
