import { expect, test } from 'vitest';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

test('404 is canceled, 403 is no longer managed: one by one, on the first sync without them', async () => {
  await desk.begin(daily(12));
  await desk.sync();
  desk.calendar.cancel('evt-3');
  desk.calendar.transfer('evt-4');
  desk.asked();

  const synced = await desk.sync();

  expect(synced.events).toMatchObject({ removed: 2, held: 0, changed: 0 });
  expect(await desk.removed()).toEqual({ 'evt-3': 'canceled', 'evt-4': 'no-longer-managed' });
  expect(await desk.ids()).toHaveLength(10);
  expect(desk.asked()).toEqual(['calendar', 'list', 'get evt-3', 'get evt-4']);
});

test('an event comes back with what is known of it: created then, one revision on', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  const before = await desk.event('evt-1');
  desk.calendar.hide('evt-1');
  await desk.sync();
  expect(await desk.removed()).toEqual({ 'evt-1': 'not-public' });
  desk.calendar.hide('evt-1', 'public');

  await desk.sync();

  const { createdAt, description, title, revision = 0 } = before ?? {};
  const after = await desk.event('evt-1');
  expect(after).toMatchObject({ createdAt, description, title, revision: revision + 1 });
  expect(await desk.removed()).toEqual({});
});

test.each(['members-only', 'private', 'a-word-of-tomorrow'])(
  'an event that becomes %s leaves',
  async (word) => {
    await desk.begin(daily(2));
    await desk.sync();
    desk.calendar.hide('evt-1', word);
    expect(await desk.sync()).toMatchObject({ events: { removed: 1 } });
    expect(await desk.ids()).toEqual(['evt-2']);
  },
);

test('an event that becomes private leaves although the rest of its entry cannot be trusted', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  desk.calendar.hide('evt-1');
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-1', fields: { timezone: 'Mars/Olympus' } });
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-2']);
});

test('a fifth of the events and more than four: nothing goes, and a person is asked', async () => {
  await desk.begin(daily(20));
  await desk.sync();
  for (const n of [1, 2, 3, 4, 5]) desk.calendar.cancel(`evt-${n}`);

  const synced = await desk.sync();

  expect(synced.events).toMatchObject({ removed: 0, held: 5 });
  expect(await desk.ids()).toHaveLength(20);
  expect((await desk.held()).map(({ lumaEventId, reason }) => [lumaEventId, reason])).toEqual(
    [1, 2, 3, 4, 5].map((n) => [`evt-${n}`, 'canceled']),
  );
  expect(await desk.organization()).toMatchObject({ state: 'ok', removalsHeld: 5 });
});

test('four of a small calendar go without a question, and so does a smaller share of a large one', async () => {
  await desk.begin(daily(5));
  await desk.sync();
  for (const n of [1, 2, 3, 4]) desk.calendar.cancel(`evt-${n}`);
  expect(await desk.sync()).toMatchObject({ events: { removed: 4, held: 0 } });

  await desk.begin(daily(40));
  await desk.sync();
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) desk.calendar.cancel(`evt-${n}`);
  expect(await desk.sync()).toMatchObject({ events: { removed: 8, held: 0 } });
});

test('what is approved is asked for again: it goes, or stays where it is back', async () => {
  await desk.begin(daily(12));
  await desk.sync();
  const [back] = desk.calendar.events();
  for (const n of [1, 2, 3, 4, 5, 6]) desk.calendar.transfer(`evt-${n}`);
  await desk.sync();
  await desk.decide('approved');
  desk.calendar.addEvent(back);
  desk.asked();

  const synced = await desk.sync();

  // Asking ends as soon as the guard would hold; what was not asked for then is now.
  expect(desk.asked().filter((what) => what.startsWith('get')).length).toBeGreaterThanOrEqual(5);
  expect(synced.events).toMatchObject({ removed: 5, held: 0 });
  expect(await desk.ids()).toContain('evt-1');
  expect(await desk.ids()).toHaveLength(7);
  expect(await desk.organization()).toEqual({ state: 'ok' });
});

test('what is approved and only absent stays: Luma still has it', async () => {
  await desk.begin(daily(8));
  await desk.sync();
  for (const n of [1, 2, 3, 4, 5, 6]) desk.calendar.cancel(`evt-${n}`);
  await desk.sync();
  await desk.decide('approved');
  desk.calendar.addEvent({ ...daily(1)[0], status: 'pending', name: 'Still there' });

  await desk.sync();

  expect(await desk.ids()).toEqual(['evt-1', 'evt-7', 'evt-8']);
  expect(await desk.event('evt-1')).toMatchObject({ title: 'Still there' });
  expect(await desk.held()).toEqual([]);
});

test('what is rejected stays and is not asked about again, until a listing shows it', async () => {
  await desk.begin(daily(10));
  await desk.sync();
  const events = desk.calendar.events();
  for (const n of [1, 2, 3, 4, 5]) desk.calendar.transfer(`evt-${n}`);
  await desk.sync();
  await desk.decide('rejected');
  desk.asked();

  for (let i = 0; i < 2; i++) {
    expect(await desk.sync()).toMatchObject({ events: { removed: 0, held: 0 } });
    expect(await desk.organization()).toEqual({ state: 'ok' });
  }
  expect(desk.asked().filter((what) => what.startsWith('get'))).toEqual([]);
  expect(await desk.ids()).toHaveLength(10);

  desk.calendar.addEvent(events.find(({ id }) => id === 'evt-1'));
  await desk.sync();
  desk.calendar.cancel('evt-1');
  await desk.sync();
  expect(await desk.removed()).toEqual({ 'evt-1': 'canceled' });
});

test('events that Luma cannot be asked for go with the second listing in a row without them', async () => {
  await desk.begin([...daily(8), ...external(2), { id: 'evt-v', access: 'view' }]);
  await desk.sync();
  const [returning] = external(1);
  for (const id of ['calev-1', 'calev-2', 'evt-v']) desk.calendar.cancel(id);
  desk.asked();
  expect(await desk.sync()).toMatchObject({ events: { removed: 0 } });
  desk.calendar.addEvent(returning);
  expect(await desk.sync()).toMatchObject({ events: { removed: 2 } });
  expect(await desk.removed()).toEqual({ 'calev-2': 'no-longer-listed', 'evt-v': 'no-longer-listed' });
  expect(desk.asked().filter((what) => what.startsWith('get'))).toEqual([]);

  // Seen in between: the row begins anew.
  desk.calendar.cancel('calev-1');
  expect(await desk.sync()).toMatchObject({ events: { removed: 0 } });
  expect(await desk.sync()).toMatchObject({ events: { removed: 1 } });
});

test('an entry that cannot be trusted has been seen all the same: the row begins anew', async () => {
  await desk.begin([...daily(3), ...external(1)]);
  await desk.sync();
  const [spec] = external(1);
  desk.calendar.cancel('calev-1');
  await desk.sync();
  desk.calendar.addEvent(spec);
  desk.calendar.setFault({ kind: 'override', eventId: 'calev-1', fields: { end_at: 'late' }, times: 1 });
  await desk.sync();
  desk.calendar.cancel('calev-1');
  await desk.sync();
  expect(await desk.ids()).toContain('calev-1');
  await desk.sync();
  expect(await desk.ids()).not.toContain('calev-1');
});

test('one event about which Luma says nothing clear is kept, and the others are settled', async () => {
  await desk.begin(daily(12));
  await desk.sync();
  desk.calendar.cancel('evt-1');
  desk.calendar.cancel('evt-2');
  desk.calendar.setFault({ kind: 'html', endpoint: 'event', times: 1 });

  const synced = await desk.sync();

  expect(synced).toMatchObject({ state: 'complete', unresolved: 1, events: { removed: 1 } });
  expect(Object.keys(await desk.removed())).toHaveLength(1);
  expect(await desk.sync()).toMatchObject({ unresolved: 0, events: { removed: 1 } });
});

test.each([
  [404, 'json'],
  [403, 'html'],
  [302, 'none'],
] as const)(
  'a gateway’s %i (%s) about an event is no word of Luma’s: it is kept, without another attempt',
  async (status, body) => {
    await desk.begin(daily(12));
    await desk.sync();
    desk.calendar.transfer('evt-1');
    desk.calendar.setFault({ kind: 'gateway', status, body, endpoint: 'event' });

    const synced = await desk.sync();

    expect(synced).toMatchObject({ state: 'complete', unresolved: 1, events: { removed: 0 } });
    expect(await desk.removed()).toEqual({});
    desk.calendar.clearFaults();
    expect(await desk.sync()).toMatchObject({ unresolved: 0, events: { removed: 1 } });
  },
);

test('while Luma answers no question about single events, a sync ends all the same and nothing goes', async () => {
  await desk.begin(daily(12));
  await desk.sync();
  for (const n of [1, 2, 3]) desk.calendar.cancel(`evt-${n}`);
  desk.calendar.setFault({ kind: 'server-error', endpoint: 'event' });

  const synced = await desk.sync();

  expect(synced).toMatchObject({ state: 'complete', unresolved: 3, events: { removed: 0 } });
  expect(await desk.ids()).toHaveLength(12);
});

test('more events in question than a sync may ask about are no way around the guard', async () => {
  await desk.begin(daily(20));
  await desk.sync();
  for (let n = 1; n <= 9; n++) desk.calendar.cancel(`evt-${n}`);

  const synced = await desk.sync({ deps: { details: { requests: 3 } } });

  expect(synced).toMatchObject({ state: 'complete', events: { removed: 0 } });
  expect(synced.unresolved + synced.events.held).toBe(9);
  expect(await desk.ids()).toHaveLength(20);
});

test('another calendar behind the key stops the sync; meant, its events come and the old ones are removals', async () => {
  await desk.begin(daily(6), {});
  await desk.sync();
  const before = await desk.events();
  const other = desk.luma.addCalendar({ events: [{ id: 'evt-new' }], key: 'secret-other' });
  await desk.rig.store.db
    .collection<{ _id: string }>('organizations')
    .updateOne({ _id: desk.orgId }, { $set: { lumaApiKey: other.key } });

  const refused = await desk.sync();
  expect(refused).toMatchObject({ state: 'failed', failure: { type: 'LumaCalendarChanged' } });
  expect(await desk.events()).toEqual(before);
  expect(await desk.organization()).toMatchObject({ state: 'failed' });

  await desk.rig.store.decisions.rebind(desk.orgId, 'tester');
  const bound = await desk.sync();
  expect(bound).toMatchObject({ state: 'complete', events: { inserted: 1, removed: 0, held: 6 } });
  await desk.decide('approved');
  await desk.sync();
  expect(await desk.ids()).toEqual(['evt-new']);
  expect(new Set(Object.values(await desk.removed()))).toEqual(new Set(['no-longer-managed']));
});

test('a held removal that is over leaves no trace on the organization', async () => {
  await desk.begin(daily(6));
  await desk.sync();
  for (const n of [1, 2, 3, 4, 5]) desk.calendar.cancel(`evt-${n}`);
  await desk.sync();
  await desk.decide('approved');
  await desk.sync();
  expect(await desk.organization()).toEqual({ state: 'ok' });
  expect(await desk.held()).toEqual([]);
});

test('an event kept by Luma’s word is updated by it', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.editEvent('evt-2', { status: 'pending', name: 'Renamed', start_at: inDays(9) });
  expect(await desk.sync()).toMatchObject({ events: { changed: 1, removed: 0 }, unresolved: 0 });
  expect(await desk.event('evt-2')).toMatchObject({ title: 'Renamed', startAt: inDays(9) });
});
