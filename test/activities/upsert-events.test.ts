import { describe, expect, test } from 'vitest';
import type { EventDoc } from '../../src/mongo/documents.js';
import type { EventSpec } from '../../packages/fake-luma/src/index.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { useRig } from '../support/rig.js';
import { environment, failureOf, run } from './support/activities.js';

const rig = useRig();
const documents = async (collection: string) =>
  await rig.store.db.collection(collection).find().sort({ lumaEventId: 1, _id: 1 }).toArray();
const calendar = () => rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
const NONE = { seen: 0, inserted: 0, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 };

async function start(events: EventSpec[], maxPageSize = 2): Promise<string> {
  await rig.startLuma({ calendars: [{ events }], maxPageSize });
  return await rig.addOrganization();
}

/** Stages the whole calendar. */
async function list(orgId: string) {
  const sync = await rig.openSync(orgId);
  const { throughSeq } = await run(rig.dependencies(), 'fetchLumaPages', sync);
  return { ...sync, phase: 'listing' as const, fromSeq: 1, throughSeq };
}

const upsert = async (pages: Awaited<ReturnType<typeof list>>, env = environment()) =>
  (await run(rig.dependencies(), 'upsertEvents', pages, env)).counts;

const FOUR: EventSpec[] = [{ id: 'evt-1' }, { id: 'evt-2' }, { id: 'evt-3' }, { id: 'evt-4' }];

test('what is staged is applied once: a second sync of the same calendar writes no event', async () => {
  const orgId = await start([...FOUR, { id: 'evt-x', visibility: 'private' }]);
  expect(await upsert(await list(orgId))).toEqual({ ...NONE, inserted: 4 });
  const before = await documents('events');
  expect(before.map((event): unknown => event.lumaEventId)).toEqual(['evt-1', 'evt-2', 'evt-3', 'evt-4']);
  expect(await upsert(await list(orgId))).toEqual(NONE);
  expect(await documents('events')).toEqual(before);
});

test('a slice applies its own pages, and no page before an older one', async () => {
  const pages = await list(await start(FOUR, 1));
  const applied = async () =>
    (await documents('staged_pages')).map((page): unknown => page.applied !== undefined);
  expect(await upsert({ ...pages, throughSeq: 1 })).toMatchObject({ inserted: 1 });
  expect(await applied()).toEqual([true, false, false, false]);
  expect(await upsert({ ...pages, fromSeq: 3, throughSeq: 3 })).toMatchObject({ inserted: 2 });
  expect(await applied()).toEqual([true, true, true, false]);
});

test('changes, hidden events and events that come back are each counted', async () => {
  const orgId = await start(FOUR);
  await upsert(await list(orgId));
  calendar().editEvent('evt-1', { name: 'Another title' });
  calendar().hide('evt-2');
  expect(await upsert(await list(orgId))).toEqual({ ...NONE, changed: 1, removed: 1 });
  calendar().hide('evt-2', 'public');
  expect(await upsert(await list(orgId))).toEqual({ ...NONE, inserted: 1 });
  expect(await documents('removed_events')).toEqual([]);
});

test('a retry writes nothing again, and counts what the attempt before it wrote', async () => {
  const orgId = await start(FOUR);
  const pages = await list(orgId);
  const first = await upsert(pages);
  const before = await documents('events');
  expect(await upsert(pages, environment({ attempt: 2 }))).toEqual(first);
  expect(await documents('events')).toEqual(before);
});

test('pages of a sync that another one has overtaken are not applied', async () => {
  const orgId = await start(FOUR, 10);
  const older = await list(orgId);
  calendar().editEvent('evt-1', { name: 'Newest title' });
  calendar().hide('evt-2');
  await upsert(await list(orgId));
  const before = [await documents('events'), await documents('removed_events')];
  expect(await failureOf(upsert(older))).toMatchObject({ type: 'SyncOvertaken', nonRetryable: true });
  expect([await documents('events'), await documents('removed_events')]).toEqual(before);
});

test('an ObjectId stays one, from the organization to its events', async () => {
  await rig.startLuma({ calendars: [{ events: [{ id: 'evt-1' }, { id: 'evt-2' }] }] });
  const orgId = await rig.store.organizations.add({ name: 'Acme' });
  const org = await rig.store.organizations.get(orgId);
  const lumaApiKey = seal(rig.keyring, orgId, rig.luma.calendars[0]?.key ?? '');
  await rig.store.db.collection('organizations').updateOne({ name: 'Acme' }, { $set: { lumaApiKey } });
  await upsert(await list(orgId));
  calendar().hide('evt-2');
  await upsert(await list(orgId));
  for (const collection of ['events', 'removed_events', 'staged_pages']) {
    for (const doc of await documents(collection)) expect(doc.orgId).toEqual(org._id);
  }
});

describe('quarantine', () => {
  test('holds what cannot be trusted until it comes in order; the word before stands', async () => {
    const orgId = await start(FOUR, 10);
    await upsert(await list(orgId));
    const before = await documents('events');
    calendar().setFault({ kind: 'override', eventId: 'evt-3', fields: { start_at: 'soon' } });
    expect(await upsert(await list(orgId))).toEqual({ ...NONE, quarantined: 1 });
    expect(await documents('events')).toEqual(before);
    expect(await documents('quarantined_entries')).toMatchObject([{ lumaEventId: 'evt-3', orgId }]);

    calendar().clearFaults();
    expect(await upsert(await list(orgId))).toEqual({ ...NONE, unchanged: 1 });
    expect(await documents('quarantined_entries')).toEqual([]);
  });

  test('holds a new event that lacks what every event needs', async () => {
    const orgId = await start(FOUR, 10);
    calendar().setFault({ kind: 'override', eventId: 'evt-3', fields: { visibility: null, name: null } });
    expect(await upsert(await list(orgId))).toEqual({ ...NONE, inserted: 3, quarantined: 1 });
    expect(await documents('quarantined_entries')).toMatchObject([
      {
        lumaEventId: 'evt-3',
        problems: [
          { path: 'title', problem: 'missing' },
          { path: 'visibility', problem: 'missing' },
        ],
      },
    ]);
  });
});

describe('staged pages', () => {
  test('that are not all there are a final failure', async () => {
    const pages = await list(await start(FOUR));
    await rig.store.db.collection('staged_pages').deleteOne({ syncId: pages.syncId, seq: 1 });
    for (const range of [pages, { ...pages, fromSeq: 2, throughSeq: 3 }]) {
      const failure = await failureOf(upsert(range));
      expect(failure).toMatchObject({ type: 'StagedPagesMissing', nonRetryable: true });
    }
    expect(await documents('events')).toEqual([]);
  });

  test('of an organization that is gone are not applied', async () => {
    const pages = await list(await start(FOUR));
    await rig.store.db.collection('organizations').deleteMany({});
    const failure = await failureOf(upsert(pages));
    expect(failure).toMatchObject({ type: 'OrgNotFound', nonRetryable: true });
  });
});

test('an event is stored as a reader expects it', async () => {
  const orgId = await start([
    {
      id: 'evt-1',
      name: 'Lantern walk',
      start_at: '2026-11-03T18:00:00Z',
      end_at: '2026-11-03T20:00:00Z',
      timezone: 'Europe/Brussels',
      location_type: 'zoom',
      url: 'https://lu.ma/lantern',
      tags: [{ id: 'tag-1', name: 'outdoors' }],
    },
  ]);
  await upsert(await list(orgId));
  const [event] = (await documents('events')) as unknown as EventDoc[];
  expect(event).toMatchObject({
    orgId,
    title: 'Lantern walk',
    startAt: new Date('2026-11-03T18:00:00Z'),
    endAt: new Date('2026-11-03T20:00:00Z'),
    timezone: 'Europe/Brussels',
    url: 'https://luma.com/lantern',
    isVirtual: true,
    locationKind: 'online',
    location: 'Online',
    tags: ['outdoors'],
    platform: 'luma',
    revision: 1,
  });
});
