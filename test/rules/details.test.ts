import { expect, test } from 'vitest';
import { daily, DAY_MS, HOUR_MS, inDays, useDesk } from './support.js';

const desk = useDesk();
const gets = () => desk.asked().filter((what) => what.startsWith('get'));

test('soonest first: what is upcoming by its start, then what is past, the latest first', async () => {
  await desk.begin([
    { id: 'evt-old', start_at: inDays(-30) },
    { id: 'evt-late', start_at: inDays(60) },
    { id: 'evt-recent', start_at: inDays(-1) },
    { id: 'evt-soon', start_at: inDays(1) },
  ]);
  await desk.sync({ deps: { details: { inFlight: 1 } } });
  expect(gets()).toEqual(['get evt-soon', 'get evt-late', 'get evt-recent', 'get evt-old']);
});

test('a second sync the same day asks for the listing, and for what changed in it', async () => {
  await desk.begin(daily(5));
  await desk.sync();
  desk.asked();
  expect(await desk.sync()).toMatchObject({ requests: 2 });
  expect(desk.asked()).toEqual(['calendar', 'list']);

  desk.calendar.editEvent('evt-3', { name: 'Renamed', description_md: 'New words' });
  await desk.sync();
  expect(desk.asked()).toEqual(['calendar', 'list', 'get evt-3']);
  expect(await desk.event('evt-3')).toMatchObject({ title: 'Renamed', description: 'New words' });
});

test('details of upcoming events grow old, those of past ones do not', async () => {
  await desk.begin([...daily(2), { id: 'evt-past', start_at: inDays(-3) }]);
  await desk.sync();
  for (const id of ['evt-2', 'evt-past']) desk.calendar.editEvent(id, { description_md: 'New words' });
  desk.clock.advance(19 * HOUR_MS);
  desk.asked();
  await desk.sync();
  expect(gets()).toEqual([]);
  desk.clock.advance(HOUR_MS);
  expect(await desk.sync()).toMatchObject({ events: { changed: 1 } });
  expect(gets().toSorted()).toEqual(['get evt-1', 'get evt-2']);
  expect(await desk.event('evt-2')).toMatchObject({ description: 'New words' });
});

test('no more than the budget, soonest first; what is left is said, and comes with the next syncs', async () => {
  await desk.begin(daily(7));
  const deps = { details: { requests: 3, inFlight: 1 } };
  expect(await desk.sync({ deps })).toMatchObject({ state: 'complete', detailsPending: 4 });
  expect(gets()).toEqual(['get evt-1', 'get evt-2', 'get evt-3']);
  expect(await desk.sync({ deps })).toMatchObject({ detailsPending: 1 });
  expect(gets()).toEqual(['get evt-4', 'get evt-5', 'get evt-6']);
  expect(await desk.sync({ deps })).toMatchObject({ detailsPending: 0 });
  expect(gets()).toEqual(['get evt-7']);
  expect((await desk.events()).map(({ description }) => description)).not.toContain(undefined);
});

test('a listing that carries descriptions costs no further request', async () => {
  await desk.begin(daily(4), { listDescriptions: true });
  expect(await desk.sync()).toMatchObject({ requests: 2 });
  expect(desk.asked()).toEqual(['calendar', 'list']);
  expect(await desk.event('evt-4')).toMatchObject({ description: 'About event 4' });
});

test('a retry goes on behind what is staged: no event is asked for twice', async () => {
  await desk.begin(daily(8));
  // The fifth answer is lost; what came before it is staged two by two.
  desk.calendar.setFault({ kind: 'server-error', endpoint: 'event', onRequest: 5, times: 1 });
  const synced = await desk.sync({ deps: { details: { batch: 2, inFlight: 1 } } });
  expect(synced.state).toBe('complete');
  const asked = gets();
  expect(asked).toHaveLength(9);
  expect(new Set(asked).size).toBe(8);
});

test('a description that was taken back is gone, one that Luma is silent about stays', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  desk.calendar.editEvent('evt-1', { description_md: '' });
  desk.clock.advance(21 * HOUR_MS);
  await desk.sync();
  expect(await desk.event('evt-1')).not.toHaveProperty('description');

  for (const field of ['description', 'description_md']) {
    desk.calendar.setFault({ kind: 'missing-field', field, endpoint: 'event' });
  }
  desk.clock.advance(21 * HOUR_MS);
  await desk.sync();
  expect(await desk.event('evt-2')).toMatchObject({ description: 'About event 2' });
});

test('an event that is gone when its details are asked for costs nobody else theirs', async () => {
  await desk.begin(daily(3));
  const real = desk.rig.dependencies().luma;
  const luma = {
    ...real,
    listEvents: async (...args: Parameters<typeof real.listEvents>) => {
      const page = await real.listEvents(...args);
      if (desk.calendar.find('evt-2') !== undefined) desk.calendar.cancel('evt-2');
      return page;
    },
  };
  expect(await desk.sync({ deps: { luma } })).toMatchObject({ state: 'complete', events: { inserted: 3 } });
  expect(await desk.event('evt-3')).toMatchObject({ description: 'About event 3' });
  await desk.sync();
  expect(await desk.removed()).toEqual({ 'evt-2': 'canceled' });
});

test('an event hidden only in its details leaves, and comes back when they show it', async () => {
  await desk.begin(daily(2));
  desk.calendar.setFault({
    kind: 'override',
    eventId: 'evt-1',
    fields: { visibility: 'private' },
    endpoint: 'event',
  });
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-2']);
  desk.calendar.clearFaults();
  desk.clock.advance(DAY_MS / 2);
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-1', 'evt-2']);
});
