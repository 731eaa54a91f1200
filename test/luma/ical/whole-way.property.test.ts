import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventSpec, type FakeEvent, startFakeLuma } from '../../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../../src/luma/api.js';
import { mapFeedEntry } from '../../../src/luma/ical/map-event.js';
import { timezoneAt } from '../../../src/luma/ical/zone.js';

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }),
    fc.string({
      unit: fc.constantFrom('a', ' ', ',', ';', '\\', '\\n', '&', '&amp;', '<', '"', "'", '東', '👩‍💻', 'é'),
    }),
  )
  // A feed has no line breaks and no control characters in titles.
  .map((value) => `t${value.replace(/[\p{Cc}\u2028\u2029]/gu, '')}t`);

const spec: fc.Arbitrary<EventSpec> = fc
  .record({
    id: fc.constantFrom('evt-', 'calev-').chain((prefix) => fc.uuid().map((id) => prefix + id)),
    name: text,
    start_at: fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map(toSecond),
    url: fc.uuid().map((slug) => `https://luma.com/${slug}`),
    street: fc.option(text),
    coordinate: fc.record({
      latitude: fc.double({ min: -80, max: 80, noNaN: true }).map(round),
      longitude: fc.double({ min: -179, max: 179, noNaN: true }).map(round),
    }),
  })
  .map(({ street, coordinate, ...event }) => ({
    ...event,
    platform: event.id.startsWith('calev-') ? ('external' as const) : ('luma' as const),
    ...(street === null
      ? { geo_address_json: null, location_type: 'offline' }
      : { geo_address_json: { address: street, full_address: street }, coordinate }),
  }));

test('whatever event a feed shows is read as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(spec, { selector: ({ id }) => id, maxLength: 30 }), async (events) => {
      const fake = await startFakeLuma({ calendars: [{ events }] });
      try {
        const calendar = fake.calendar(fake.calendars[0]?.id ?? '');
        const luma = createLumaApi({ baseUrl: fake.url });
        const address = luma.feedAddress(`${fake.url}/ics/get?entity=calendar&id=${calendar.id}`);
        if (address === undefined) throw new Error('no address');
        const { entries } = (await luma.getFeed(address)).value;
        const read = new Map(
          entries.map((entry) => {
            const mapped = mapFeedEntry(entry, { timezone: 'UTC' });
            if ('quarantined' in mapped) throw new Error(JSON.stringify(mapped.quarantined));
            return [mapped.event.lumaEventId, mapped.event];
          }),
        );
        expect(read.size).toBe(events.length);
        for (const event of calendar.events()) {
          expect(read.get(event.id)).toMatchObject({
            fields: saidOf(event),
            suggested: concludedFrom(event),
          });
        }
      } finally {
        await fake.close();
      }
    }),
    { numRuns: 25 },
  );
});

function saidOf({ name, start_at, end_at, url, platform }: FakeEvent) {
  return { title: name.trim(), startAt: start_at, endAt: end_at, url, platform, visibility: 'public' };
}

function concludedFrom({ coordinate }: FakeEvent) {
  return { timezone: (coordinate && timezoneAt(coordinate)) ?? 'UTC', isVirtual: false };
}

function toSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function round(degrees: number): number {
  return Math.round(degrees * 1e4) / 1e4;
}
