import { expect, test } from 'vitest';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();
const iso = (days: number) => inDays(days).toISOString();
const FIRST_WEEK = { after: iso(0.5), before: iso(7.5) };

test('a window removes only what started inside of it, and says nothing of the rest', async () => {
  await desk.begin(daily(14));
  await desk.sync();
  desk.calendar.cancel('evt-3');
  desk.calendar.cancel('evt-10');

  expect(await desk.sync({ window: FIRST_WEEK })).toMatchObject({ events: { seen: 6, removed: 1 } });
  expect(await desk.removed()).toEqual({ 'evt-3': 'canceled' });
  await desk.sync();
  expect(await desk.removed()).toEqual({ 'evt-3': 'canceled', 'evt-10': 'canceled' });
});

test('an event moved out of the window is kept and updated, one moved into it is found', async () => {
  await desk.begin(daily(14));
  await desk.sync();
  desk.calendar.reschedule('evt-2', inDays(40));
  desk.calendar.reschedule('evt-12', inDays(3));

  const synced = await desk.sync({ window: FIRST_WEEK });

  expect(synced.events).toMatchObject({ changed: 2, removed: 0 });
  expect((await desk.event('evt-2'))?.startAt).toEqual(inDays(40));
  expect((await desk.event('evt-12'))?.startAt).toEqual(inDays(3));
});

test('an event of another calendar that moves out of the window is no removal, however often it is looked for', async () => {
  await desk.begin([...daily(4), ...external(2), { id: 'evt-v', access: 'view', start_at: inDays(2) }]);
  await desk.sync();
  for (const id of ['calev-1', 'evt-v']) desk.calendar.reschedule(id, inDays(50));

  for (let i = 0; i < 3; i++) {
    expect(await desk.sync({ window: FIRST_WEEK })).toMatchObject({ events: { removed: 0 }, unresolved: 2 });
  }
  expect(await desk.ids()).toContain('evt-v');
  await desk.sync();
  expect((await desk.event('calev-1'))?.startAt).toEqual(inDays(50));
});

test('windows are no way around the guard: what waits elsewhere counts', async () => {
  await desk.begin(daily(20));
  await desk.sync();
  for (let n = 1; n <= 9; n++) desk.calendar.cancel(`evt-${n}`);
  await desk.sync();
  const waiting = (await desk.held()).length;
  expect(waiting).toBe(9);

  const synced = await desk.sync({ window: { after: iso(0.5), before: iso(4.5) } });

  expect(synced.events).toMatchObject({ removed: 0 });
  expect(await desk.ids()).toHaveLength(20);
});

test('a windowed sync is no whole one: the organization is not called synced by it', async () => {
  await desk.begin(daily(3));
  await desk.sync({ window: FIRST_WEEK });
  const [organization] = await desk.rig.store.organizations.list();
  expect(organization).toMatchObject({ state: 'ok' });
  expect(organization).not.toHaveProperty('eventsLastSynced');
});
