import type { EventFields, ObservedEvent, ObservedFields, PlaceField } from './event.js';

const PLACE: readonly PlaceField[] = [
  ...(['location', 'city', 'country', 'coordinates', 'locationKind', 'isVirtual', 'timezone'] as const),
];

/** What is known of an event before: of one that is gone, its last state. */
export interface KnownPlace {
  fields: Partial<EventFields>;
  /** Fields of its place that stood, where a feed has shown it. */
  standing?: readonly PlaceField[] | undefined;
}

/**
 * What an observation says of an event, together with what may be concluded from it. The API's word about a place stands
 * as long as the feed does not contradict it: by naming another address, or by no longer naming the one that it named.
 * Then the place is another one, and what is concluded counts. Of a place that is no longer named the time zone stands:
 * nothing tells another one.
 *
 * @returns the fields, and which of the place stand as they were
 */
export function withSuggestions(
  { source, fields, suggested = {} }: ObservedEvent,
  known: KnownPlace,
): { fields: ObservedFields; standing: readonly PlaceField[] } {
  if (source === undefined) return { fields: { ...fields, source: 'api' }, standing: [] };
  const standing = standingFields(fields, known);
  const concluded = Object.entries(suggested).filter(([name]) => !standing.includes(name as PlaceField));
  return { fields: { ...Object.fromEntries(concluded), ...fields, source }, standing };
}

function standingFields(
  { location }: ObservedFields,
  { fields: stored, standing = [] }: KnownPlace,
): readonly PlaceField[] {
  const before = stored.source === 'ical' ? standing : PLACE.filter((name) => stored[name] !== undefined);
  if (typeof location === 'string') {
    return location === stored.location ? before.filter((name) => name !== 'location') : [];
  }
  // A point was told with an address that everybody may know: a feed that names none says that it is hidden now.
  const wasPublic = stored.coordinates !== undefined;
  const isAsBefore = stored.location === undefined || before.includes('location');
  return isAsBefore && !wasPublic ? before : ['timezone'];
}
