import { expect, it, onTestFinished } from 'vitest';
import type { ObservedEvent, QuarantinedEntry } from '../../src/events/event.js';
import {
  type FakeCalendar,
  type FakeLuma,
  type FaultSpec,
  startFakeLuma,
} from '../../packages/fake-luma/src/index.js';
import { createLumaClient } from '../../src/luma/client.js';
import { compareShape, observeShape } from '../../src/luma/drift.js';
import { fetchLumaEvents } from '../../src/luma/fetch-luma-events.js';
import { mapEntry } from '../../src/luma/mapping.js';
import { mapped } from './support/entries.js';
import { rejection } from './support/server.js';

async function fakeLuma(events: number): Promise<{ fake: FakeLuma; calendar: FakeCalendar }> {
  const fake = await startFakeLuma({ seed: 11, maxPageSize: 20, calendars: [{ id: 'cal-One', events }] });
  onTestFinished(() => fake.close());
  return { fake, calendar: fake.calendar('cal-One') };
}

/** Walks the whole listing; the fake's clock does the waiting. */
async function listing(fake: FakeLuma, calendar: FakeCalendar) {
  const pages = fetchLumaEvents(calendar.key, {
    baseUrl: fake.url,
    sleep: (ms) => {
      fake.advanceTime(ms);
      return Promise.resolve();
    },
  });
  const events: ObservedEvent[] = [];
  const quarantined: QuarantinedEntry[] = [];
  for await (const page of pages) {
    events.push(...page.events);
    quarantined.push(...page.quarantined);
  }
  return { events, quarantined };
}

it('a whole calendar arrives, each event once, in order and as it is there', async () => {
  const { fake, calendar } = await fakeLuma(130);
  calendar.setFault({ kind: 'rate-limit', onRequest: 1, times: 1 });
  calendar.setFault({ kind: 'server-error', onRequest: 4, times: 2 });
  const { events, quarantined } = await listing(fake, calendar);

  const listed = calendar.events().filter(({ status }) => status === 'approved');
  expect(quarantined).toEqual([]);
  expect(events.map(({ lumaEventId }) => lumaEventId)).toEqual(listed.map(({ id }) => id));
  for (const [index, event] of listed.entries()) {
    const { managed, fields } = events[index] ?? expect.unreachable();
    expect(managed).toBe(event.platform === 'luma' && event.access === 'manage');
    expect(fields).toMatchObject({
      title: event.name,
      startAt: event.start_at,
      endAt: event.end_at,
      timezone: event.timezone,
      visibility: event.platform === 'external' ? 'public' : event.visibility,
      tags: event.tags.map(({ name }) => name),
    });
    expect(fields).not.toHaveProperty('description');
    expect(fields.location).not.toBeUndefined();
    if (event.platform === 'luma') expect(fields.url).toMatch(/^https:\/\/luma\.com\/./);
    if (event.location_visibility === 'guests-only' && event.geo_address_json !== null) {
      expect(fields.location).not.toContain(event.geo_address_json.address);
    }
  }
  expect(fake.stats()).toMatchObject({ requestsDuringBlock: 0 });
});

it('an event asked for alone brings its description; once cancelled, Luma’s word', async () => {
  const { fake, calendar } = await fakeLuma(0);
  const { id } = calendar.addEvent({ name: 'Kite day', description_md: 'Bring **string**' });
  const client = createLumaClient({ baseUrl: fake.url });

  const { value } = await client.getEvent(calendar.key, id);
  expect(mapEntry(value)).toHaveProperty('event.fields.description', 'Bring **string**');
  calendar.cancel(id);
  expect(await rejection(client.getEvent(calendar.key, id))).toMatchObject({
    name: 'LumaNotFound',
    canceled: true,
  });
  expect(await rejection(client.getEvent(calendar.key, 'evt-Never'))).toMatchObject({
    name: 'LumaNotFound',
    canceled: false,
  });
});

it('the calendar of a key is told, and no other key opens it', async () => {
  const { fake, calendar } = await fakeLuma(0);
  const client = createLumaClient({ baseUrl: fake.url });
  const { value } = await client.getCalendar(calendar.key);
  expect(value).toMatchObject({
    id: 'cal-One',
    name: calendar.name,
    url: expect.stringMatching(/^https:\/\/luma\.com\/./) as string,
  });
  expect(await rejection(client.getCalendar('secret-other'))).toMatchObject({ name: 'LumaKeyRejected' });
});

it.each<[FaultSpec, string]>([
  [{ kind: 'html' }, 'LumaContractBroken'],
  [{ kind: 'malformed-json' }, 'LumaContractBroken'],
  [{ kind: 'repeated-cursor' }, 'LumaPaginationBroken'],
  [{ kind: 'missing-cursor' }, 'LumaPaginationBroken'],
  [{ kind: 'cut-body' }, 'LumaUnavailable'],
  [{ kind: 'reset' }, 'LumaUnavailable'],
  [{ kind: 'server-error' }, 'LumaUnavailable'],
  [{ kind: 'rejected-key' }, 'LumaKeyRejected'],
  [{ kind: 'forbidden' }, 'LumaForbidden'],
])('the fault %j ends a listing with %s', async (fault, name) => {
  const { fake, calendar } = await fakeLuma(50);
  calendar.setFault(fault);
  expect(await rejection(listing(fake, calendar))).toMatchObject({ name });
});

it('a vanished field and a word of the future are drift, an impossible entry is quarantined, and the rest arrives', async () => {
  const { fake, calendar } = await fakeLuma(15);
  const client = createLumaClient({ baseUrl: fake.url });
  const before = await client.listEvents(calendar.key);
  calendar.setFault({ kind: 'missing-field', field: 'tags' });
  calendar.setFault({ kind: 'override', fields: { start_at: 'soon' }, nth: 3 });
  const after = await client.listEvents(calendar.key);

  expect(compareShape(observeShape(before.value.entries), observeShape(after.value.entries))).toEqual([
    { field: 'tags', kind: 'vanished' },
  ]);
  const { events, quarantined } = await listing(fake, calendar);
  expect(quarantined).toMatchObject([{ problems: [{ path: 'start_at', problem: 'not-a-date' }] }]);
  expect(events).toHaveLength(calendar.listedEvents - 1);
});

it('both older shapes mean the same events', async () => {
  const { fake, calendar } = await fakeLuma(30);
  const { value } = await createLumaClient({ baseUrl: fake.url }).listEvents(calendar.key);
  for (const entry of value.entries as Record<string, unknown>[]) {
    const { id, tags, ...event } = entry;
    expect(mapped({ api_id: id, tags, event: { api_id: id, ...event } })).toEqual(mapped(entry));
  }
});
