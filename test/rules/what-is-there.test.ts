import { ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { daily, inDays, useDesk } from './support.js';

// What other programs, or earlier ones, have left in `events`.
const desk = useDesk();
const raw = () => desk.rig.store.db.collection('events');
const rawEvent = async (lumaEventId: string) => await raw().findOne({ orgId: desk.orgId, lumaEventId });

test('documents of other programs keep no sync from its work, and stay as they are', async () => {
  await desk.begin(daily(3));
  const foreign = [
    { _id: new ObjectId(), kind: 'newsletter', orgId: desk.orgId },
    { _id: new ObjectId(), orgId: desk.orgId, lumaEventId: 42, title: 'A number for an id' },
    { _id: new ObjectId(), orgId: desk.orgId, lumaEventId: 'mine-1', title: 'Of somebody else' },
    { _id: new ObjectId(), orgId: desk.orgId, lumaEventId: 'mine-2', changedAt: 'yesterday' },
  ];
  await raw().insertMany(foreign);
  expect(await desk.sync()).toMatchObject({
    state: 'complete',
    events: { inserted: 3, removed: 0, held: 0 },
  });
  desk.calendar.cancel('evt-1');
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { removed: 1 } });
  for (const doc of foreign) expect(await raw().findOne({ _id: doc._id })).toEqual(doc);
});

test('an event that an earlier program stored in its own shape is taken over', async () => {
  await desk.begin(daily(2));
  const _id = new ObjectId();
  await raw().insertOne({
    ...{ _id, orgId: desk.orgId, lumaEventId: 'evt-1', title: 'Old title', url: 'https://luma.com/old' },
    ...{ startAt: inDays(1).getTime(), syncedAt: Date.now(), isVirtual: true, own: 'kept' },
  });
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { inserted: 1, changed: 1 } });
  expect(await rawEvent('evt-1')).toMatchObject({
    ...{ _id, title: 'Event 1', startAt: inDays(1), visibility: 'public', own: 'kept' },
    revision: expect.any(Number) as number,
    changedAt: expect.any(Date) as Date,
  });
  expect(await desk.sync()).toMatchObject({ events: { changed: 0, unchanged: 2 } });
});

test('an event that was stored before its place had fields of its own gains them at the next sync', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  const before = await desk.event('evt-1');
  expect(before).toMatchObject({ revision: 2 });
  for (const name of ['city', 'country', 'coordinates']) expect(before).toHaveProperty(name);
  // As the version before this one left it.
  await raw().updateOne(
    { lumaEventId: 'evt-1' },
    {
      $unset: { city: '', country: '', coordinates: '' },
      $set: { fingerprint: 'made-by-version1made-by-version1?' },
    },
  );
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { changed: 1, unchanged: 1 } });
  const { city, country, coordinates } = before ?? {};
  expect(await desk.event('evt-1')).toMatchObject({ city, country, coordinates, revision: 3 });
  expect(await desk.sync()).toMatchObject({ events: { changed: 0, unchanged: 2 } });
});

test('one that Luma no longer has goes like any other; a damaged one is healed', async () => {
  await desk.begin(daily(8));
  await desk.sync();
  await raw().updateOne({ lumaEventId: 'evt-2' }, { $set: { tags: null, startAt: 17 } });
  await raw().insertOne({
    ...{ orgId: desk.orgId, lumaEventId: 'evt-gone', title: 'Gone', url: 'https://luma.com/gone' },
    startAt: inDays(3).getTime(),
  });
  // Its fingerprint is in order: that it is damaged shows where all are compared.
  const { state, events } = await desk.sync({ full: true });
  expect({ state, removed: events.removed }).toEqual({ state: 'complete', removed: 1 });
  expect(await desk.removed()).toEqual({ 'evt-gone': 'canceled' });
  expect(await rawEvent('evt-2')).toMatchObject({
    ...{ startAt: inDays(2), tags: expect.any(Array) as string[] },
  });
});

test('a document that somebody edited by hand is mended by a sync that compares all, once a week or when asked', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  const edit = async () =>
    await raw().updateOne({ lumaEventId: 'evt-1' }, { $set: { title: 'Edited by hand' } });
  await edit();
  await desk.sync();
  expect(await rawEvent('evt-1')).toMatchObject({ title: 'Edited by hand' });
  expect(await desk.sync({ full: true })).toMatchObject({ events: { changed: 1, unchanged: 2 } });
  expect(await rawEvent('evt-1')).toMatchObject({ title: 'Event 1' });

  await edit();
  desk.clock.advance(8 * 24 * 3_600_000);
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { changed: 1 } });
  expect(await rawEvent('evt-1')).toMatchObject({ title: 'Event 1' });
  await desk.sync();
  await edit();
  expect(await desk.sync()).toMatchObject({ events: { changed: 0 } });
});
