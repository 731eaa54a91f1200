import { beforeAll, describe, expect, test } from 'vitest';
import { type FakeEvent, type FakeLuma, startFakeLuma } from '../src/index.js';
import { NOW } from './support/ask.js';

async function made(
  options: Parameters<typeof startFakeLuma>[0],
): Promise<{ summary: FakeLuma['calendars']; events: FakeEvent[][] }> {
  const fake = await startFakeLuma({ now: NOW, ...options });
  const summary = fake.calendars;
  const events = summary.map(({ id }) => fake.calendar(id).events());
  await fake.close();
  return { summary, events };
}

describe('the seed', () => {
  test('decides everything: ids, keys and events', async () => {
    const options = { seed: 7, calendars: 2, eventsPerCalendar: 30 };
    expect(await made(options)).toEqual(await made(options));
    const other = await made({ ...options, seed: 8 });
    expect(other.summary[0]?.id).not.toBe((await made(options)).summary[0]?.id);
  });

  test('decides the same on every machine, today and tomorrow', async () => {
    // Another version of faker may change these: then the release's notes say so, because callers' tests may name them.
    const { summary, events } = await made({ seed: 7, eventsPerCalendar: 2 });
    expect(summary).toEqual([
      {
        id: 'cal-73tKAcjW970iORBD',
        name: 'Reilly - Kuvalis',
        key: 'secret-yYEdmrODDU94xEVzsseFuNma',
        events: 2,
      },
    ]);
    expect(events[0]?.map(({ id, name, start_at }) => [id, name, start_at.toISOString()])).toEqual([
      ['evt-qC1vwBO6ZoYQgbi8', 'Open House: How to extend viral markets', '2026-04-24T05:00:00.000Z'],
      ['evt-IgQmgjiv0UfLS4p3', 'Tristram Shandy', '2026-10-31T01:00:00.000Z'],
    ]);
  });

  test('gives a calendar the same events, however many others there are', async () => {
    const few = await made({ calendars: 1, eventsPerCalendar: 10 });
    const many = await made({ calendars: 12, eventsPerCalendar: 10 });
    expect(many.events[0]).toEqual(few.events[0]);
    expect(new Set(many.summary.map(({ key }) => key)).size).toBe(12);
    expect(new Set(many.summary.map(({ name }) => name)).size).toBe(12);
    expect(new Set(many.events.flat().map(({ id }) => id)).size).toBe(120);
  });
});

describe('forty generated events', () => {
  let events: FakeEvent[];
  const some = (holds: (event: FakeEvent) => boolean): boolean => events.some(holds);

  beforeAll(async () => {
    events = (await made({ eventsPerCalendar: 40 })).events.flat();
  });

  test('lie between a year ago and half a year ahead, most of them ahead', () => {
    const days = events.map((event) => (event.start_at.getTime() - NOW.getTime()) / 86_400_000);
    expect(Math.min(...days)).toBeGreaterThan(-367);
    expect(Math.min(...days)).toBeLessThan(-30);
    expect(Math.max(...days)).toBeLessThan(182);
    expect(days.filter((day) => day > 0).length).toBeGreaterThan(20);
    for (const event of events) expect(event.end_at > event.start_at && event.created_at < NOW).toBe(true);
  });

  test('begin at an hour when people meet, by the clock of their place', () => {
    for (const { start_at, timezone } of events) {
      const hour = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit' }).format(start_at);
      expect(Number(hour)).toBeGreaterThanOrEqual(7);
      expect(Number(hour)).toBeLessThanOrEqual(21);
    }
    expect(new Set(events.map(({ timezone }) => timezone)).size).toBeGreaterThan(5);
  });

  test('are of every kind', () => {
    expect(some((event) => event.location_type === 'offline' && event.meeting_url === null)).toBe(true);
    expect(some((event) => event.location_type === 'zoom' && event.geo_address_json === null)).toBe(true);
    expect(some((event) => event.location_type === 'unknown' && event.meeting_url !== null)).toBe(true);
    expect(some((event) => event.geo_address_json !== null && event.meeting_url !== null)).toBe(true);
    expect(some((event) => event.location_type === 'missing')).toBe(true);
    expect(some((event) => event.location_visibility === 'guests-only')).toBe(true);
    expect(some((event) => event.visibility === 'private')).toBe(true);
    expect(some((event) => event.visibility === 'members-only')).toBe(true);
    expect(some((event) => event.platform === 'external' && event.id.startsWith('calev-'))).toBe(true);
    expect(some((event) => event.access === 'view')).toBe(true);
    expect(some((event) => event.url.startsWith('https://luma.com/'))).toBe(true);
    expect(some((event) => event.url.startsWith('https://lu.ma/'))).toBe(true);
    expect(some((event) => event.tags.length > 0)).toBe(true);
    expect(some((event) => event.registration_questions.length > 0)).toBe(true);
    expect(some((event) => event.submitted_by !== null)).toBe(true);
  });

  test('have titles of several scripts, and descriptions from none to very long', () => {
    expect(some((event) => /[\u0590-\u06ff]/.test(event.name))).toBe(true);
    expect(some((event) => /\p{Extended_Pictographic}/u.test(event.name))).toBe(true);
    expect(some((event) => event.description_md === '')).toBe(true);
    expect(some((event) => event.description_md.length > 3000)).toBe(true);
  });
});
