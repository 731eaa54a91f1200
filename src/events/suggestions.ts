import type { EventFields, ObservedEvent, ObservedFields, PlaceField } from './event.js';

const PLACE: readonly PlaceField[] = [
  ...(['location', 'city', 'country', 'coordinates', 'locationKind', 'isVirtual', 'timezone'] as const),
];

/**
 * What an observation says of an event, together with what may be concluded from it. The API's word about a place stands
 * as long as the feed does not contradict it: by naming another address, or by no longer naming the one that it named.
 * Then the place is another one, and what is concluded counts.
 *
 * @param stored what is known of the event; of one that is gone, its last state
 */
export function withSuggestions(
  { source, fields, suggested = {} }: ObservedEvent,
  stored: Partial<EventFields> = {},
): ObservedFields {
  if (source === undefined) return { ...fields, source: 'api', fromApi: null };
  const standing = new Set(standingFields(fields, stored));
  const concluded = Object.entries(suggested).filter(([name]) => !standing.has(name as PlaceField));
  const fromApi = standing.size === 0 ? null : PLACE.filter((name) => standing.has(name));
  return { ...Object.fromEntries(concluded), ...fields, source, fromApi };
}

/** Fields of the place that only the API knew. */
function standingFields({ location }: ObservedFields, stored: Partial<EventFields>): readonly PlaceField[] {
  const before =
    stored.source === 'ical' ? (stored.fromApi ?? []) : PLACE.filter((name) => stored[name] !== undefined);
  if (typeof location === 'string') {
    return location === stored.location ? before.filter((name) => name !== 'location') : [];
  }
  return stored.location === undefined || before.includes('location') ? before : [];
}
