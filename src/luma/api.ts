/**
 * The questions this project asks Luma. Each method makes exactly one request: waiting and repeating belong
 * to the caller, who sleeps durably.
 */
import { z } from 'zod';
import { checkedBaseUrl } from './base-url.js';
import { LIMITS, LISTING } from './limits.js';
import { LumaContractBroken, LumaPaginationBroken } from './errors.js';
import { type FeedAddress, readFeedAddress } from './ical/feed-address.js';
import { fetchFeed, type LumaFeed } from './ical/fetch-feed.js';
import type { ProxySettings } from './proxy-settings.js';
import type { RateBudget } from './rate-limit.js';
import { rateWindows } from './rate-windows.js';
import { requestJson, type JsonAnswer, type RequestSettings } from './request.js';
import { isBlank, isLongerThan } from './text.js';
import { createTransport, type Transport } from './transport.js';
import { webAddress } from './url.js';
import { userAgent } from './user-agent.js';

export const LIST_ENDPOINT = '/v1/calendars/events/list';

export interface LumaApiOptions {
  /** `https:`, or `http:` to this machine, without credentials; a path is a prefix of every request's. */
  baseUrl: string;
  /** Lets `http:` go to other machines too: whoever is on the way can read the key. */
  allowHttp?: boolean | undefined;
  /** Default: none, whatever the environment says. */
  proxies?: ProxySettings | undefined;
  userAgent?: string;
  /** For one request, headers and body together. Default 15 s. */
  requestTimeoutMs?: number;
  /** Of one answer. Default 12 MiB: a page is staged as one document, and MongoDB takes 16. */
  maxBodyBytes?: number;
  /** Clock, ms since 1970. */
  now?: () => number;
}

export interface CallOptions {
  /** Once aborted, the call rejects with the signal's reason, unchanged. */
  signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Called once the whole body is there, before it is read; a throw ends the call. */
  beforeReading?: (() => Promise<void>) | undefined;
  /** Only events that start at or after this instant, ISO 8601. */
  after?: string | undefined;
  /** Only events that start before this instant, ISO 8601. */
  before?: string | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | null | undefined;
  limit?: number | undefined;
}

export type FeedOptions = Pick<ListOptions, 'signal' | 'beforeReading'>;

export interface LumaCalendar {
  id: string;
  name: string;
  /** Absolute, on luma.com. */
  url: string;
}

export interface LumaPage {
  /** As Luma sent them, for mapEntry. */
  entries: unknown[];
  hasMore: boolean;
  /** A string exactly when there is more. */
  nextCursor: string | null;
  /** The next page needs no request. */
  isNextAtHand?: boolean;
  /** The calendar, where the answer names it along with its events. */
  calendar?: LumaCalendar;
}

export interface Answer<T> {
  value: T;
  budget: RateBudget;
}

/** Every method rejects with one of errors.ts. */
export interface LumaApi {
  /** The calendar that the key opens. */
  getCalendar(apiKey: string, options?: CallOptions): Promise<Answer<LumaCalendar>>;
  /** One page of what a visitor of the calendar sees, private events included, in order of start. */
  listEvents(apiKey: string, options?: ListOptions): Promise<Answer<LumaPage>>;
  /** One event that the key manages, as Luma sent it, for mapEntry. The only source of descriptions. */
  getEvent(apiKey: string, eventId: string, options?: CallOptions): Promise<Answer<unknown>>;
  /** Reads the address of a calendar's feed, and asks nothing. @returns `undefined` where it is none of Luma's */
  feedAddress(address: string): FeedAddress | undefined;
  /** A calendar's whole public feed. */
  getFeed(address: FeedAddress, options?: FeedOptions): Promise<Answer<LumaFeed>>;
}

/*
 * The envelopes of Luma's answers. Unknown fields pass, and so does whatever an entry holds: one entry that cannot be
 * used must not cost the page (see mapping.ts).
 */

/** A cursor is sent back in a URL and kept in the database: an endless one is no cursor. */
const cursor = z.string().max(4_096);

const pageSchema = z.looseObject({
  entries: z.array(z.unknown()).max(LIMITS.entriesPerPage),
  has_more: z.boolean(),
  next_cursor: cursor.nullish(),
});

/** An empty text says no more than its absence. */
const text = (codePoints: number) =>
  z
    .string()
    .refine((value) => !isLongerThan(value, codePoints))
    .transform((value) => (isBlank(value) ? null : value))
    .nullish();

const calendarSchema = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  name: text(1_000),
  url: text(LIMITS.address),
});

const eventSchema = z.looseObject({ id: z.string().min(1) });

/** @throws TypeError when `baseUrl` cannot be one; the message does not quote it */
export function requestSettings(options: LumaApiOptions): RequestSettings {
  const baseUrl = checkedBaseUrl(options.baseUrl, options);
  return {
    baseUrl,
    transport: createTransport(baseUrl, options.proxies),
    userAgent: options.userAgent ?? userAgent(),
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
    maxBodyBytes: options.maxBodyBytes ?? 12 * 1024 * 1024,
    now: options.now ?? Date.now,
    windows: rateWindows(),
  };
}

/** @throws TypeError when `baseUrl` cannot be one; the message does not quote it */
export function createLumaApi(options: LumaApiOptions): LumaApi {
  const settings = requestSettings(options);
  const { baseUrl } = settings;
  const transports = new Map([[new URL(baseUrl).origin, settings.transport]]);
  function transportTo(origin: string): Transport {
    const known = transports.get(origin) ?? createTransport(origin, options.proxies);
    transports.set(origin, known);
    return known;
  }

  return {
    async getCalendar(apiKey, { signal } = {}) {
      const endpoint = '/v1/calendars/get';
      const answer = await requestJson(settings, { apiKey, endpoint, signal });
      const { id, name, url } = validated(calendarSchema, answer, endpoint);
      const value = {
        id,
        name: name ?? id,
        url: webAddress(url ?? '') ?? `https://luma.com/calendar/${id}`,
      };
      return { value, budget: answer.budget };
    },

    async listEvents(apiKey, { signal, beforeReading, ...options } = {}) {
      const endpoint = LIST_ENDPOINT;
      const query = listQuery(options);
      const answer = await requestJson(settings, { apiKey, endpoint, query, signal, beforeReading });
      const page = validated(pageSchema, answer, endpoint);
      const details = { status: 200, budget: answer.budget };
      const nextCursor = page.has_more ? (page.next_cursor ?? '') : null;
      if (nextCursor === '') throw new LumaPaginationBroken(endpoint, 'more pages and no cursor', details);
      if (nextCursor !== null && nextCursor === options.cursor) {
        throw new LumaPaginationBroken(endpoint, 'the cursor repeats', details);
      }
      return { value: { entries: page.entries, hasMore: page.has_more, nextCursor }, budget: answer.budget };
    },

    async getEvent(apiKey, eventId, { signal } = {}) {
      const endpoint = '/v1/events/get';
      const query = new URLSearchParams({ event_id: eventId });
      const answer = await requestJson(settings, { apiKey, endpoint, query, aboutOne: true, signal });
      return { value: validated(eventSchema, answer, endpoint), budget: answer.budget };
    },

    feedAddress: (address) => readFeedAddress(address, baseUrl),

    async getFeed(address, feedOptions = {}) {
      const to = transportTo(new URL(address.url).origin);
      return await fetchFeed({ ...settings, transport: to }, address, feedOptions);
    },
  };
}

/** Everything is said, because Luma's defaults leave out external events and events managed elsewhere. */
function listQuery(options: Omit<ListOptions, 'signal' | 'beforeReading'>): URLSearchParams {
  const query = new URLSearchParams([
    ['sort_column', 'start_at'],
    ['sort_direction', 'asc'],
    ['platforms', 'luma'],
    ['platforms', 'external'],
    ['access', 'manage'],
    ['access', 'view'],
    ['status', 'approved'],
    ['pagination_limit', String(options.limit ?? LISTING.entriesPerPage)],
  ]);
  if (options.after !== undefined) query.set('after', options.after);
  if (options.before !== undefined) query.set('before', options.before);
  if (typeof options.cursor === 'string') query.set('pagination_cursor', options.cursor);
  return query;
}

export function validated<T>(schema: z.ZodType<T>, answer: JsonAnswer, endpoint: string): T {
  const result = schema.safeParse(answer.json);
  if (result.success) return result.data;
  throw new LumaContractBroken(endpoint, 'another envelope', { status: 200, budget: answer.budget });
}
