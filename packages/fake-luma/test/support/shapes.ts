import { z } from 'zod';

/** What an answer must hold, written from what is known of the API. Unknown fields are fine; missing ones are not. */
const textOrNull = z.string().nullable();
const instant = z.iso.datetime();
const coordinate = z.object({ longitude: z.number(), latitude: z.number() }).nullable();

const anyEvent = {
  calendar_id: z.string().startsWith('cal-'),
  start_at: instant,
  end_at: instant,
  created_at: instant,
  duration_interval: z.string().regex(/^P0Y0M\d+DT\d+H\d+M\d+S$/),
  timezone: z.string().refine((zone) => new Intl.DateTimeFormat('en', { timeZone: zone }), 'an IANA zone'),
  name: z.string().min(1),
  geo_address_json: z
    .object({
      address: z.string(),
      city: textOrNull,
      region: textOrNull,
      country: textOrNull,
      city_state: textOrNull,
      full_address: textOrNull,
      google_maps_place_id: textOrNull,
      apple_maps_place_id: textOrNull,
      description: textOrNull,
    })
    .nullable(),
  coordinate,
  url: z.url(),
};

const lumaEvent = {
  ...anyEvent,
  platform: z.literal('luma'),
  id: z.string().startsWith('evt-'),
  location_type: z.enum([
    'discord',
    'meet',
    'twitch',
    'twitter',
    'youtube',
    'zoom',
    'offline',
    'missing',
    'unknown',
  ]),
  location_visibility: z.enum(['public', 'guests-only']),
  cover_url: z.url(),
  visibility: z.enum(['public', 'members-only', 'private']),
  waitlist_status: z.enum(['enabled', 'disabled']),
};

const hostOnly = {
  user_id: z.string(),
  meeting_url: textOrNull,
  feedback_email: z.object({ enabled: z.boolean(), delay: z.string().optional() }),
};

const tags = z.array(z.object({ id: z.string(), name: z.string() }));

/** A list entry: one of this calendar's own, one it only shows, or one of a third party. */
export const entryShape = z.union([
  z.object({ ...lumaEvent, ...hostOnly, access: z.literal('manage'), tags }),
  z.object({
    ...lumaEvent,
    access: z.literal('view'),
    meeting_url: z.never().optional(),
    user_id: z.never().optional(),
    tags,
  }),
  z.object({
    ...anyEvent,
    platform: z.literal('external'),
    id: z.string().startsWith('calev-'),
    host: textOrNull,
    meeting_url: z.never().optional(),
    tags,
  }),
]);

export const eventShape = z.object({
  ...lumaEvent,
  ...hostOnly,
  description: z.string(),
  description_md: z.string(),
  hosts: z.array(
    z.object({
      id: z.string(),
      email: z.string(),
      name: textOrNull,
      first_name: textOrNull,
      last_name: textOrNull,
      avatar_url: z.string(),
    }),
  ),
  tags: z.never().optional(),
});

export const calendarShape = z.object({
  id: z.string().startsWith('cal-'),
  name: z.string(),
  slug: textOrNull,
  avatar_url: textOrNull,
  url: z.url(),
  description: textOrNull,
  social_image_url: textOrNull,
  cover_image_url: textOrNull,
  is_personal: z.boolean(),
  location: z
    .object({
      city: z.string(),
      region: textOrNull,
      country: textOrNull,
      country_code: textOrNull,
      timezone: z.string(),
    })
    .nullable(),
  coordinate,
  instagram_handle: textOrNull,
  twitter_handle: textOrNull,
  youtube_handle: textOrNull,
  website: textOrNull,
});

export const errorShape = z.object({ message: z.string().min(1), code: textOrNull });
