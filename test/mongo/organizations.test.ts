import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { OrganizationDoc, OrgId } from '../../src/mongo/documents.js';
import { OrgAlreadyExists, OrgNotFound } from '../../src/mongo/errors.js';
import type { OrgSyncEnd } from '../../src/mongo/organizations.js';
import { at, useStore } from './support/store.js';

const rig = useStore();
const collection = () => rig.db.collection<OrganizationDoc>('organizations');
const read = async (_id: OrgId) => await collection().findOne({ _id });

/** A sync of the organization, as it is now, begins. */
async function beginSync(_id: string | ObjectId, syncId: string, now: Date): Promise<void> {
  const { organizations } = rig.store;
  await organizations.beginSync(await organizations.get(String(_id)), syncId, now);
}

describe('an organization is found', () => {
  test('by a string id', async () => {
    await collection().insertOne({ _id: 'acme', lumaApiKey: 'k', lumaVisibility: ['members-only'] });
    expect(await rig.store.organizations.get('acme')).toEqual({
      _id: 'acme',
      storedKey: 'k',
      visibilityWish: ['members-only'],
      calendarId: null,
      isTold: false,
      hasPage: false,
    });
  });

  test('by the string form of an ObjectId, and keeps its type', async () => {
    const _id = new ObjectId();
    await collection().insertOne({ _id, lumaApiKey: 'k' });
    const found = await rig.store.organizations.get(_id.toHexString());
    expect(found._id).toBeInstanceOf(ObjectId);
    expect(String(found._id)).toBe(_id.toHexString());
  });

  test('by a string id that looks like an ObjectId', async () => {
    const hex = new ObjectId().toHexString();
    await collection().insertOne({ _id: hex, lumaApiKey: 'k' });
    expect((await rig.store.organizations.get(hex))._id).toBe(hex);
  });

  test.each(['nobody', new ObjectId().toHexString(), ''])('or not: %j', async (orgId) => {
    await expect(rig.store.organizations.get(orgId)).rejects.toThrow(OrgNotFound);
  });

  test.each([undefined, null, '', 42, { key: 'k' }])(
    'without a key where it holds %j',
    async (lumaApiKey) => {
      await rig.db.collection<{ _id: string }>('organizations').insertOne({ _id: 'acme', ...{ lumaApiKey } });
      expect((await rig.store.organizations.get('acme')).storedKey).toBeNull();
      expect(await rig.store.organizations.idsToSync(null, 10)).toEqual({ orgIds: [], next: null });
    },
  );
});

describe('the list of organizations with a key', () => {
  test('leaves out those without a key, a calendar page of their own or not', async () => {
    await collection().insertMany([
      { _id: 'embed', lumaCalendarUrl: 'https://luma.com/embed' },
      { _id: 'empty', lumaApiKey: '' },
      { _id: 'with', lumaApiKey: 'k' },
    ]);
    expect(await rig.store.organizations.idsToSync(null, 10)).toEqual({ orgIds: ['with'], next: null });
  });

  test('a position with colons in it is followed', async () => {
    const ids = ['a:1', 'a:2', 'objectId:3', 'string:4'];
    await collection().insertMany(ids.map((_id) => ({ _id, lumaApiKey: 'k' })));
    const first = await rig.store.organizations.idsToSync(null, 3);
    expect(first.orgIds).toEqual(['a:1', 'a:2', 'objectId:3']);
    expect(await rig.store.organizations.idsToSync(first.next, 3)).toEqual({
      orgIds: ['string:4'],
      next: null,
    });
  });

  test('in ranges of any size, with ids of both types, names every one once and in order', async () => {
    const stringId = fc.string({
      minLength: 1,
      maxLength: 12,
      unit: fc.constantFrom('a', 'Z', '0', '9', ':', '-', 'é'),
    });
    const objectId = fc
      .uint8Array({ minLength: 12, maxLength: 12 })
      .map((bytes) => ObjectId.createFromHexString(Buffer.from(bytes).toString('hex')));
    const organization = fc.record({ _id: fc.oneof(stringId, objectId), keyed: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(organization, { selector: ({ _id }) => String(_id), minLength: 1, maxLength: 15 }),
        fc.integer({ min: 1, max: 6 }),
        async (orgs, limit) => {
          await collection().deleteMany({});
          await collection().insertMany(
            orgs.map(({ _id, keyed }) => ({ _id, ...(keyed ? { lumaApiKey: 'k' } : {}) })),
          );
          const got: string[] = [];
          for (let after: string | null = null, ended = false; !ended; ended = after === null) {
            const range = await rig.store.organizations.idsToSync(after, limit);
            expect(range.orgIds.length).toBeLessThanOrEqual(limit);
            got.push(...range.orgIds);
            after = range.next;
          }
          const keyed = orgs.filter((org) => org.keyed).map((org) => org._id);
          const strings = keyed.filter((id) => typeof id === 'string');
          const objects = keyed.filter((id) => typeof id !== 'string').map((id) => id.toHexString());
          const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
          expect(got).toEqual([...strings.sort(byBytes), ...objects.sort()]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

const ok = (whole: boolean, more: { removalsHeld?: number; drift?: string[] } = {}): OrgSyncEnd => ({
  ...{ state: 'ok', whole, removalsHeld: 0, drift: [] },
  ...more,
});

describe('the end of a sync', () => {
  test('says what a person should look at, until there is nothing more', async () => {
    await collection().insertOne({ _id: 'acme' });
    const { organizations } = rig.store;
    await beginSync('acme', 'sync-1', at(0));
    await organizations.endSync(
      'acme',
      'sync-1',
      ok(true, { removalsHeld: 7, drift: ['name vanished'] }),
      at(1),
    );
    expect((await read('acme'))?.lumaSync).toMatchObject({ removalsHeld: 7, drift: ['name vanished'] });
    await beginSync('acme', 'sync-1', at(2));
    await organizations.endSync('acme', 'sync-1', ok(true), at(3));
    const sync = (await read('acme'))?.lumaSync;
    expect(sync).not.toHaveProperty('removalsHeld');
    expect(sync).not.toHaveProperty('drift');
  });

  test('of a whole calendar says when, and forgets the failures before', async () => {
    await collection().insertOne({ _id: 'acme' });
    const { organizations } = rig.store;
    await beginSync('acme', 'sync-1', at(0));
    await organizations.endSync('acme', 'sync-1', { state: 'failed', reason: 'LumaKeyRejected: 401' }, at(1));
    await beginSync('acme', 'sync-1', at(2));
    await organizations.endSync('acme', 'sync-1', ok(true), at(3));
    expect(await read('acme')).toEqual({
      _id: 'acme',
      eventsLastSynced: at(3),
      lumaSync: {
        ...{ state: 'ok', syncId: 'sync-1', lastAttemptAt: at(2), lastSuccessAt: at(3) },
        consecutiveFailures: 0,
      },
    });
  });

  test('of a part of the calendar is a success and no complete sync', async () => {
    await collection().insertOne({ _id: 'acme' });
    await beginSync('acme', 'sync-1', at(0));
    await rig.store.organizations.endSync('acme', 'sync-1', ok(false), at(1));
    const org = await read('acme');
    expect(org).not.toHaveProperty('eventsLastSynced');
    expect(org?.lumaSync?.lastSuccessAt).toEqual(at(1));
  });

  test('counts failures in a row, each once however often it is said', async () => {
    await collection().insertOne({ _id: 'acme' });
    const { organizations } = rig.store;
    for (const second of [0, 10]) {
      await beginSync('acme', 'sync-1', at(second));
      for (let said = 0; said < 3; said++) {
        await organizations.endSync(
          'acme',
          'sync-1',
          { state: 'failed', reason: 'LumaForbidden: 403' },
          at(second + 1),
        );
      }
    }
    expect((await read('acme'))?.lumaSync).toEqual({
      state: 'failed',
      reason: 'LumaForbidden: 403',
      syncId: 'sync-1',
      lastAttemptAt: at(10),
      consecutiveFailures: 2,
    });
  });

  test('by a person counts as no failure', async () => {
    await collection().insertOne({ _id: 'acme' });
    await beginSync('acme', 'sync-1', at(0));
    await rig.store.organizations.endSync('acme', 'sync-1', { state: 'canceled', reason: 'Canceled' }, at(1));
    expect((await read('acme'))?.lumaSync).toMatchObject({ state: 'canceled', consecutiveFailures: 0 });
  });

  test('is nothing where no sync is under way', async () => {
    await collection().insertOne({ _id: 'acme' });
    await rig.store.organizations.endSync('acme', 'sync-1', ok(true), at(1));
    await rig.store.organizations.endSync('gone', 'sync-1', ok(true), at(1));
    expect(await collection().find().toArray()).toEqual([{ _id: 'acme' }]);
  });
});

describe('a key', () => {
  test('that was read is replaced', async () => {
    await collection().insertOne({ _id: 'acme', lumaApiKey: 'clear' });
    await rig.store.organizations.replaceKey('acme', 'clear', 'sealed:v1:k:x');
    expect(await read('acme')).toEqual({ _id: 'acme', lumaApiKey: 'sealed:v1:k:x' });
  });

  test('that an application wrote meanwhile stays', async () => {
    await collection().insertOne({ _id: 'acme', lumaApiKey: 'newer' });
    await rig.store.organizations.replaceKey('acme', 'clear', 'sealed:v1:k:x');
    expect(await read('acme')).toEqual({ _id: 'acme', lumaApiKey: 'newer' });
  });
});

describe('the calendar', () => {
  const calendar = { id: 'cal-1', name: 'Acme', url: 'https://luma.com/acme' };

  test.each([{}, { lumaCalendarUrl: '' }, { lumaCalendarUrl: null }])(
    'names its page where there is none: %j',
    async (fields) => {
      await collection().insertOne({ _id: 'acme', ...fields } as OrganizationDoc);
      await rig.store.organizations.bindCalendar(await rig.store.organizations.get('acme'), calendar);
      expect(await read('acme')).toMatchObject({
        lumaCalendarUrl: calendar.url,
        lumaSync: { calendarId: 'cal-1', calendarName: 'Acme' },
      });
      expect((await rig.store.organizations.get('acme')).calendarId).toBe('cal-1');
    },
  );

  test("does not replace the application's own page", async () => {
    await collection().insertOne({ _id: 'acme', lumaCalendarUrl: 'https://acme.example/events' });
    await rig.store.organizations.bindCalendar(await rig.store.organizations.get('acme'), calendar);
    expect((await read('acme'))?.lumaCalendarUrl).toBe('https://acme.example/events');
  });
});

test("of the application's document, only the agreed fields are ever written", async () => {
  const _id = new ObjectId();
  const own = {
    name: 'Acme',
    plan: { seats: 5, flags: ['beta'] },
    updatedAt: at(0),
    lumaVisibility: 'private',
  };
  const before = { _id, ...own, lumaApiKey: 'clear' };
  await collection().insertMany([before, { _id: 'neighbour', name: 'Other', lumaApiKey: 'clear' }]);
  const { organizations } = rig.store;
  await beginSync(_id, 'sync-1', at(1));
  await organizations.replaceKey(_id, 'clear', 'sealed');
  await organizations.bindCalendar(await organizations.get(String(_id)), {
    id: 'cal-1',
    name: 'Acme',
    url: 'https://luma.com/acme',
  });
  await organizations.endSync(_id, 'sync-1', ok(true), at(2));

  const { eventsLastSynced, lumaCalendarUrl, lumaApiKey, lumaSync, ...rest } = (await read(_id)) ?? {};
  expect([eventsLastSynced, lumaCalendarUrl, lumaApiKey]).toEqual([at(2), 'https://luma.com/acme', 'sealed']);
  expect(lumaSync).toBeDefined();
  expect(rest).toEqual({ _id, ...own });
  expect(await read('neighbour')).toEqual({ _id: 'neighbour', name: 'Other', lumaApiKey: 'clear' });
});

describe('a new organization', () => {
  test('has an id of its own, or the one that is given', async () => {
    const { organizations } = rig.store;
    expect(await organizations.add({ id: 'acme', name: 'Acme', sealedKey: 'sealed' })).toBe('acme');
    const made = await organizations.add({ name: 'Embed', calendarUrl: 'https://luma.com/embed' });
    expect(await collection().find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'acme', name: 'Acme', lumaApiKey: 'sealed' },
      { _id: new ObjectId(made), name: 'Embed', lumaCalendarUrl: 'https://luma.com/embed' },
    ]);
  });

  test('with an id that is taken is refused, and the one there stays', async () => {
    const { organizations } = rig.store;
    await organizations.add({ id: 'acme', name: 'Acme', sealedKey: 'first-key' });
    const refused: unknown = await organizations
      .add({ id: 'acme', name: 'Again', sealedKey: 'second-key' })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OrgAlreadyExists);
    expect(JSON.stringify([refused, String(refused)])).not.toContain('key');
    expect((await read('acme'))?.lumaApiKey).toBe('first-key');
  });
});

test('the end of a sync says nothing where another one has begun', async () => {
  const { organizations } = rig.store;
  await organizations.add({ id: 'acme', name: 'Acme' });
  await beginSync('acme', 'sync-1', at(0));
  await beginSync('acme', 'sync-2', at(1));
  await organizations.endSync('acme', 'sync-1', ok(true), at(2));
  expect((await organizations.list())[0]).toMatchObject({ state: 'syncing' });
  await organizations.endSync('acme', 'sync-2', { state: 'failed', reason: 'LumaForbidden: 403' }, at(3));
  expect((await organizations.list())[0]).toMatchObject({ state: 'failed', consecutiveFailures: 1 });
});

test('the summary of an organization never holds its key', async () => {
  const { organizations } = rig.store;
  await organizations.add({ id: 'acme', name: 'Acme', sealedKey: 'sealed-key' });
  await beginSync('acme', 'sync-1', at(0));
  await organizations.bindCalendar(await organizations.get('acme'), {
    id: 'cal-1',
    name: 'Cal',
    url: 'https://luma.com/acme',
  });
  await organizations.endSync('acme', 'sync-1', { state: 'failed', reason: 'LumaForbidden: 403' }, at(1));
  await collection().insertOne({ _id: 'bare' });
  expect(await organizations.list()).toEqual([
    {
      id: 'acme',
      name: 'Acme',
      hasKey: true,
      calendarUrl: 'https://luma.com/acme',
      calendarName: 'Cal',
      state: 'failed',
      reason: 'LumaForbidden: 403',
      lastAttemptAt: at(0),
      consecutiveFailures: 1,
    },
    { id: 'bare', name: '', hasKey: false },
  ]);
});
