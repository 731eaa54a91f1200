import { ApiError, badRequest, notFound } from './api-error.js';
import type { FakeCalendar } from './calendar.js';
import type { Endpoint, FiredFaults } from './faults.js';
import { FEED_PATH, feedOf } from './feed.js';
import { readListQuery, readPage, startCursor } from './listing.js';
import { spoilEntry } from './spoil.js';
import { calendarAnswer, eventAnswer, type Json, legacyEntry, type LegacyShape, listEntry } from './wire.js';
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from './webhook-routes.js';
import type { World } from './world.js';

export interface Asked {
  calendar: FakeCalendar;
  params: URLSearchParams;
  faults: FiredFaults;
  world: World;
  /** Of a POST, read as JSON. */
  body: unknown;
  /** By the fake's own clock. */
  nowMs: number;
}

export interface Route {
  endpoint: Endpoint;
  /** The body of a 200. Throws `ApiError` for everything else. */
  answer: (asked: Asked) => Json | Buffer;
}

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    'GET /v1/calendars/get',
    { endpoint: 'calendar', answer: ({ calendar }) => calendarAnswer(calendar.identity) },
  ],
  ['GET /v1/calendars/events/list', { endpoint: 'list', answer: (asked) => listEvents(asked) }],
  [
    'GET /v1/calendar/list-events',
    { endpoint: 'list', answer: (asked) => listEvents(asked, asked.world.settings.legacyShape) },
  ],
  ['GET /v1/events/get', { endpoint: 'event', answer: getEvent }],
  ['GET /v1/webhooks/list', { endpoint: 'webhooks', answer: listWebhooks }],
  ['GET /v2/webhooks/get', { endpoint: 'webhooks', answer: getWebhook }],
  ['POST /v2/webhooks/create', { endpoint: 'webhooks', answer: createWebhook }],
  ['POST /v2/webhooks/update', { endpoint: 'webhooks', answer: updateWebhook }],
  ['POST /v1/webhooks/delete', { endpoint: 'webhooks', answer: deleteWebhook }],
  [
    `GET ${FEED_PATH}`,
    { endpoint: 'feed', answer: ({ calendar, faults, nowMs }) => feedOf(calendar, faults, nowMs) },
  ],
]);

/** Undefined for what the fake does not answer. The older `/public/v1/…` is the same as `/v1/…`. */
export function routeOf(method: string, path: string): Route | undefined {
  return ROUTES.get(`${method} ${path.replace(/^\/public(?=\/v[12]\/)/, '')}`);
}

function listEvents({ calendar, params, faults, world }: Asked, legacyShape?: LegacyShape): Json {
  const { maxPageSize, listDescriptions } = world.settings;
  const query = readListQuery(params);
  if (faults.has('empty')) return { entries: [], has_more: false };
  const page = readPage(calendar.sorted(), query, maxPageSize, faults.has('duplicates'));
  const entries = page.events.map((event, index) => {
    const place = { eventId: event.id, nth: page.offset + index + 1 };
    const entry = spoilEntry(listEntry(event, listDescriptions), place, faults);
    return legacyShape === undefined ? entry : legacyEntry(entry, legacyShape);
  });
  if (faults.has('missing-cursor')) return { entries, has_more: true };
  if (faults.has('repeated-cursor')) {
    const repeated = params.get('pagination_cursor') ?? page.nextCursor ?? startCursor();
    return { entries, has_more: true, next_cursor: repeated };
  }
  if (page.nextCursor === null) return { entries, has_more: false };
  return { entries, has_more: true, next_cursor: page.nextCursor };
}

function getEvent({ calendar, params, faults, world }: Asked): Json {
  const eventId = params.get('event_id');
  if (!eventId) throw badRequest('event_id is required.');
  const event = calendar.find(eventId);
  if (event?.platform === 'external') throw notFound('External events cannot be asked for.');
  if (event?.access === 'manage') return spoilEntry(eventAnswer(event), { eventId, nth: null }, faults);

  if (event === undefined) {
    const fate = calendar.fate(eventId);
    if (fate === 'canceled') throw notFound('This event has been canceled.');
    const elsewhere = world.calendars.some((other) => other.find(eventId) !== undefined);
    if (fate === undefined && !elsewhere) throw notFound('Event not found.');
  }
  throw new ApiError(403, 'forbidden', "This key's calendar does not manage the event.");
}
