import type { EventFields, ObservedFields } from './event.js';
import { isCoordinates } from './read-fields.js';

/** The fields an event may be without: Luma's `null` clears them. */
const OPTIONAL = [
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
/** The fields every stored event has: Luma's `null` says nothing about them. */
const REQUIRED = [
  'title',
  'startAt',
  'timezone',
  'url',
  'isVirtual',
  'locationKind',
  'visibility',
  'platform',
  'tags',
  'source',
] as const;

export const EVENT_FIELDS: readonly (keyof EventFields)[] = [...REQUIRED, ...OPTIONAL];

/** What has to be written so that the stored fields say what Luma says. */
export interface EventChange {
  set: Partial<EventFields>;
  unset: (typeof OPTIONAL)[number][];
}

/**
 * Compares stored fields with an observation. A value replaces, `null` clears an optional field, absent keeps.
 * Returns `null` where nothing has to be written, so that a sync that changes nothing writes nothing.
 */
export function diffEvent(stored: EventFields, observed: ObservedFields): EventChange | null {
  const set: Partial<EventFields> = {};
  const unset: EventChange['unset'] = [];
  for (const field of EVENT_FIELDS) {
    const value = observed[field];
    if (value === undefined) continue;
    if (value === null) {
      if (isOptional(field) && stored[field] !== undefined) unset.push(field);
    } else if (!sameValue(stored[field], value)) {
      Object.assign(set, { [field]: value });
    }
  }
  return unset.length === 0 && Object.keys(set).length === 0 ? null : { set, unset };
}

/** Two observations of one event, the later one on top: what it does not speak of stays as the earlier said. */
export function mergeObserved(earlier: ObservedFields, later: ObservedFields): ObservedFields {
  const spoken = EVENT_FIELDS.filter((field) => {
    const value = later[field];
    return value !== undefined && (value !== null || isOptional(field));
  });
  return { ...earlier, ...Object.fromEntries(spoken.map((field) => [field, later[field]])) };
}

function isOptional(field: keyof EventFields): field is (typeof OPTIONAL)[number] {
  return (OPTIONAL as readonly string[]).includes(field);
}

function sameValue(stored: unknown, value: unknown): boolean {
  if (stored instanceof Date && value instanceof Date) return stored.getTime() === value.getTime();
  if (Array.isArray(stored) && Array.isArray(value)) {
    return stored.length === value.length && stored.every((item, i) => item === value[i]);
  }
  if (isCoordinates(stored) && isCoordinates(value)) {
    return stored.longitude === value.longitude && stored.latitude === value.latitude;
  }
  return stored === value;
}
