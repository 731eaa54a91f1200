import { expect, test } from 'vitest';
import { planted } from '../support/canaries.js';
import { daily, DAY_MS, useDesk } from './support.js';

const desk = useDesk();

/** Everything that is stored, in every collection, as text. */
async function everything(): Promise<string> {
  const { db } = desk.rig.store;
  const collections = await db.listCollections().toArray();
  const docs = await Promise.all(collections.map(({ name }) => db.collection(name).find().toArray()));
  return JSON.stringify(docs);
}

const HIDDEN = { visibility: 'private', name: 'canary-title', description_md: 'canary-description' } as const;

test('join links, persons, questions, guests’ addresses and private events are stored nowhere', async () => {
  await desk.begin(
    [
      ...daily(8),
      planted('evt-a'),
      { ...planted('evt-b'), location_type: 'zoom' },
      { ...planted('evt-c'), access: 'view' },
      { ...planted('evt-p'), ...HIDDEN },
      { ...planted('evt-m'), ...HIDDEN, visibility: 'members-only' },
      { id: 'calev-1', platform: 'external', host: 'canary-organizer@example.org' },
    ],
    { listDescriptions: true },
  );
  await desk.sync();
  expect(await everything()).not.toMatch(/canary/);
  expect(await desk.event('evt-a')).toMatchObject({ location: 'Graz, Austria' });

  // The ways by which an entry leaves the main path: untrusted, absent, held, gone, looked at only.
  desk.calendar.setFault({
    kind: 'override',
    eventId: 'evt-a',
    fields: { start_at: 'canary-start@example.org' },
  });
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-p', fields: { timezone: 'canary/zone' } });
  desk.calendar.editEvent('evt-b', { status: 'pending' });
  for (const { id } of daily(6)) desk.calendar.cancel(id ?? '');
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-c', fields: { new_field: 'canary-new' } });
  await desk.sync({ dryRun: true });
  await desk.sync();
  desk.clock.advance(2 * DAY_MS);
  await desk.sync();
  const stored = (await everything()).replaceAll('canary-start@example.org', '');
  expect(stored).not.toMatch(/canary/);
});

test('what was public leaves with its address and words once it is private; only its last public state remains', async () => {
  await desk.begin([
    { ...planted('evt-a'), location_visibility: 'public', geo_address_json: null },
    ...daily(1),
  ]);
  await desk.sync();
  desk.calendar.editEvent('evt-a', HIDDEN);
  await desk.sync();
  desk.clock.advance(2 * DAY_MS);
  await desk.sync();
  expect(await everything()).not.toMatch(/canary/);
  expect(await desk.ids()).toEqual(['evt-1']);
});

test('an address that becomes one for guests only is reduced where it is stored', async () => {
  await desk.begin([{ ...planted('evt-a'), location_visibility: 'public' }]);
  await desk.sync();
  expect((await desk.event('evt-a'))?.location).toContain('canary');
  desk.calendar.editEvent('evt-a', { location_visibility: 'guests-only' });
  await desk.sync();
  expect((await desk.event('evt-a'))?.location).toBe('Graz, Austria');
  expect(JSON.stringify(await desk.rig.store.db.collection('events').find().toArray())).not.toMatch(/canary/);
});

test('coordinates are stored while the full address is public, and nowhere once it is for guests only', async () => {
  const coordinate = { longitude: 15.439271, latitude: 47.070713 };
  await desk.begin([
    { ...planted('evt-a'), location_visibility: 'public', coordinate },
    { ...planted('evt-b'), coordinate: { longitude: 15.111113, latitude: 47.111117 } },
  ]);
  await desk.sync();
  expect(await desk.event('evt-a')).toMatchObject({
    city: 'Graz',
    country: 'Austria',
    coordinates: coordinate,
  });
  expect(await desk.event('evt-b')).toMatchObject({ city: 'Graz', country: 'Austria' });
  expect(await everything()).not.toMatch(/15\.111113|47\.111117/);
  desk.calendar.editEvent('evt-a', { location_visibility: 'guests-only' });
  await desk.sync();
  const after = await desk.event('evt-a');
  expect(after).toMatchObject({ city: 'Graz', country: 'Austria', location: 'Graz, Austria' });
  expect(after).not.toHaveProperty('coordinates');
  expect(JSON.stringify(await desk.rig.store.db.collection('events').find().toArray())).not.toMatch(
    /15\.439271/,
  );
});

test('an organization that wants members’ events has them, and loses them when it no longer does', async () => {
  await desk.begin([
    ...daily(1),
    { id: 'evt-m', visibility: 'members-only' },
    { id: 'evt-p', visibility: 'private' },
  ]);
  const organizations = desk.rig.store.db.collection<{ _id: string }>('organizations');
  await organizations.updateOne({ _id: desk.orgId }, { $set: { lumaVisibility: 'members-only' } });
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-1', 'evt-m']);
  await organizations.updateOne({ _id: desk.orgId }, { $unset: { lumaVisibility: '' } });
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-1']);
});
