import type { EventSpec } from './event.js';
import type { FaultSpec } from './faults.js';
import type { RateHeaderFormat, RateLimitSettings } from './limiter.js';
import type { WebhookTrouble } from './webhook-trouble.js';
import type { LegacyShape } from './wire.js';

/** What a caller says about a calendar; everything else is generated. */
export interface CalendarSpec {
  /** `cal-…` */
  id?: string;
  name?: string;
  slug?: string;
  /** Keys of Luma's look like `secret-…`; any text without spaces will do. */
  key?: string;
  /** Exactly these events, completed where they are partial, or a number of generated ones. */
  events?: readonly EventSpec[] | number;
  /** A budget of its own, where it differs from the server's. */
  rateLimit?: Partial<RateLimitSettings>;
  faults?: readonly FaultSpec[];
}

export interface FakeLumaOptions extends Partial<RateLimitSettings>, Partial<RateHeaderFormat> {
  /** Default 127.0.0.1: the control endpoint has no lock, so think twice. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Default 1. Same seed and same `now`: same calendars, ids and keys included. */
  seed?: number;
  /** How many to generate (default 1), or which. */
  calendars?: number | readonly CalendarSpec[];
  /** For calendars that do not say. Default 40. */
  eventsPerCalendar?: number;
  /** What generated events are past or upcoming to. Default: when the server starts. */
  now?: Date;
  /** How long every answer takes. Default 0. */
  latencyMs?: number;
  /** Most entries of a page, and how many there are when nothing is asked for. Default 50. */
  maxPageSize?: number;
  /** True brings descriptions back into the list, as they were before July 2026. */
  listDescriptions?: boolean;
  legacyShape?: LegacyShape;
  /** What goes wrong with deliveries of webhooks. Default: nothing. */
  webhookTrouble?: WebhookTrouble;
  /**
   * The time the rate limit goes by, ms since 1970. Default: the machine's. Give the clock of a time-skipping test
   * environment, and a block of a minute is over when the environment says so.
   */
  clock?: () => number | Promise<number>;
}

export type FakeLumaSettings = Required<FakeLumaOptions>;

/** Luma's own limits (rate-limits page, July 2026) where nothing else is said. Throws RangeError for impossible ones. */
export function completeOptions(options: FakeLumaOptions): FakeLumaSettings {
  const settings: FakeLumaSettings = {
    host: '127.0.0.1',
    port: 0,
    seed: 1,
    calendars: 1,
    eventsPerCalendar: 40,
    now: new Date(),
    limit: 200,
    windowMs: 60_000,
    blockMs: 60_000,
    latencyMs: 0,
    maxPageSize: 50,
    rateLimitHeaders: true,
    resetFormat: 'seconds',
    retryAfterFormat: 'seconds',
    listDescriptions: false,
    legacyShape: 'full',
    webhookTrouble: {},
    clock: () => Date.now(),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  for (const name of ['limit', 'windowMs', 'blockMs', 'maxPageSize'] as const) {
    if (!(settings[name] >= 1)) throw new RangeError(`${name} must be at least 1`);
  }
  return settings;
}
