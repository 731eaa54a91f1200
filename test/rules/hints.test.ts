import { describe, expect, test } from 'vitest';
import { DAY_MS, daily, external, inDays, useDesk } from './support.js';

// What becomes of events that a webhook has named: Luma is asked about each, and only what it says counts.
const desk = useDesk();

async function begin(...args: Parameters<typeof desk.begin>): Promise<void> {
  await desk.begin(...args);
  await desk.sync();
  desk.asked();
}

const hinted = (...ids: string[]) => desk.sync({ hintedIds: ids });

describe('one request for each event, and none for anything else', () => {
  test('an edit is written, what is the same is not', async () => {
    await begin(daily(4));
    desk.calendar.editEvent('evt-2', { name: 'Moved', start_at: inDays(9), description_md: 'New words' });
    const before = await desk.events();
    const { events } = await hinted('evt-1', 'evt-2');
    expect(desk.asked()).toEqual(['get evt-1', 'get evt-2']);
    expect(events).toMatchObject({ seen: 2, changed: 1, unchanged: 1, inserted: 0, removed: 0 });
    expect(await desk.event('evt-2')).toMatchObject({
      ...{ title: 'Moved', startAt: inDays(9), description: 'New words', revision: 3 },
    });
    expect(await desk.event('evt-1')).toEqual(before[0]);
  });

  test('a new event is inserted with its description; its tags come with the next listing', async () => {
    await begin(daily(2));
    const tags = [{ id: 'tag-1', name: 'Music' }];
    desk.calendar.addEvent({
      id: 'evt-new',
      name: 'New',
      start_at: inDays(3),
      description_md: 'Words',
      tags,
    });
    expect((await hinted('evt-new')).events).toMatchObject({ seen: 1, inserted: 1 });
    expect(await desk.event('evt-new')).toMatchObject({ title: 'New', description: 'Words', tags: [] });
    await desk.sync();
    expect(await desk.event('evt-new')).toMatchObject({ tags: ['Music'], revision: 2 });
  });

  test('tags that are stored stay: Luma does not tell them of a single event', async () => {
    await begin([{ id: 'evt-1', start_at: inDays(1), tags: [{ id: 'tag-1', name: 'Music' }] }]);
    desk.calendar.editEvent('evt-1', { name: 'Another name' });
    await hinted('evt-1');
    expect(await desk.event('evt-1')).toMatchObject({ title: 'Another name', tags: ['Music'] });
  });

  test('a hint that nothing stands behind changes nothing', async () => {
    await begin(daily(2));
    const before = await desk.events();
    const { needsListing } = await hinted('evt-nowhere', 'evt-1');
    expect(needsListing).toBe(false);
    expect(await desk.events()).toEqual(before);
    expect(await desk.removed()).toEqual({});
  });

  test('an event that is no longer public leaves, one that never was is not stored', async () => {
    await begin(daily(8));
    desk.calendar.hide('evt-1');
    desk.calendar.addEvent({ id: 'evt-private', visibility: 'private', start_at: inDays(2) });
    expect((await hinted('evt-1', 'evt-private')).events).toMatchObject({ removed: 1, inserted: 0 });
    expect(await desk.removed()).toEqual({ 'evt-1': 'not-public' });
    expect(await desk.ids()).not.toContain('evt-private');
  });

  test('an answer that cannot be trusted goes to quarantine, and the event stays as it was', async () => {
    await begin(daily(2));
    const before = await desk.event('evt-1');
    desk.calendar.setFault({
      ...{ kind: 'override', endpoint: 'event', eventId: 'evt-1' },
      fields: { timezone: 'Mars/Olympus' },
    });
    expect((await hinted('evt-1')).events).toMatchObject({ quarantined: 1, changed: 0 });
    expect(await desk.event('evt-1')).toEqual(before);
  });
});

describe('an event goes only on Luma’s word', () => {
  test('404 with the word canceled removes it, and it comes back when Luma has it again', async () => {
    await begin(daily(8));
    desk.calendar.cancel('evt-1');
    expect((await hinted('evt-1')).events).toMatchObject({ removed: 1, held: 0 });
    expect(await desk.removed()).toEqual({ 'evt-1': 'canceled' });
    desk.calendar.addEvent({ id: 'evt-1', name: 'Again', start_at: inDays(1) });
    expect((await hinted('evt-1')).events).toMatchObject({ inserted: 1 });
    expect(await desk.event('evt-1')).toMatchObject({ title: 'Again', revision: 3 });
    expect(await desk.removed()).toEqual({});
  });

  test('403 and a 404 without that word leave it to a listing', async () => {
    await begin(daily(8));
    desk.calendar.transfer('evt-1');
    expect(await hinted('evt-1')).toMatchObject({ needsListing: true, events: { removed: 0 } });
    desk.calendar.setFault({ kind: 'gateway', endpoint: 'event', status: 404 });
    expect(await hinted('evt-2')).toMatchObject({ needsListing: false, unresolved: 1 });
    desk.calendar.clearFaults();
    expect(await desk.ids()).toHaveLength(8);
    await desk.sync();
    expect(await desk.removed()).toEqual({ 'evt-1': 'no-longer-managed' });
  });

  test('an event that another calendar manages, and that Luma has no word of, is left to listings', async () => {
    await begin([...daily(8), { id: 'evt-view', access: 'view', start_at: inDays(3) }]);
    desk.calendar.cancel('evt-view');
    expect(await hinted('evt-view')).toMatchObject({ needsListing: true, events: { removed: 0 } });
    expect(await desk.ids()).toContain('evt-view');
  });

  test('where many are canceled at once none goes, and a person decides', async () => {
    await begin(daily(20));
    const ids = Array.from({ length: 8 }, (_, nth) => `evt-${nth + 1}`);
    for (const id of ids) desk.calendar.cancel(id);
    expect((await hinted(...ids)).events).toMatchObject({ removed: 0, held: 8 });
    expect(await desk.ids()).toHaveLength(20);
    expect(await desk.organization()).toMatchObject({ state: 'ok', removalsHeld: 8 });
    await desk.decide('approved');
    expect((await hinted(...ids)).events).toMatchObject({ removed: 8, held: 0 });
    expect(await desk.organization()).toEqual({ state: 'ok' });
  });

  test('cancellations that come one by one are counted together', async () => {
    await begin(daily(20));
    for (let nth = 1; nth <= 6; nth++) {
      desk.calendar.cancel(`evt-${nth}`);
      await hinted(`evt-${nth}`);
    }
    expect(Object.keys(await desk.removed())).toHaveLength(4);
    expect((await desk.held()).map(({ lumaEventId }) => lumaEventId)).toEqual(['evt-5', 'evt-6']);
  });

  test('a removal that a person rejected stays rejected', async () => {
    await begin(daily(20));
    const ids = Array.from({ length: 8 }, (_, nth) => `evt-${nth + 1}`);
    for (const id of ids) desk.calendar.cancel(id);
    await desk.sync();
    await desk.decide('rejected');
    expect((await hinted('evt-1')).events).toMatchObject({ removed: 0, held: 0 });
    expect(await desk.ids()).toHaveLength(20);
  });
});

describe('what a sync of single events leaves alone', () => {
  test('when the organization was last synced, its state, and quarantine of other events', async () => {
    await begin([...daily(3), { ...external(1)[0], timezone: 'Mars/Olympus' }]);
    const organizations = desk.rig.store.db.collection('organizations');
    const before = await organizations.findOne();
    desk.clock.advance(DAY_MS);
    const { syncId } = await hinted('evt-1');
    expect(await organizations.findOne()).toEqual(before);
    expect(await desk.rig.store.quarantine.list(desk.orgId)).toHaveLength(1);
    expect(await desk.run(syncId)).toMatchObject({ hinted: true, state: 'complete', requests: 1, pages: 0 });
  });

  test('a failure is in its report, and not on the organization', async () => {
    await begin(daily(3));
    desk.calendar.setFault({ kind: 'rejected-key' });
    const { state, syncId } = await hinted('evt-1');
    expect(state).toBe('failed');
    expect(await desk.run(syncId)).toMatchObject({ hinted: true, state: 'failed' });
    expect(await desk.organization()).toEqual({ state: 'ok' });
  });

  test('a key that was replaced since is verified first', async () => {
    await desk.begin(daily(3), { calendars: [{ events: daily(3) }, { id: 'cal-other', events: daily(1) }] });
    await desk.sync();
    desk.asked();
    await hinted('evt-1');
    expect(desk.asked()).toEqual(['get evt-1']);
    const other = desk.luma.calendars[1]?.key ?? '';
    await desk.rig.store.db
      .collection<{ _id: string }>('organizations')
      .updateOne({ _id: desk.orgId }, { $set: { lumaApiKey: other } });
    const { failure } = await hinted('evt-1');
    expect(failure).toMatchObject({ type: 'LumaCalendarChanged' });
    expect(desk.asked()).toEqual(['calendar']);
  });
});

test('a pause that Luma asks for is waited out, and nothing is asked twice', async () => {
  await begin(daily(6));
  desk.calendar.setFault({ kind: 'rate-limit', endpoint: 'event', onRequest: 3, times: 1, blockMs: 60_000 });
  const ids = daily(6).map(({ id = '' }) => id);
  expect(await hinted(...ids)).toMatchObject({ state: 'complete', events: { seen: 6, unchanged: 6 } });
  const asked = desk.asked();
  expect(new Set(asked).size).toBe(6);
  expect(asked.length).toBeLessThanOrEqual(6 + 4);
  expect(desk.luma.stats().requestsDuringBlock).toBeLessThanOrEqual(3);
});
