import { describe, expect, test } from 'vitest';
import type { EventSpec, FaultSpec } from '../../packages/fake-luma/src/index.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { HOUR_MS, daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

const ADDRESS = {
  address: 'Werkhalle Süd',
  city: 'Berlin',
  country: 'Germany',
  full_address: 'Werkhalle Süd, Ziegelstraße 81, Berlin, Germany',
};
const BERLIN = { latitude: 52.52, longitude: 13.405 };

describe('a calendar without a key', () => {
  test('is synced from its feed with one request, into the same documents', async () => {
    const start = inDays(1);
    await desk.beginWithFeed([
      {
        ...{ id: 'evt-1', name: 'Tea & “Éclairs” <3', start_at: start, url: 'https://lu.ma/tea' },
        ...{ geo_address_json: ADDRESS, coordinate: BERLIN, location_type: 'offline' },
      },
      { ...external(1)[0], url: 'https://books.example/reading' },
    ]);
    const { state, requests, events } = await desk.sync();
    expect({ state, requests, events }).toMatchObject({
      ...{ state: 'complete', requests: 1 },
      events: { seen: 2, inserted: 2, quarantined: 0 },
    });
    expect(desk.asked()).toEqual(['feed']);
    const tea = await desk.event('evt-1');
    expect(tea).toMatchObject({
      ...{ title: 'Tea & “Éclairs” <3', startAt: start, url: 'https://luma.com/tea', source: 'ical' },
      ...{ location: ADDRESS.full_address, locationKind: 'in-person', isVirtual: false },
      ...{ timezone: 'Europe/Berlin', visibility: 'public', platform: 'luma', tags: [], revision: 1 },
    });
    for (const field of ['description', 'coverUrl', 'hostName']) expect(tea).not.toHaveProperty(field);
    expect(await desk.event('calev-1')).toMatchObject({
      ...{ url: 'https://books.example/reading', platform: 'external', source: 'ical' },
    });
  });

  test('a feed that says the same again writes no event', async () => {
    await desk.beginWithFeed([...daily(3), ...external(1)]);
    await desk.sync();
    const before = await desk.events();
    desk.asked();
    const { events } = await desk.sync();
    expect(events).toMatchObject({ seen: 4, unchanged: 4, changed: 0, inserted: 0 });
    expect(desk.asked()).toEqual(['feed']);
    expect(await desk.events()).toEqual(before);
  });
});

describe('removals from a feed', () => {
  test('an event goes after two complete feeds in a row without it, and Luma is asked for none alone', async () => {
    await desk.beginWithFeed(daily(10));
    await desk.sync();
    desk.calendar.cancel('evt-3');
    expect((await desk.sync()).events.removed).toBe(0);
    expect(await desk.ids()).toContain('evt-3');
    desk.asked();
    expect((await desk.sync()).events.removed).toBe(1);
    expect(await desk.removed()).toEqual({ 'evt-3': 'no-longer-listed' });
    expect(desk.asked()).toEqual(['feed']);
  });

  test('one that is there in between is counted anew', async () => {
    await desk.beginWithFeed(daily(10));
    await desk.sync();
    desk.calendar.hide('evt-3');
    await desk.sync();
    desk.calendar.editEvent('evt-3', { visibility: 'public' });
    await desk.sync();
    desk.calendar.hide('evt-3');
    await desk.sync();
    expect(await desk.removed()).toEqual({});
    await desk.sync();
    expect(await desk.removed()).toEqual({ 'evt-3': 'no-longer-listed' });
  });

  test('so many that something else must be wrong wait for a person', async () => {
    await desk.beginWithFeed(daily(10));
    await desk.sync();
    for (const id of [1, 2, 3, 4, 5, 6]) desk.calendar.cancel(`evt-${id}`);
    await desk.sync();
    expect((await desk.sync()).events).toMatchObject({ removed: 0, held: 6 });
    expect(await desk.ids()).toHaveLength(10);
    await desk.decide('approved');
    expect((await desk.sync()).events).toMatchObject({ removed: 6, held: 0 });
  });

  test.each<[string, FaultSpec, string]>([
    ['is empty', { kind: 'empty' }, 'complete'],
    ['is HTML', { kind: 'html' }, 'LumaContractBroken'],
    ['is another text', { kind: 'malformed-json' }, 'LumaContractBroken'],
    ['is refused', { kind: 'forbidden' }, 'LumaForbidden'],
    ['ends in the middle', { kind: 'cut-feed' }, 'LumaUnavailable'],
    ['is cut off on its way', { kind: 'cut-body' }, 'LumaUnavailable'],
    ['leads elsewhere', { kind: 'gateway', status: 302, body: 'html' }, 'LumaUnavailable'],
    ['is an outage', { kind: 'server-error' }, 'LumaUnavailable'],
  ])('a feed that %s removes nothing, however often', async (_, fault, outcome) => {
    await desk.beginWithFeed(daily(3));
    await desk.sync();
    const before = await desk.events();
    desk.calendar.setFault(fault);
    for (const time of outcome === 'complete' ? [1, 2, 3] : [1, 2]) {
      const { state, failure, unresolved } = await desk.sync();
      expect([time, failure?.type ?? state]).toEqual([time, outcome]);
      // Silence is no success: what an empty feed leaves open is said.
      if (outcome === 'complete') expect(unresolved).toBe(3);
    }
    expect(await desk.events()).toEqual(before);
    expect(await desk.removed()).toEqual({});

    desk.calendar.clearFaults();
    desk.calendar.cancel('evt-2');
    await desk.sync();
    expect(await desk.ids()).toEqual(['evt-1', 'evt-2', 'evt-3']);
  });

  test('a feed with an event of an unknown id is no word about the others', async () => {
    await desk.beginWithFeed(daily(3));
    await desk.sync();
    desk.calendar.setFault({
      kind: 'override',
      endpoint: 'feed',
      eventId: 'evt-2',
      fields: { UID: 'x@other.example' },
    });
    await desk.sync();
    await desk.sync();
    expect(await desk.ids()).toEqual(['evt-1', 'evt-2', 'evt-3']);
  });

  test('a 429 is a pause, not an empty feed', async () => {
    await desk.beginWithFeed(daily(3));
    desk.calendar.setFault({ kind: 'rate-limit', endpoint: 'feed', times: 1, blockMs: 30_000 });
    const before = desk.clock.nowMs();
    expect((await desk.sync()).state).toBe('complete');
    expect(desk.clock.nowMs() - before).toBeGreaterThan(30_000);
    expect(desk.asked()).toEqual(['feed', 'feed']);
    expect(await desk.ids()).toHaveLength(3);
  });
});

describe('a key for a calendar that had a feed', () => {
  const spec: EventSpec = {
    ...{
      id: 'evt-1',
      name: 'Tea',
      start_at: inDays(1),
      timezone: 'Europe/Vienna',
      description_md: 'Bring cups',
    },
    ...{ geo_address_json: ADDRESS, coordinate: BERLIN, meeting_url: 'https://zoom.us/j/1' },
    ...{
      location_type: 'zoom',
      tags: [{ id: 'tag-1', name: 'Tea' }],
      cover_url: 'https://images.example/1.png',
    },
  };

  test('keeps the documents, fills in what the feed lacks, and says so', async () => {
    await desk.beginWithFeed([spec, ...external(1)]);
    expect(await desk.sync()).toMatchObject({ source: 'ical', sourceBefore: undefined });
    const [, before] = await desk.events();
    expect(before).toMatchObject({
      source: 'ical',
      timezone: 'Europe/Berlin',
      locationKind: 'in-person',
      tags: [],
    });

    await desk.switchTo('api');
    const { syncId, events, source, sourceBefore } = await desk.sync();
    expect({ source, sourceBefore }).toEqual({ source: undefined, sourceBefore: 'ical' });
    expect(events).toMatchObject({ inserted: 0, changed: 2, removed: 0 });
    expect(await desk.run(syncId)).toMatchObject({ sourceBefore: 'ical' });
    const after = await desk.event('evt-1');
    expect(after).toMatchObject({
      ...{ _id: before?._id, createdAt: before?.createdAt, source: 'api', timezone: 'Europe/Vienna' },
      ...{ description: 'Bring cups', coverUrl: 'https://images.example/1.png', tags: ['Tea'] },
      ...{ locationKind: 'hybrid', location: ADDRESS.full_address },
    });
    expect((await desk.sync()).sourceBefore).toBeUndefined();
  });

  test('taken away again leaves what only the API knew, and no sync after that writes an event', async () => {
    await desk.begin([
      spec,
      {
        ...spec,
        id: 'evt-2',
        location_visibility: 'guests-only',
        location_type: 'offline',
        meeting_url: null,
      },
      { ...spec, id: 'evt-3', location_type: 'meet', geo_address_json: null, coordinate: null },
    ]);
    await desk.sync();
    const before = await desk.events();
    expect(before.map(({ location }) => location)).toEqual([
      ADDRESS.full_address,
      'Berlin, Germany',
      'Online',
    ]);

    await desk.switchTo('ical');
    expect(await desk.sync()).toMatchObject({
      source: 'ical',
      sourceBefore: 'api',
      events: { changed: 3, removed: 0 },
    });
    const after = await desk.events();
    const known = ({
      title,
      description,
      coverUrl,
      tags,
      location,
      locationKind,
      timezone,
      isVirtual,
    }: EventDoc) => {
      return { title, description, coverUrl, tags, location, locationKind, timezone, isVirtual };
    };
    expect(after.map(known)).toEqual(before.map(known));
    expect(after.map(({ source }) => source)).toEqual(['ical', 'ical', 'ical']);

    desk.clock.advance(8 * 24 * HOUR_MS);
    expect((await desk.sync()).events).toMatchObject({ changed: 0, unchanged: 3 });
    expect(await desk.events()).toEqual(after);
  });

  test('what the feed says of another place counts, and what was concluded from the old one goes', async () => {
    await desk.begin([spec]);
    await desk.sync();
    await desk.switchTo('ical');
    await desk.sync();
    const full_address = 'Casa do Rio, Rua Nova 5, Lisbon, Portugal';
    desk.calendar.editEvent('evt-1', {
      ...{
        geo_address_json: { address: 'Casa do Rio', full_address },
        coordinate: { latitude: 38.72, longitude: -9.14 },
      },
    });
    await desk.sync();
    const moved = await desk.event('evt-1');
    expect(moved).toMatchObject({
      location: full_address,
      locationKind: 'in-person',
      timezone: 'Europe/Lisbon',
    });
    expect(moved).toMatchObject({ description: 'Bring cups', tags: ['Tea'] });
  });

  test('an address that the feed no longer shows is hidden; the time zone stays', async () => {
    await desk.begin([spec, { ...spec, id: 'evt-2' }]);
    await desk.sync();
    await desk.switchTo('ical');
    await desk.sync();
    desk.calendar.addEvent({ ...spec, id: 'evt-3' });
    await desk.sync();
    for (const id of ['evt-1', 'evt-3']) desk.calendar.editEvent(id, { location_visibility: 'guests-only' });
    await desk.sync();
    const places = async () =>
      (await desk.events()).map(({ location, locationKind, timezone }) => [location, locationKind, timezone]);
    const hidden = [
      [undefined, 'unknown', 'Europe/Vienna'],
      [ADDRESS.full_address, 'hybrid', 'Europe/Vienna'],
      [undefined, 'unknown', 'Europe/Berlin'],
    ];
    expect(await places()).toEqual(hidden);
    expect((await desk.sync()).events).toMatchObject({ changed: 0 });
    expect(await places()).toEqual(hidden);
  });

  test('an event that is gone by then goes on Luma’s own word', async () => {
    await desk.beginWithFeed(daily(5));
    await desk.sync();
    desk.calendar.cancel('evt-2');
    await desk.switchTo('api');
    await desk.sync();
    expect(await desk.removed()).toEqual({ 'evt-2': 'canceled' });
  });

  test('a key that opens another calendar than the feed is of is refused', async () => {
    await desk.beginWithFeed(daily(2), { calendars: [{ events: daily(2) }, { events: daily(2) }] });
    await desk.sync();
    const other = desk.luma.calendars[1]?.id ?? '';
    await desk.rig.store.db
      .collection<{ _id: string }>('organizations')
      .updateOne(
        { _id: desk.orgId },
        { $set: { lumaIcalUrl: `${desk.luma.url}/ics/get?entity=calendar&id=${other}` } },
      );
    const { failure } = await desk.sync();
    expect(failure).toMatchObject({
      type: 'LumaCalendarChanged',
      message: expect.stringMatching(/^the feed is of calendar /) as string,
    });
    expect(await desk.ids()).toHaveLength(2);
  });
});

describe('what else holds for keys', () => {
  test('a dry run shows what would change, and writes nothing', async () => {
    await desk.beginWithFeed(daily(3));
    const { syncId, events } = await desk.sync({ dryRun: true });
    expect(events).toMatchObject({ seen: 3, inserted: 3 });
    expect(await desk.run(syncId)).toMatchObject({
      dryRun: true,
      preview: { inserted: [{ title: 'Event 1' }, {}, {}] },
    });
    expect(await desk.ids()).toEqual([]);
    expect(await desk.organization()).toEqual({});
    expect(desk.asked()).toEqual(['feed']);
  });

  test('a window shows what begins in it, and is no evidence about the rest', async () => {
    await desk.beginWithFeed(daily(6));
    await desk.sync({ window: { after: inDays(2).toISOString(), before: inDays(4).toISOString() } });
    expect(await desk.ids()).toEqual(['evt-2', 'evt-3']);
    await desk.sync();
    expect(await desk.ids()).toHaveLength(6);
  });

  test('what cannot be trusted goes to quarantine, stops nothing else, and leaves it when it is in order', async () => {
    await desk.beginWithFeed(daily(4));
    await desk.sync();
    const spoil = (eventId: string, fields: Record<string, string>) =>
      desk.calendar.setFault({ kind: 'override', endpoint: 'feed', eventId, fields });
    spoil('evt-1', { GEO: '95;13' });
    spoil('evt-2', { DTSTART: '20261399T180000Z' });
    spoil('evt-3', { SUMMARY: 'x'.repeat(10_000) });
    spoil('evt-4', { UID: 'evt-3@events.lu.ma' });
    expect((await desk.sync()).events).toMatchObject({ seen: 4, removed: 0, quarantined: 3 });
    const entries = await desk.rig.store.quarantine.list(desk.orgId);
    const problems = entries.map(({ lumaEventId, problems: [first] }) => [
      lumaEventId,
      first?.path,
      first?.problem,
    ]);
    expect(problems.toSorted()).toEqual([
      ['evt-1', 'GEO', 'not-coordinates'],
      ['evt-2', 'DTSTART', 'not-a-date'],
      ['evt-3', 'UID', 'repeated'],
    ]);
    expect(await desk.ids()).toHaveLength(4);
    desk.calendar.clearFaults();
    await desk.sync();
    expect(await desk.rig.store.quarantine.list(desk.orgId)).toEqual([]);
  });

  test('a property that vanishes is told once, and a switch between feed and key is no drift', async () => {
    await desk.beginWithFeed(daily(3));
    await desk.sync();
    desk.calendar.setFault({ kind: 'missing-field', endpoint: 'feed', field: 'DESCRIPTION' });
    expect((await desk.sync()).drift).toEqual(['DESCRIPTION vanished']);
    expect((await desk.sync()).drift).toEqual([]);
    expect(await desk.organization()).toMatchObject({ drift: ['DESCRIPTION vanished'] });
    desk.calendar.clearFaults();
    await desk.switchTo('api');
    expect((await desk.sync()).drift).toEqual([]);
    expect(await desk.organization()).toEqual({ state: 'ok' });
  });

  test('a large feed is staged page by page, all with one request', async () => {
    const events = Array.from({ length: 1_203 }, (_, index) => ({
      id: `evt-${index}`,
      start_at: inDays(index / 50),
    }));
    await desk.beginWithFeed(events);
    // However few pages with news a slice may have, and however short it is.
    const deps = { slice: { pages: 1, durationMs: 0 } };
    const { syncId, requests } = await desk.sync({ deps });
    expect(requests).toBe(1);
    expect(await desk.run(syncId)).toMatchObject({ pages: 5, events: { seen: 1_203, inserted: 1_203 } });
    desk.asked();
    expect((await desk.sync()).events).toMatchObject({ seen: 1_203, unchanged: 1_203 });
    expect(desk.asked()).toEqual(['feed']);
  });

  test('the calendar’s name is taken from the feed, and its page is named', async () => {
    await desk.beginWithFeed(daily(1), { calendars: [{ name: 'Tea; and, more', events: daily(1) }] });
    await desk.sync();
    expect(await desk.rig.store.organizations.summary(desk.orgId)).toMatchObject({
      ...{ source: 'ical', hasKey: false, calendarName: 'Tea; and, more' },
      calendarUrl: `https://luma.com/calendar/${desk.calendar.id}`,
    });
  });

  test('a time zone of the organization counts where the place tells none', async () => {
    await desk.beginWithFeed([
      { id: 'evt-1', location_type: 'zoom' },
      { id: 'evt-2', coordinate: BERLIN },
    ]);
    const zoneOf = (zone: string) =>
      desk.rig.store.db
        .collection<{ _id: string }>('organizations')
        .updateOne({ _id: desk.orgId }, { $set: { lumaTimezone: zone } });
    const zones = async () => (await desk.events()).map(({ timezone }) => timezone);
    await desk.sync();
    expect(await zones()).toEqual(['UTC', 'Europe/Berlin']);
    await zoneOf('asia/tokyo');
    await desk.sync();
    expect(await zones()).toEqual(['Asia/Tokyo', 'Europe/Berlin']);
    await zoneOf('Mars/Olympus');
    await desk.sync();
    expect(await zones()).toEqual(['UTC', 'Europe/Berlin']);
  });
});

test('an event that only the feed has shown, and that the key does not manage, goes after two listings without it', async () => {
  await desk.beginWithFeed([...daily(5), { id: 'evt-theirs', access: 'view', start_at: inDays(2) }]);
  await desk.sync();
  // Not listed, and asked for alone it is refused, as every event of another calendar is.
  desk.calendar.transfer('evt-theirs');
  await desk.switchTo('api');
  expect((await desk.sync()).events.removed).toBe(0);
  expect(await desk.ids()).toContain('evt-theirs');
  expect((await desk.sync()).events.removed).toBe(1);
  expect(await desk.removed()).toEqual({ 'evt-theirs': 'no-longer-listed' });
});
