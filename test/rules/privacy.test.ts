import { expect, test } from 'vitest';
import type { EventSpec } from '../../src/fake-luma/index.js';
import { daily, DAY_MS, useDesk } from './support.js';

const desk = useDesk();

/** Everything that is stored, in every collection, as text. */
async function everything(): Promise<string> {
  const { db } = desk.rig.store;
  const collections = await db.listCollections().toArray();
  const docs = await Promise.all(collections.map(({ name }) => db.collection(name).find().toArray()));
  return JSON.stringify(docs);
}

/** A value that is to be found nowhere, in every field that holds a person's data or a way in. */
function planted(id: string): EventSpec {
  const canary = (what: string) => `canary-${id}-${what}`;
  return {
    id,
    user_id: canary('user'),
    meeting_url: `https://zoom.example/${canary('link')}`,
    registration_questions: [
      { id: canary('question-id'), label: canary('question'), required: true, question_type: 'text' },
    ],
    hosts: [
      {
        id: canary('host-id'),
        email: `${canary('host')}@example.org`,
        name: canary('host-name'),
        first_name: canary('first-name'),
        last_name: canary('last-name'),
        avatar_url: `https://images.example/${canary('avatar')}.png`,
      },
    ],
    submitted_by: {
      id: canary('submitter-id'),
      name: canary('submitter'),
      email: `${canary('s')}@example.org`,
    },
    geo_address_json: {
      address: canary('street'),
      full_address: `${canary('street')} 1, Graz`,
      city: 'Graz',
      country: 'Austria',
      description: canary('door-code'),
      google_maps_place_id: canary('place'),
    },
    location_visibility: 'guests-only',
  };
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

  // The ways by which an entry leaves the main path: untrusted, unlisted, held, gone, looked at only.
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
