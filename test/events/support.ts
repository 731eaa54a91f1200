import fc from 'fast-check';
import type { EventFields, ObservedFields } from '../../src/events/event.js';

const instant = fc.date({
  min: new Date('2026-01-01T00:00:00Z'),
  max: new Date('2027-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const word = fc.constantFrom('a', 'b', 'ünïcode 🎉', 'שלום');

type Answered = Exclude<keyof EventFields, 'source' | 'fromApi'>;

const VALUES: { [K in Answered]-?: fc.Arbitrary<NonNullable<EventFields[K]>> } = {
  title: word,
  description: word,
  startAt: instant,
  endAt: instant,
  timezone: fc.constantFrom('UTC', 'Asia/Tokyo'),
  coverUrl: fc.webUrl(),
  url: fc.constantFrom('https://luma.com/a', 'https://luma.com/b'),
  location: word,
  city: word,
  country: word,
  coordinates: fc.record({
    longitude: fc.integer({ min: -180, max: 180 }),
    latitude: fc.integer({ min: -90, max: 90 }),
  }),
  isVirtual: fc.boolean(),
  locationKind: fc.constantFrom('in-person', 'online', 'hybrid', 'unknown'),
  visibility: fc.constant('public'),
  platform: fc.constantFrom('luma', 'external'),
  hostName: word,
  tags: fc.array(word, { maxLength: 3 }),
};

export const OPTIONAL_FIELDS = [
  'description',
  'endAt',
  'coverUrl',
  'location',
  'city',
  'country',
  'coordinates',
  'hostName',
  'fromApi',
] as const;
export const NEEDED_FIELDS = ['title', 'startAt', 'url', 'visibility'] as const;

/** The fields of a stored event: every required one, any of the optional ones. */
export const storedFields: fc.Arbitrary<EventFields> = fc
  .record(VALUES, {
    requiredKeys: Object.keys(VALUES).filter(
      (key) => !(OPTIONAL_FIELDS as readonly string[]).includes(key),
    ) as Answered[],
  })
  .map((fields) => ({ ...fields, source: 'api' as const }));

/** What an answer may say: of each field a value, `null`, or nothing. */
export const observedFields: fc.Arbitrary<ObservedFields> = fc.record(
  Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [name, fc.option(value as fc.Arbitrary<unknown>)]),
  ),
  { requiredKeys: [] },
);

/** What an answer about a well-formed event says: all that a stored event needs, and the rest as it may be. */
export const usableFields: fc.Arbitrary<ObservedFields> = fc
  .tuple(observedFields, storedFields)
  .map(([observed, { title, startAt, url, visibility }]) => ({
    ...observed,
    ...{ title, startAt, url, visibility },
  }));

export const EVENT: EventFields = {
  title: 'Lantern walk',
  startAt: new Date('2026-11-03T18:00:00Z'),
  timezone: 'Europe/Brussels',
  url: 'https://luma.com/lantern',
  isVirtual: false,
  locationKind: 'in-person',
  visibility: 'public',
  platform: 'luma',
  tags: ['outdoors', 'free'],
  source: 'api',
};
