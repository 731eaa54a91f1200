/**
 * What an event is, here: the words the rest of the code shares. Pure, imports nothing.
 */

export type LocationKind = 'in-person' | 'online' | 'hybrid' | 'unknown';

/** Where an event is read: Luma's API, with the calendar's key, or the calendar's public iCal feed. */
export type EventSource = 'api' | 'ical';

/** Fields about an event's place. A feed names an address and a point at most: the others are concluded from them. */
export type PlaceField =
  'location' | 'city' | 'country' | 'coordinates' | 'locationKind' | 'isVirtual' | 'timezone';
/** A point on the earth, in degrees (WGS 84). */
export interface Coordinates {
  longitude: number;
  latitude: number;
}

/**
 * The fields of an event that come from Luma, by the names they have in the `events` collection.
 * `Date`s are instants (UTC).
 */
export interface EventFields {
  title: string;
  /** Markdown where Luma has it. */
  description?: string;
  startAt: Date;
  endAt?: Date;
  /** IANA time zone name. */
  timezone: string;
  coverUrl?: string;
  /** Absolute; Luma's own hosts are normalised to luma.com. */
  url: string;
  /** An address, a city where the address is for guests only, or "Online". */
  location?: string;
  /** Of the place, also where its address is for guests only. */
  city?: string;
  country?: string;
  /** Only where the full address is public. */
  coordinates?: Coordinates;
  isVirtual: boolean;
  locationKind: LocationKind;
  /** Luma's word: public, members-only, private, or one it will invent later. External events are public. */
  visibility: string;
  /** Luma's word: luma, external, or one it will invent later. */
  platform: string;
  /** The organizer an external event names. Never a person's data of a Luma event. */
  hostName?: string;
  /** Names of the calendar's tags. */
  tags: string[];
  /** Where it was read last. */
  source: EventSource;
  /** Of an event from a feed: fields that stand as the API once said them, see suggestions.ts. Absent: none. */
  fromApi?: PlaceField[];
}

/**
 * What one answer of Luma says about an event's fields. A value: it is so. `null`: Luma says there is none.
 * Absent (`undefined`): Luma says nothing, and what is stored stays.
 */
export type ObservedFields = { [K in keyof EventFields]?: EventFields[K] | null };

/** One event as one answer of Luma described it. */
export interface ObservedEvent {
  lumaEventId: string;
  /** Whether the key manages it, so that `events/get` can be asked for it alone. Absent: Luma does not say. */
  managed?: boolean;
  /** Absent: the API. */
  source?: 'ical';
  fields: ObservedFields;
  /** What is concluded and not said: it gives way to what the API once said. */
  suggested?: Pick<ObservedFields, PlaceField>;
  /** Digest of the entry that said it, where a listing did: see fingerprint.ts. */
  entry?: string;
}

/** One reason why an entry cannot be trusted. */
export interface EntryProblem {
  /** Path in Luma's entry, e.g. `start_at`, `tags.3.name`. */
  path: string;
  /** A short word: `missing`, `not-a-date`, `too-long`, `ends-before-start`, … Never a value. */
  problem: string;
}

/** An entry that cannot be trusted, reduced to what is safe to keep. */
export interface QuarantinedEntry {
  /** The event's id, where the entry has a usable one: it then counts as seen. */
  lumaEventId: string | null;
  problems: EntryProblem[];
  /** Allow-listed values only (id, times, time zone, visibility, platform), each cut to 200 characters. */
  values: Record<string, string | number | boolean | null>;
}
