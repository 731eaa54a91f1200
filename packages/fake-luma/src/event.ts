import { z } from 'zod';

/**
 * An event as the fake holds it, in Luma's own field names, so that tests, the control endpoint and answers speak of
 * the same thing. What differs from the wire: instants are `Date`s, and every event holds every field; `wire.ts`
 * leaves out what Luma leaves out.
 */
export interface FakeEvent {
  platform: 'luma' | 'external';
  /** `view`: listed on this calendar, managed by another. */
  access: 'manage' | 'view';
  /** Whether the calendar's admins accepted it. Not on the wire. */
  status: 'approved' | 'pending';
  /** `evt-…`, external events `calev-…`. */
  id: string;
  calendar_id: string;
  user_id: string;
  start_at: Date;
  end_at: Date;
  created_at: Date;
  /** IANA name. */
  timezone: string;
  name: string;
  /** Plain text. */
  description: string;
  description_md: string;
  geo_address_json: GeoAddress | null;
  coordinate: Coordinate | null;
  /** Sensitive: how to join. */
  meeting_url: string | null;
  location_type: string;
  location_visibility: string;
  cover_url: string;
  url: string;
  visibility: string;
  waitlist_status: string;
  feedback_email: { enabled: boolean; delay?: string };
  registration_questions: RegistrationQuestion[];
  /** Personal data; `events/get` only. */
  hosts: EventHost[];
  /** Who organizes an external event. */
  host: string | null;
  tags: { id: string; name: string }[];
  registration_open: boolean;
  require_approval: boolean;
  max_capacity: number | null;
  spots_remaining: number | null;
  display_price: string | null;
  /** Personal data: who handed the event in. Left out of answers when null. */
  submitted_by: { id: string; name: string; email: string } | null;
}

export type GeoAddress = z.output<typeof geoAddressSchema>;
export type Coordinate = z.output<typeof coordinateSchema>;
export type RegistrationQuestion = z.output<typeof questionSchema>;
export type EventHost = z.output<typeof hostSchema>;

/** What a caller says about an event; everything else is filled in believably. Instants: `Date` or ISO 8601. */
export type EventSpec = z.input<typeof eventSpecSchema>;
/** The same once read: instants are `Date`s, addresses are complete. */
export type EventChanges = z.output<typeof eventSpecSchema>;

/** ISO 8601 with a zone (`Z` or an offset), as Luma takes it. */
export const isoInstantSchema = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const instantSchema = z.union([z.date(), isoInstantSchema]);

const textOrNull = z.string().nullable().default(null);
const geoAddressSchema = z.strictObject({
  address: z.string(),
  city: textOrNull,
  region: textOrNull,
  country: textOrNull,
  city_state: textOrNull,
  full_address: textOrNull,
  google_maps_place_id: textOrNull,
  apple_maps_place_id: textOrNull,
  description: textOrNull,
});
const coordinateSchema = z.strictObject({ longitude: z.number(), latitude: z.number() });
const questionSchema = z.looseObject({
  id: z.string(),
  label: z.string(),
  required: z.boolean(),
  question_type: z.string(),
});
const hostSchema = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  avatar_url: z.string(),
});

/**
 * Words of Luma's that grow over time (visibility, location type, …) are plain strings here: a test may say one
 * that does not exist yet. Values of a wrong type are what faults are for.
 */
export const eventSpecSchema = z
  .strictObject({
    platform: z.enum(['luma', 'external']),
    access: z.enum(['manage', 'view']),
    status: z.enum(['approved', 'pending']),
    id: z.string().min(1),
    calendar_id: z.string(),
    user_id: z.string(),
    start_at: instantSchema,
    end_at: instantSchema,
    created_at: instantSchema,
    timezone: z.string(),
    name: z.string(),
    description: z.string(),
    description_md: z.string(),
    geo_address_json: geoAddressSchema.nullable(),
    coordinate: coordinateSchema.nullable(),
    meeting_url: z.string().nullable(),
    location_type: z.string(),
    location_visibility: z.string(),
    cover_url: z.string(),
    url: z.string(),
    visibility: z.string(),
    waitlist_status: z.string(),
    feedback_email: z.strictObject({ enabled: z.boolean(), delay: z.string().optional() }),
    registration_questions: z.array(questionSchema),
    hosts: z.array(hostSchema),
    host: z.string().nullable(),
    tags: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    registration_open: z.boolean(),
    require_approval: z.boolean(),
    max_capacity: z.number().int().nullable(),
    spots_remaining: z.number().int().nullable(),
    display_price: z.string().nullable(),
    submitted_by: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  })
  .partial();
