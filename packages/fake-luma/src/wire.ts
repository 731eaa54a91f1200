import type { FakeEvent } from './event.js';
import { durationInterval } from './local-time.js';
import type { Place } from './places.js';

export type Json = Record<string, unknown>;

export interface CalendarIdentity {
  id: string;
  name: string;
  slug: string;
  home: Place;
}

/** `calendars/get`. */
export function calendarAnswer({ id, name, slug, home }: CalendarIdentity): Json {
  return {
    id,
    name,
    slug,
    url: `https://luma.com/${slug}`,
    avatar_url: `https://images.lumacdn.com/calendars/${slug}.png`,
    description: `Everything that ${name} is up to.`,
    social_image_url: null,
    cover_image_url: null,
    is_personal: false,
    location: {
      city: home.city,
      region: home.region,
      country: home.country,
      country_code: home.countryCode,
      timezone: home.timezone,
    },
    coordinate: { longitude: home.longitude, latitude: home.latitude },
    instagram_handle: null,
    twitter_handle: null,
    youtube_handle: null,
    website: null,
  };
}

/** An entry of `calendars/events/list`. Descriptions are left out since July 2026, unless asked for here. */
export function listEntry(event: FakeEvent, listDescriptions: boolean): Json {
  const descriptions = { description: event.description, description_md: event.description_md };
  if (event.platform === 'external') return { ...common(event), host: event.host, tags: event.tags };
  return {
    ...common(event),
    ...(listDescriptions && descriptions),
    ...lumaOnly(event),
    ...(event.access === 'manage' && hostOnly(event)),
    tags: event.tags,
  };
}

/** `events/get`: descriptions and hosts, and no tags. */
export function eventAnswer(event: FakeEvent): Json {
  return {
    ...common(event),
    description: event.description,
    description_md: event.description_md,
    ...lumaOnly(event),
    ...hostOnly(event),
    hosts: event.hosts,
  };
}

/** The `data` of a delivery about one event: with its tags, without hosts and `access`. */
export function deliveredEvent(event: FakeEvent): Json {
  const left = Object.entries(eventAnswer(event)).filter(([name]) => name !== 'hosts' && name !== 'access');
  return { ...Object.fromEntries(left), tags: event.tags };
}

/** The `data` of `calendar.event.added`: no more than a summary. */
export function deliveredSummary(event: FakeEvent): Json {
  const isExternal = event.platform === 'external';
  return {
    id: event.id,
    platform: event.platform,
    name: event.name,
    url: event.url,
    start_at: event.start_at.toISOString(),
    end_at: isExternal ? null : event.end_at.toISOString(),
    timezone: isExternal ? null : event.timezone,
  };
}

/** `nested-only` is the shape of 2025, which mirrors and proxies still serve. */
export type LegacyShape = 'full' | 'nested-only';

/** An entry of the legacy `calendar/list-events`, made from the flat one, so that faults show in both copies. */
export function legacyEntry(entry: Json, shape: LegacyShape): Json {
  const { tags, ...flat } = entry;
  const coordinate = flat.coordinate as FakeEvent['coordinate'] | undefined;
  const older = {
    ...('id' in flat && { api_id: flat.id }),
    geo_longitude: coordinate ? String(coordinate.longitude) : null,
    geo_latitude: coordinate ? String(coordinate.latitude) : null,
  };
  if (shape === 'full') return { ...flat, ...older, event: { ...flat, ...older }, tags };
  return {
    ...('id' in flat && { api_id: flat.id }),
    event: {
      ...Object.fromEntries(Object.entries(flat).filter(([name]) => !NEWER_THAN_2025.includes(name))),
      ...older,
      ...('calendar_id' in flat && { calendar_api_id: flat.calendar_id }),
      ...('user_id' in flat && { user_api_id: flat.user_id }),
      ...('location_visibility' in flat && { geo_address_visibility: flat.location_visibility }),
    },
    tags,
  };
}

const NEWER_THAN_2025 = [
  'id',
  'calendar_id',
  'user_id',
  'platform',
  'access',
  'location_type',
  'location_visibility',
];

function common(event: FakeEvent): Json {
  return {
    platform: event.platform,
    id: event.id,
    calendar_id: event.calendar_id,
    start_at: event.start_at.toISOString(),
    duration_interval: durationInterval(event.start_at, event.end_at),
    end_at: event.end_at.toISOString(),
    created_at: event.created_at.toISOString(),
    timezone: event.timezone,
    name: event.name,
    geo_address_json: event.geo_address_json,
    coordinate: event.coordinate,
    url: event.url,
    access: event.access,
  };
}

function lumaOnly(event: FakeEvent): Json {
  return {
    location_type: event.location_type,
    location_visibility: event.location_visibility,
    cover_url: event.cover_url,
    visibility: event.visibility,
    waitlist_status: event.waitlist_status,
    registration_open: event.registration_open,
    require_approval: event.require_approval,
    display_price: event.display_price,
  };
}

/** What Luma shows to whoever manages the event, and to nobody else. */
function hostOnly(event: FakeEvent): Json {
  return {
    user_id: event.user_id,
    meeting_url: event.meeting_url,
    feedback_email: event.feedback_email,
    registration_questions: event.registration_questions,
    max_capacity: event.max_capacity,
    spots_remaining: event.spots_remaining,
    ...(event.submitted_by && { submitted_by: event.submitted_by }),
  };
}
