import { expect, test } from 'vitest';
import { daily, DAY_MS, useDesk } from './support.js';

const desk = useDesk();

test('a listing without covers: what is stored stays, it is said once, and lasts on the organization until it is over', async () => {
  await desk.begin(daily(4));
  expect(await desk.sync()).toMatchObject({ drift: [] });
  const before = await desk.events();
  expect(before.every(({ coverUrl }) => coverUrl !== undefined)).toBe(true);
  const fault = desk.calendar.setFault({ kind: 'missing-field', field: 'cover_url' });

  const told = await desk.sync();
  expect(told).toMatchObject({ state: 'complete', drift: ['cover_url vanished'] });
  expect(await desk.run(told.syncId)).toMatchObject({ drift: ['cover_url vanished'] });
  const again = await desk.sync();
  expect(again.drift).toEqual([]);
  expect(await desk.events()).toEqual(before);
  expect(await desk.organization()).toEqual({ state: 'ok', drift: ['cover_url vanished'] });

  desk.calendar.clearFaults(fault);
  expect(await desk.sync()).toMatchObject({ drift: [] });
  expect(await desk.organization()).toEqual({ state: 'ok' });
  expect(await desk.events()).toEqual(before);

  desk.calendar.setFault({ kind: 'missing-field', field: 'cover_url' });
  expect(await desk.sync()).toMatchObject({ drift: ['cover_url vanished'] });
});

test('a field of another type keeps what is stored, and is said once', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  const before = await desk.events();
  desk.calendar.setFault({ kind: 'changed-type', field: 'cover_url' });
  expect(await desk.sync()).toMatchObject({ drift: ['cover_url changed from string to object'] });
  expect(await desk.sync()).toMatchObject({ drift: [] });
  expect(await desk.events()).toEqual(before);
});

test('a missing visibility hides nothing and shows nothing', async () => {
  await desk.begin([...daily(3), { id: 'evt-p', visibility: 'private', name: 'Not for all' }]);
  await desk.sync();
  desk.calendar.addEvent({ id: 'evt-q', visibility: 'private', name: 'New and not for all' });
  desk.calendar.setFault({ kind: 'missing-field', field: 'visibility' });
  await desk.sync();
  desk.calendar.setFault({ kind: 'missing-field', field: 'visibility', endpoint: 'event' });
  desk.clock.advance(2 * DAY_MS);
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-1', 'evt-2', 'evt-3']);
});

test('unknown fields and words pass and are told of once, without a warning on the organization', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.setFault({
    kind: 'override',
    fields: { mood_at: 'sunset', location_type: 'hologram' },
  });
  const told = await desk.sync();
  expect(told.state).toBe('complete');
  expect(told.drift.toSorted()).toEqual(['location_type has the new value hologram', 'mood_at appeared']);
  expect(await desk.sync()).toMatchObject({ drift: [], events: { changed: 0, quarantined: 0 } });
  expect(await desk.ids()).toHaveLength(3);
  expect(await desk.organization()).toEqual({ state: 'ok' });
});

test('a dry run tells of drift and takes nothing for usual', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.setFault({ kind: 'missing-field', field: 'cover_url' });
  expect(await desk.sync({ dryRun: true })).toMatchObject({ drift: ['cover_url vanished'] });
  expect(await desk.sync()).toMatchObject({ drift: ['cover_url vanished'] });
});
