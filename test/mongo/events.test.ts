import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { EventDoc, RemovedEventDoc } from '../../src/mongo/documents.js';
import { applyAt, at, everything, seen, useStore } from './support/store.js';

const rig = useStore();
const events = () => rig.db.collection<EventDoc>('events');
const removedEvents = () => rig.db.collection<RemovedEventDoc>('removed_events');
const apply = (second: number, said: Parameters<typeof applyAt>[3]) =>
  applyAt(rig.store, 'org', second, said);
const NOTHING = { inserted: 0, changed: 0, unchanged: 0, removed: 0, unusable: [] };

describe('an event', () => {
  test('seen for the first time is inserted, with these fields and no others', async () => {
    const result = await apply(0, {
      events: [seen('evt-1', { description: 'Bring **light**', endAt: at(90_000), location: null })],
    });
    expect(result).toEqual({ ...NOTHING, inserted: 1 });
    const [{ _id, ...doc } = { _id: null }] = await everything(rig.db, 'events');
    expect(_id).toBeInstanceOf(ObjectId);
    expect(doc).toEqual({
      orgId: 'org',
      lumaEventId: 'evt-1',
      title: 'Title of evt-1',
      description: 'Bring **light**',
      startAt: at(86_400),
      endAt: at(90_000),
      timezone: 'Europe/Brussels',
      url: 'https://luma.com/evt-1',
      isVirtual: false,
      locationKind: 'in-person',
      visibility: 'public',
      platform: 'luma',
      tags: ['outdoors'],
      source: 'api',
      syncedAt: at(0),
      revision: 1,
      createdAt: at(0),
      changedAt: at(0),
    });
  });

  test('seen again as it was is not written', async () => {
    await apply(0, { events: [seen('evt-1'), seen('evt-2')] });
    const before = await everything(rig.db, 'events');
    expect(await apply(60, { events: [seen('evt-2'), seen('evt-1')] })).toEqual({ ...NOTHING, unchanged: 2 });
    expect(await everything(rig.db, 'events')).toEqual(before);
  });

  test('that changed is written, and only it: what differs, and that it did', async () => {
    await apply(0, { events: [seen('evt-1'), seen('evt-2')] });
    const [first, second] = await everything(rig.db, 'events');
    const result = await apply(60, { events: [seen('evt-1'), seen('evt-2', { title: 'Moon walk' })] });
    expect(result).toEqual({ ...NOTHING, changed: 1, unchanged: 1 });
    expect(await everything(rig.db, 'events')).toEqual([
      first,
      { ...second, title: 'Moon walk', revision: 2, changedAt: at(60), syncedAt: at(60) },
    ]);
  });

  test('loses what Luma says there is none of, and keeps what Luma does not speak of', async () => {
    await apply(0, {
      events: [seen('evt-1', { description: 'kept', location: 'Ghent', endAt: at(90_000) })],
    });
    const [before] = await everything(rig.db, 'events');
    await apply(60, { events: [seen('evt-1', { location: null, endAt: null })] });
    const { location, endAt, ...rest } = before ?? {};
    expect([location, endAt]).toEqual(['Ghent', at(90_000)]);
    expect(await everything(rig.db, 'events')).toEqual([
      { ...rest, revision: 2, changedAt: at(60), syncedAt: at(60) },
    ]);
  });

  test('without what every event needs is reported and not stored', async () => {
    const { unusable, ...counts } = await apply(0, {
      events: [seen('evt-1', { title: undefined, visibility: null })],
    });
    expect(unusable).toEqual([
      {
        lumaEventId: 'evt-1',
        problems: [
          { path: 'title', problem: 'missing' },
          { path: 'visibility', problem: 'missing' },
        ],
        values: { id: 'evt-1' },
      },
    ]);
    expect(counts).toEqual({ inserted: 0, changed: 0, unchanged: 0, removed: 0 });
    expect(await everything(rig.db, 'events')).toEqual([]);
  });

  test('that is held needs nothing: what Luma stops sending stays', async () => {
    await apply(0, { events: [seen('evt-1')] });
    const before = await everything(rig.db, 'events');
    const silent = { lumaEventId: 'evt-1', managed: true, fields: { title: null } };
    expect(await apply(60, { events: [silent] })).toEqual({ ...NOTHING, unchanged: 1 });
    expect(await everything(rig.db, 'events')).toEqual(before);
  });
});

describe('an event that is hidden', () => {
  test('moves to removed_events with the reason', async () => {
    await apply(0, { events: [seen('evt-1'), seen('evt-2')] });
    const [first, second] = await everything(rig.db, 'events');
    expect(await apply(60, { hidden: ['evt-1'] })).toEqual({ ...NOTHING, removed: 1 });
    expect(await everything(rig.db, 'events')).toEqual([second]);
    expect(await everything(rig.db, 'removed_events')).toEqual([
      { ...first, removedAt: at(60), removalReason: 'not-public' },
    ]);
  });

  test('and was never shown leaves no trace', async () => {
    expect(await apply(0, { hidden: ['evt-1'] })).toEqual(NOTHING);
    expect(await everything(rig.db, 'events')).toEqual([]);
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
  });

  test('twice is removed once, and nothing is written the second time', async () => {
    await apply(0, { events: [seen('evt-1')] });
    await apply(60, { hidden: ['evt-1'] });
    const before = await everything(rig.db, 'removed_events');
    expect(await apply(120, { hidden: ['evt-1'] })).toEqual(NOTHING);
    expect(await everything(rig.db, 'removed_events')).toEqual(before);
  });

  test('and shown again goes on where it was', async () => {
    await apply(0, { events: [seen('evt-1', { description: 'kept', location: 'Ghent' })] });
    await apply(30, { events: [seen('evt-1', { title: 'Second title' })] });
    await apply(60, { hidden: ['evt-1'] });
    const [held] = await everything(rig.db, 'removed_events');
    expect(await apply(120, { events: [seen('evt-1', { location: null })] })).toEqual({
      ...NOTHING,
      inserted: 1,
    });
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
    const [back] = await everything(rig.db, 'events');
    expect(back).toMatchObject({
      title: 'Title of evt-1',
      description: 'kept',
      createdAt: at(0),
      changedAt: at(120),
      revision: (held as RemovedEventDoc).revision + 1,
    });
    for (const field of ['location', 'removedAt', 'removalReason']) expect(back).not.toHaveProperty(field);
  });

  test('is not shown again by an entry that is silent about visibility', async () => {
    await apply(0, { events: [seen('evt-1')] });
    await apply(60, { hidden: ['evt-1'] });
    const { unusable } = await apply(120, { events: [seen('evt-1', { visibility: undefined })] });
    expect(unusable.map((entry) => entry.problems)).toEqual([[{ path: 'visibility', problem: 'missing' }]]);
    expect(await everything(rig.db, 'events')).toEqual([]);
    expect(await removedEvents().countDocuments()).toBe(1);
  });
});

describe('organizations', () => {
  test('with the same event keep apart', async () => {
    await applyAt(rig.store, 'first', 0, { events: [seen('evt-1')] });
    await applyAt(rig.store, 'second', 0, { events: [seen('evt-1', { title: 'Theirs' })] });
    await applyAt(rig.store, 'first', 60, { hidden: ['evt-1'] });
    await applyAt(rig.store, 'second', 60, { events: [seen('evt-1', { title: 'Theirs still' })] });
    expect(await events().find().project({ _id: 0, orgId: 1, title: 1 }).toArray()).toEqual([
      { orgId: 'second', title: 'Theirs still' },
    ]);
    expect((await removedEvents().find().toArray()).map((doc) => doc.orgId)).toEqual(['first']);
  });

  test('whose ids are ObjectIds find them as ObjectIds, apart from the string that looks the same', async () => {
    const orgId = new ObjectId();
    await applyAt(rig.store, orgId, 0, { events: [seen('evt-1'), seen('evt-2')] });
    await applyAt(rig.store, orgId.toHexString(), 0, { events: [seen('evt-1')] });
    await applyAt(rig.store, orgId, 60, { hidden: ['evt-2'] });
    expect(await events().countDocuments({ orgId })).toBe(1);
    expect(await removedEvents().countDocuments({ orgId })).toBe(1);
    expect((await events().findOne({ orgId }))?.orgId).toBeInstanceOf(ObjectId);
    expect(await events().countDocuments({ orgId: orgId.toHexString() })).toBe(1);
  });
});

test('more events than one command holds are all applied', async () => {
  const ids = Array.from({ length: 1_200 }, (_, index) => `evt-${String(index).padStart(4, '0')}`);
  expect((await apply(0, { events: ids.map((id) => seen(id)) })).inserted).toBe(1_200);
  const [hidden, shown] = [ids.slice(0, 700), ids.slice(700)];
  const result = await apply(60, { events: shown.map((id) => seen(id)), hidden });
  expect(result).toEqual({ ...NOTHING, unchanged: 500, removed: 700 });
  expect((await everything(rig.db, 'events')).map((doc): unknown => doc.lumaEventId)).toEqual(shown);
});

describe('the list of events', () => {
  const ids = async (query: Omit<Parameters<typeof rig.store.events.list>[0], 'limit'>, limit = 10) =>
    (await rig.store.events.list({ ...query, limit })).map((event) => event.lumaEventId);

  test('is in order of start, of one organization or all, within the times asked for', async () => {
    await apply(0, {
      events: [
        seen('c', { startAt: at(300) }),
        seen('a', { startAt: at(100) }),
        seen('b', { startAt: at(200) }),
      ],
    });
    await applyAt(rig.store, 'other', 0, { events: [seen('d', { startAt: at(150) })] });
    expect(await ids({})).toEqual(['a', 'd', 'b', 'c']);
    expect(await ids({ orgId: 'org' })).toEqual(['a', 'b', 'c']);
    expect(await ids({ orgId: 'org', from: at(200) })).toEqual(['b', 'c']);
    expect(await ids({ orgId: 'org', to: at(200) })).toEqual(['a']);
    expect(await ids({ from: at(150), to: at(300) })).toEqual(['d', 'b']);
    expect(await ids({}, 2)).toEqual(['a', 'd']);
  });
});
