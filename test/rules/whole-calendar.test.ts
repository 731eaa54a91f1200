import { describe, expect, test } from 'vitest';
import type { EventSpec, FaultSpec } from '../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../src/luma/api.js';
import { noEvents } from '../../src/events/counts.js';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

/** More than the guard's five, and fewer. */
const CALENDARS = {
  'a large calendar': [...daily(12), ...external(6)],
  'a small calendar': [...daily(2), ...external(2), { id: 'evt-v', access: 'view' as const }],
  'a calendar of others’ events only': external(3),
};

const ANSWERS: Record<string, FaultSpec> = {
  'nothing at all': { kind: 'empty' },
  403: { kind: 'forbidden' },
  401: { kind: 'rejected-key' },
  HTML: { kind: 'html' },
  'an error for every second page': { kind: 'flaky', endpoint: 'list' },
  'pages without end': { kind: 'repeated-cursor' },
};

/** Each of these is asked for an hour before it fails, so that they are tried with one calendar. */
const OUTAGES: Record<string, FaultSpec> = {
  'a gateway’s 404': { kind: 'gateway' },
  'a gateway’s page with 403': { kind: 'gateway', status: 403, body: 'html' },
  'an error for every page': { kind: 'server-error', endpoint: 'list' },
  'cut-off bodies': { kind: 'cut-body' },
};

/** Twice, mostly: an event that cannot be asked for goes when two listings lack it. */
async function losesNothing(events: readonly EventSpec[], fault: FaultSpec, syncs = 2): Promise<void> {
  await desk.begin(events, { maxPageSize: 2 });
  await desk.sync();
  const before = await desk.events();
  desk.calendar.setFault(fault);

  for (let i = 0; i < syncs; i++) await desk.sync();

  expect(await desk.events()).toEqual(before);
  expect(await desk.removed()).toEqual({});

  desk.calendar.clearFaults();
  expect(await desk.sync()).toMatchObject({
    state: 'complete',
    events: { held: 0, changed: 0, removed: 0 },
  });
  expect(await desk.organization()).toEqual({ state: 'ok' });
  expect(await desk.held()).toEqual([]);
}

test.each(Object.entries(OUTAGES))('a calendar that answers %s for an hour loses no event', (_, fault) =>
  losesNothing(CALENDARS['a large calendar'], fault, 1),
);

describe.each(Object.entries(CALENDARS))('%s', (_, events) => {
  test.each(Object.entries(ANSWERS))('that answers %s, again and again, loses no event', (__, fault) =>
    losesNothing(events, fault),
  );

  test('whose whole host answers 404 loses no event', async () => {
    await desk.begin(events);
    await desk.sync();
    const before = await desk.events();

    const luma = createLumaApi({ baseUrl: `${desk.luma.url}/elsewhere` });
    for (let i = 0; i < 3; i++) {
      const synced = await desk.sync({ deps: { luma } });
      expect(synced).toMatchObject({ state: 'failed', failure: { type: 'LumaContractBroken' } });
    }

    expect(await desk.events()).toEqual(before);
  });
});

test('a listing cut short while Luma still has the rest takes nobody’s events away', async () => {
  await desk.begin([...daily(6), ...external(3)], { maxPageSize: 3 });
  await desk.sync();
  const before = await desk.events();

  // Luma's own word that nothing follows, after the first page.
  const real = desk.rig.dependencies().luma;
  const luma = {
    ...real,
    listEvents: async (...args: Parameters<typeof real.listEvents>) => {
      const { value, budget } = await real.listEvents(...args);
      return { value: { ...value, hasMore: false, nextCursor: null }, budget };
    },
  };
  for (let i = 0; i < 4; i++) await desk.sync({ deps: { luma } });

  expect(await desk.events()).toEqual(before);
});

test('a calendar of which no entry is usable is no failure: what it says of visibility counts, nothing else goes', async () => {
  await desk.begin([...daily(3), { id: 'evt-p', visibility: 'private' }]);
  await desk.sync();
  desk.calendar.hide('evt-1');
  desk.calendar.setFault({ kind: 'override', fields: { start_at: 'soon' } });

  const synced = await desk.sync();

  expect(synced).toMatchObject({ state: 'complete', events: { removed: 1, quarantined: 2 } });
  expect(await desk.ids()).toEqual(['evt-2', 'evt-3']);
});

test('a listing in which nothing looks like an event fails the sync and removes nothing', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.setFault({ kind: 'override', fields: { id: 7, start_at: null } });

  const synced = await desk.sync();

  expect(synced).toMatchObject({ state: 'failed', failure: { type: 'LumaContractBroken' } });
  expect(await desk.ids()).toEqual(['evt-1', 'evt-2', 'evt-3']);
});

test('a reschedule within the calendar is no removal', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.reschedule('evt-1', inDays(200));
  expect(await desk.sync()).toMatchObject({ events: { changed: 1, removed: 0 } });
  expect((await desk.event('evt-1'))?.startAt).toEqual(inDays(200));
});

test('events that are listed and could not be written are counted as nothing, least of all as not public', async () => {
  await desk.begin(daily(3));
  await desk.rig.store.ensureIndexes();
  const events = desk.rig.store.db.collection('events');
  const theirs = await events.createIndex({ orgId: 1, status: 1 }, { unique: true }, {});
  try {
    const sync = await desk.sync();
    expect(sync).toMatchObject({ state: 'failed', events: noEvents() });
    expect(await desk.run(sync.syncId)).toMatchObject({ state: 'failed', events: noEvents() });
  } finally {
    await events.dropIndex(theirs);
  }
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { seen: 3, inserted: 3 } });
});
