import type { EventFields, ObservedEvent, ObservedFields, PlaceField } from './event.js';

const PLACE: readonly PlaceField[] = [
  ...(['location', 'city', 'country', 'coordinates', 'locationKind', 'isVirtual', 'timezone'] as const),
];

/** What is known of an event before: of one that is gone, its last state. */
export interface KnownPlace {
  fields: Partial<EventFields>;
  /** Fields of the place that only the API knew, where a feed has shown the event since. */
  fromApi?: readonly PlaceField[] | undefined;
}

/**
 * What an observation says of an event, together with what may be concluded from it. The API's word about a place stands
 * as long as the feed does not contradict it: by naming another address, or by no longer naming the one that it named.
 * Then the place is another one, and what is concluded counts.
 *
 * @returns the fields, and which of the place stand as the API said them
 */
export function withSuggestions(
  { source, fields, suggested = {} }: ObservedEvent,
  known: KnownPlace,
): { fields: ObservedFields; fromApi: readonly PlaceField[] } {
  if (source === undefined) return { fields: { ...fields, source: 'api' }, fromApi: [] };
  const fromApi = standingFields(fields, known);
  const concluded = Object.entries(suggested).filter(([name]) => !fromApi.includes(name as PlaceField));
  return { fields: { ...Object.fromEntries(concluded), ...fields, source }, fromApi };
}

function standingFields(
  { location }: ObservedFields,
  { fields: stored, fromApi = [] }: KnownPlace,
): readonly PlaceField[] {
  const before = stored.source === 'ical' ? fromApi : PLACE.filter((name) => stored[name] !== undefined);
  if (typeof location === 'string') {
    return location === stored.location ? before.filter((name) => name !== 'location') : [];
  }
  return stored.location === undefined || before.includes('location') ? before : [];
}
