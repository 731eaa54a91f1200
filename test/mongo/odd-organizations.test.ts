import { Double, Long, MongoClient, ObjectId, UUID } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeOf } from '../../src/mongo/store.js';
import { at, useStore } from './support/store.js';

const rig = useStore();
interface Doc {
  _id: string;
  [field: string]: unknown;
}
const collection = () => rig.db.collection<Doc>('organizations');
const put = async (...docs: { _id: unknown; [field: string]: unknown }[]) =>
  await collection().insertMany(docs as Doc[]);
const read = async (_id: string) => (await collection().findOne({ _id })) ?? {};

const ODD_SYNC = [null, 'ok', 7, [], [{ state: 'syncing' }], true, at(0), { consecutiveFailures: 'three' }];

/** A sync of the organization, as it is now, begins. */
async function beginSync(_id: string, syncId: string, now: Date): Promise<void> {
  const { organizations } = rig.store;
  await organizations.beginSync(await organizations.get(_id), syncId, now);
}

describe.each(ODD_SYNC)('an organization whose lumaSync is %j', (lumaSync) => {
  const ok = { state: 'ok' as const, whole: true, removalsHeld: 0, drift: [] };

  test('is synced, well or not, and has a state after it', async () => {
    const { organizations } = rig.store;
    for (const _id of ['well', 'failed']) {
      await put({ _id, lumaApiKey: 'k', lumaSync });
      expect(await organizations.get(_id)).toMatchObject({ storedKey: 'k', calendarId: null });
      await beginSync(_id, 'sync-1', at(1));
      await organizations.bindCalendar(await organizations.get(_id), {
        id: 'cal-1',
        name: 'A',
        url: 'https://luma.com/a',
      });
    }
    await organizations.endSync('well', 'sync-1', ok, at(2));
    await organizations.endSync('failed', 'sync-1', { state: 'failed', reason: 'LumaForbidden: 403' }, at(2));
    expect(await read('well')).toMatchObject({
      lumaSync: { state: 'ok', calendarId: 'cal-1', lastAttemptAt: at(1), lastSuccessAt: at(2) },
      eventsLastSynced: at(2),
    });
    expect(await read('failed')).toMatchObject({
      lumaSync: { state: 'failed', reason: 'LumaForbidden: 403', consecutiveFailures: 1 },
    });
  });

  test('is listed, rebound, and told of removals that wait', async () => {
    const { organizations } = rig.store;
    await put({ _id: 'acme', lumaApiKey: 'k', lumaSync });
    expect(await organizations.list()).toMatchObject([{ id: 'acme', hasKey: true }]);
    expect(await rig.store.decisions.rebind('acme', 'Ann')).toBeNull();
    await organizations.noteRemovalsHeld('acme', 0);
    await organizations.noteRemovalsHeld('acme', 3);
    expect(await read('acme')).toMatchObject({ lumaSync: { removalsHeld: 3 } });
  });
});

test('fields of odd kinds are not read, and are named', async () => {
  await put(
    { _id: 'a', name: { en: 'Acme' }, lumaApiKey: { key: 'secret-canary' }, lumaCalendarUrl: 7 },
    {
      _id: 'b',
      name: 42,
      lumaApiKey: ['secret-canary'],
      lumaVisibility: { private: true },
      eventsLastSynced: 'today',
    },
    {
      ...{ _id: 'c', name: 'C', lumaApiKey: '', lumaVisibility: ['private', 7] },
      lumaSync: {
        calendarId: 5,
        calendarName: [],
        lastSuccessAt: 'soon',
        removalsHeld: 'x',
        drift: 'name',
        state: 1,
      },
    },
    { _id: 'd', lumaSync: 'ok', lumaApiKey: new Double(1.5), eventsLastSynced: Long.fromNumber(5) },
    {
      _id: 'e',
      name: 'E',
      lumaApiKey: 'k',
      lumaVisibility: 'private',
      lumaSync: null,
      lumaCalendarUrl: null,
    },
  );
  expect(await rig.store.organizations.list()).toEqual([
    {
      ...{ id: 'a', name: '', hasKey: false, unusable: 'lumaApiKey is an object, not text' },
      problems: ['name is an object, not text', 'lumaCalendarUrl is a number, not text'],
    },
    {
      ...{ id: 'b', name: '', hasKey: false, unusable: 'lumaApiKey is a list, not text' },
      problems: [
        'lumaVisibility is an object, not a word or a list of words',
        'name is a number, not text',
        'eventsLastSynced is text, not a date',
      ],
    },
    {
      ...{ id: 'c', name: 'C', hasKey: false },
      problems: [
        'lumaApiKey is empty',
        'lumaVisibility is a list, not a word or a list of words',
        'lumaSync.calendarId is a number, not text',
        'lumaSync.calendarName is a list, not text',
        'lumaSync.state is a number, not text',
        'lumaSync.lastSuccessAt is text, not a date',
        'lumaSync.removalsHeld is text, not a number',
        'lumaSync.drift is text, not a list of texts',
      ],
    },
    {
      ...{ id: 'd', name: '', hasKey: false, unusable: 'lumaApiKey is a number, not text' },
      problems: ['lumaSync is text, not an object', 'eventsLastSynced is a number, not a date'],
    },
    { id: 'e', name: 'E', hasKey: true },
  ]);
  expect((await rig.store.organizations.get('c')).calendarId).toBeNull();
  expect(await rig.store.organizations.get('b')).toMatchObject({
    storedKey: null,
    keyProblem: 'lumaApiKey is a list, not text',
  });
  expect(await rig.store.organizations.idsToSync(null, 10)).toEqual({ orgIds: ['e'], next: null });
});

test('organizations that no sync can be of are told, with the reason, and are in no list to sync', async () => {
  const uuid = new UUID();
  const long = 'ü'.repeat(301);
  await put(
    ...[5, { a: 1 }, true, new Date(0), uuid, long].map((_id) => ({ _id, lumaApiKey: 'secret-canary' })),
    { _id: 'odd', lumaApiKey: { key: 'secret-canary' } },
    { _id: 'none', lumaApiKey: null },
    { _id: 6 },
    { _id: 'good', lumaApiKey: 'k' },
    { _id: 'ü'.repeat(300), lumaApiKey: 'k' },
  );
  const unusable = await rig.store.organizations.unusable();
  expect(new Map(unusable.map(({ id, reason }) => [id, reason]))).toEqual(
    new Map([
      ['5', 'its _id is a number: a sync needs a string or an ObjectId'],
      [`${'ü'.repeat(60)}…`, 'its _id is longer than 300 characters'],
      ['odd', 'lumaApiKey is an object, not text'],
      ['{"a":1}', 'its _id is an object: a sync needs a string or an ObjectId'],
      [`UUID(${uuid.toString()})`, 'its _id is binary data: a sync needs a string or an ObjectId'],
      ['true', 'its _id is true or false: a sync needs a string or an ObjectId'],
      ['{"$date":"1970-01-01T00:00:00Z"}', 'its _id is a date: a sync needs a string or an ObjectId'],
    ]),
  );
  expect(JSON.stringify(unusable)).not.toContain('canary');
  expect(await rig.store.organizations.unusable(2)).toHaveLength(2);
  expect((await rig.store.organizations.idsToSync(null, 10)).orgIds).toEqual(['good', 'ü'.repeat(300)]);
  expect((await rig.store.organizations.list()).filter((one) => one.unusable !== undefined)).toHaveLength(8);
});

test.each([{ $ne: null }, { $gt: '' }, 5, null, undefined, ['acme'], new ObjectId(), /./])(
  'what is no string finds no organization: %j',
  async (orgId) => {
    await put({ _id: 'acme', lumaApiKey: 'k' });
    await expect(rig.store.organizations.get(orgId as never)).rejects.toThrow(TypeError);
  },
);

describe('of a document', () => {
  async function watched() {
    const client = await new MongoClient(rig.uri, { monitorCommands: true, ignoreUndefined: true }).connect();
    onTestFinished(() => client.close());
    const sent: string[] = [];
    const answers: string[] = [];
    client.on('commandStarted', ({ command }) => sent.push(JSON.stringify(command)));
    client.on('commandSucceeded', ({ reply }) => answers.push(JSON.stringify(reply)));
    return {
      store: storeOf(client.db(rig.db.databaseName), { now: () => new Date(), close: () => client.close() }),
      sent,
      answers,
    };
  }

  test('only what is named travels, and of the key in a list nothing', async () => {
    const more = {
      secretPlan: 'canary-own',
      big: 'x'.repeat(15_000_000),
      lumaSync: { state: 'ok', own: 'canary-own' },
    };
    await put({ _id: 'acme', name: 'Acme', lumaApiKey: 'canary-key', ...more });
    const { store, answers } = await watched();
    await store.organizations.list();
    await store.organizations.unusable();
    await store.organizations.idsToSync(null, 10);
    await store.decisions.rebind('acme', 'Ann');
    expect(answers.join('')).not.toContain('canary');
    expect(await store.organizations.get('acme')).toEqual({
      ...{
        _id: 'acme',
        storedKey: 'canary-key',
        visibilityWish: undefined,
        calendarId: null,
        isTold: false,
        hasPage: false,
      },
    });
    expect(answers.join('')).not.toContain('canary-own');
    expect(answers.join('').length).toBeLessThan(20_000);
  });

  test('the open key is in no command, when it is sealed and when it is not', async () => {
    await put({ _id: 'acme', lumaApiKey: 'secret-canary' }, { _id: 'newer', lumaApiKey: 'secret-canary-2' });
    const { store, sent } = await watched();
    await store.organizations.replaceKey('acme', 'secret-canary', 'sealed:v1:k:x');
    await store.organizations.replaceKey('newer', 'secret-canary', 'sealed:v1:k:y');
    expect(await read('acme')).toMatchObject({ lumaApiKey: 'sealed:v1:k:x' });
    expect(await read('newer')).toMatchObject({ lumaApiKey: 'secret-canary-2' });
    expect(sent.length).toBeGreaterThan(3);
    expect(sent.join('')).not.toContain('canary');
  });
});

test('a newer key that an application writes at any moment of the sealing stays', async () => {
  const { organizations } = rig.store;
  await put({ _id: 'acme' });
  for (let round = 0; round < 25; round++) {
    await collection().updateOne({ _id: 'acme' }, { $set: { lumaApiKey: 'old' } });
    await Promise.all([
      organizations.replaceKey('acme', 'old', 'sealed:v1:k:x'),
      collection().updateOne({ _id: 'acme' }, { $set: { lumaApiKey: `newer-${round}` } }),
      // Another writer of other fields is no reason to give up.
      beginSync('acme', 'sync-1', at(round)),
    ]);
    expect(await read('acme')).toMatchObject({ lumaApiKey: `newer-${round}` });
  }
});
