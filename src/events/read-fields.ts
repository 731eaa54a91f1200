import type { Coordinates, EventFields, EventSource, LocationKind } from './event.js';

const KINDS: readonly LocationKind[] = ['in-person', 'online', 'hybrid', 'unknown'];
const SOURCES: readonly EventSource[] = ['api', 'ical'];

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isInstant = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());
const isAbsentOr = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);

/** Of each field, whether a stored value is of the type that it must have. */
const WELL_FORMED: Record<keyof EventFields, (value: unknown) => boolean> = {
  title: isText,
  description: isAbsentOr(isText),
  startAt: isInstant,
  endAt: isAbsentOr(isInstant),
  timezone: isText,
  coverUrl: isAbsentOr(isText),
  url: isText,
  location: isAbsentOr(isText),
  city: isAbsentOr(isText),
  country: isAbsentOr(isText),
  coordinates: isAbsentOr(isCoordinates),
  isVirtual: (value) => typeof value === 'boolean',
  locationKind: (value) => KINDS.some((kind) => kind === value),
  visibility: isText,
  platform: isText,
  hostName: isAbsentOr(isText),
  tags: isTexts,
  source: isAbsentOr((value) => SOURCES.some((source) => source === value)),
  fromApi: isAbsentOr(isTexts),
};

const NAMES = Object.keys(WELL_FORMED) as (keyof EventFields)[];

/** Whether each field of a stored event is there and of its type. */
export function hasEventFields(stored: Readonly<Record<string, unknown>>): boolean {
  return NAMES.every((name) => WELL_FORMED[name](stored[name]));
}

/** The fields that are of their type; times in other notations are read. */
export function usableFields(stored: Readonly<Record<string, unknown>>): Partial<EventFields> {
  const values = { ...stored, startAt: readInstant(stored.startAt), endAt: readInstant(stored.endAt) };
  return Object.fromEntries(
    NAMES.map((name) => [name, (values as Record<string, unknown>)[name]] as const).filter(
      ([name, value]) => value !== undefined && WELL_FORMED[name](value),
    ),
  );
}

/** A point that is on the earth. */
export function isCoordinates(value: unknown): value is Coordinates {
  if (typeof value !== 'object' || value === null) return false;
  const { longitude, latitude } = value as Partial<Record<keyof Coordinates, unknown>>;
  return isWithin(longitude, 180) && isWithin(latitude, 90);
}

function isWithin(degrees: unknown, limit: number): degrees is number {
  return typeof degrees === 'number' && Math.abs(degrees) <= limit;
}

/** 5138-11-16 as seconds, 1973-03-03 as milliseconds: no event's start is beyond the one or before the other. */
const SECONDS_UNTIL = 1e11;
const LAST_MS = Date.UTC(2201, 0, 1);
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A `Date`, a number (milliseconds or seconds since 1970) or ISO 8601 with an offset. Nothing else is guessed at. */
export function readInstant(value: unknown): Date | undefined {
  if (isInstant(value)) return value;
  if (typeof value === 'number') return believable(value < SECONDS_UNTIL ? value * 1000 : value);
  if (!isText(value) || value.length > 40 || !ISO.test(value)) return undefined;
  // `Date.parse` turns 30 February into 2 March.
  const day = new Date(`${value.slice(0, 10)}T00:00Z`);
  const isDay = isInstant(day) && day.toISOString().startsWith(value.slice(0, 10));
  return isDay ? believable(Date.parse(value)) : undefined;
}

function believable(ms: number): Date | undefined {
  return ms > 0 && ms < LAST_MS ? new Date(ms) : undefined;
}
