import { expect, test } from 'vitest';
import type { QuarantinedEntryDoc } from '../../src/mongo/documents.js';
import { daily, NOW, useDesk } from './support.js';

const desk = useDesk();

const quarantine = async () => {
  const docs = await desk.rig.store.db
    .collection<QuarantinedEntryDoc>('quarantined_entries')
    .find({ orgId: desk.orgId })
    .toArray();
  return docs.map(({ lumaEventId, problems }) => [
    lumaEventId,
    problems.map(({ path, problem }) => `${path}: ${problem}`),
  ]);
};

const spoil = (fields: Record<string, unknown>, eventId = 'evt-2') =>
  desk.calendar.setFault({ kind: 'override', eventId, fields });

/** In the list, and when an event is asked for alone. */
const everywhere = (fields: Record<string, unknown>) => {
  desk.calendar.setFault({ kind: 'override', fields });
  desk.calendar.setFault({ kind: 'override', fields, endpoint: 'event' });
};

const NOT_TO_BE_TRUSTED: Record<string, [fields: Record<string, unknown>, problem: string]> = {
  'a title of 10,000 characters': [{ name: 'x'.repeat(10_000) }, 'name: too-long'],
  'a start "soon"': [{ start_at: 'soon' }, 'start_at: not-a-date'],
  'no start': [{ start_at: null }, 'start_at: missing'],
  'an end before the start': [{ end_at: '1999-01-01T00:00:00.000Z' }, 'end_at: ends-before-start'],
  'the time zone "Mars/Olympus"': [{ timezone: 'Mars/Olympus' }, 'timezone: unknown-time-zone'],
  'a NUL in its title': [{ name: 'a\0b' }, 'name: holds-nul'],
  'the time zone "BST"': [{ timezone: 'BST' }, 'timezone: unknown-time-zone'],
  'an empty start': [{ start_at: '' }, 'start_at: missing'],
  'a key of a database’s': [{ extra: { $where: 'true' } }, 'extra.?: forbidden-key'],
  'more values than an event has': [{ extra: Array(20_000).fill({}) }, ': too-many-values'],
};

test.each(Object.entries(NOT_TO_BE_TRUSTED))(
  'an entry with %s: kept as it was, counted as seen, back by itself',
  async (_, [fields, problem]) => {
    await desk.begin(daily(3));
    await desk.sync();
    const before = await desk.events();
    const fault = spoil(fields);
    desk.calendar.editEvent('evt-2', { name: 'Renamed' });
    desk.asked();

    const synced = await desk.sync();

    expect(synced).toMatchObject({ state: 'complete', events: { quarantined: 1, removed: 0, changed: 0 } });
    expect(desk.asked()).toEqual(['calendar', 'list']);
    expect(await desk.events()).toEqual(before);
    expect(await quarantine()).toEqual([['evt-2', [problem]]]);

    desk.calendar.clearFaults(fault);
    expect(await desk.sync()).toMatchObject({ events: { quarantined: 0, changed: 1 } });
    expect((await desk.event('evt-2'))?.title).toBe('Renamed');
    expect(await quarantine()).toEqual([]);
  },
);

test('an id with spaces is no id: the entry is kept aside, and the event it may be is asked for', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  const before = await desk.events();
  spoil({ id: 'evt 2' });
  desk.asked();

  expect(await desk.sync()).toMatchObject({ events: { quarantined: 1, removed: 0 } });

  expect(desk.asked()).toEqual(['calendar', 'list', 'get evt-2']);
  expect(await desk.events()).toEqual(before);
  expect(await quarantine()).toEqual([[null, ['id: not-an-id']]]);
});

test('an event without an end has none', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-2', fields: { end_at: null } });
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-2', fields: { end_at: null }, endpoint: 'event' });
  expect(await desk.sync()).toMatchObject({ events: { changed: 1, quarantined: 0 } });
  expect(await desk.event('evt-2')).not.toHaveProperty('endAt');
});

const EMPTY = {
  name: ' ',
  timezone: '',
  url: '',
  visibility: '',
  location_type: '',
  location_visibility: '',
};

test('empty texts do not replace what is stored, and a new event that lacks its title waits for one', async () => {
  await desk.begin(daily(2));
  await desk.sync();
  const before = await desk.events();
  everywhere(EMPTY);
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { changed: 0, removed: 0 } });
  expect(await desk.events()).toEqual(before);

  desk.calendar.addEvent({ ...daily(1)[0], id: 'evt-3', start_at: before[0]?.startAt ?? NOW });
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { inserted: 0, removed: 0 } });
  expect(await desk.ids()).toEqual(['evt-1', 'evt-2']);
  expect(await quarantine()).toEqual([['evt-3', ['title: missing', 'url: missing', 'visibility: missing']]]);
});

test('an empty text clears what an event may be without', async () => {
  await desk.begin(daily(1).map((event) => ({ ...event, cover_url: 'https://images.example/1.png' })));
  await desk.sync();
  expect(await desk.event('evt-1')).toMatchObject({
    coverUrl: 'https://images.example/1.png',
    description: 'About event 1',
  });
  everywhere({ cover_url: '', end_at: '', description_md: '', description: '' });
  expect(await desk.sync()).toMatchObject({ events: { changed: 1, quarantined: 0 } });
  const event = await desk.event('evt-1');
  for (const field of ['coverUrl', 'endAt', 'description']) expect(event).not.toHaveProperty(field);
});

test('a meeting link or an e-mail address where the address should be is never stored', async () => {
  await desk.begin(daily(2));
  const geo = { address: 'zoom.us/j/812345', full_address: 'Ann, ann@example.org', city: 'Ghent' };
  everywhere({ geo_address_json: geo, location_type: 'offline', location_visibility: 'public' });
  await desk.sync();
  expect((await desk.events()).map(({ location }) => location)).toEqual(['Ghent', 'Ghent']);
});

test('a new event that cannot be trusted stops no other, and comes once it is in order', async () => {
  await desk.begin(daily(3));
  const fault = spoil({ start_at: 'soon' });
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { inserted: 2, quarantined: 1 } });
  expect(await desk.ids()).toEqual(['evt-1', 'evt-3']);
  desk.calendar.clearFaults(fault);
  expect(await desk.sync()).toMatchObject({ events: { inserted: 1 } });
  expect(await desk.event('evt-2')).toMatchObject({ description: 'About event 2' });
});

test('an event that lacks its title at first has a description once it has one', async () => {
  await desk.begin(daily(2));
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-2', fields: { name: null } });
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-2', fields: { name: null }, endpoint: 'event' });
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { inserted: 1 } });
  desk.calendar.clearFaults();
  await desk.sync();
  expect(await desk.event('evt-2')).toMatchObject({ title: 'Event 2', description: 'About event 2' });
});

test('the same entry on two pages is one event', async () => {
  await desk.begin(daily(7), { maxPageSize: 2 });
  desk.calendar.setFault({ kind: 'duplicates' });
  expect(await desk.sync()).toMatchObject({ state: 'complete', events: { inserted: 7 } });
  expect(await desk.ids()).toHaveLength(7);
  expect(await desk.sync()).toMatchObject({ events: { inserted: 0, changed: 0 } });
});
