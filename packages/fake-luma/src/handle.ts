import type { FakeCalendar } from './calendar.js';
import type { CalendarSpec } from './options.js';
import type { Delivery } from './deliveries.js';
import type { LoggedRequest, RequestCounts } from './request-log.js';
import type { WebhookTrouble } from './webhook-trouble.js';

export interface CalendarSummary {
  id: string;
  name: string;
  key: string;
  /** Events that a listing of everything shows. */
  events: number;
}

export function summaryOf({ id, name, key, listedEvents }: FakeCalendar): CalendarSummary {
  return { id, name, key, events: listedEvents };
}

/** Counted since the start, or since `resetStats`. The whole fake's, and each calendar's by its id. */
export interface FakeLumaStats extends RequestCounts {
  calendars: Record<string, RequestCounts>;
}

/** A Luma that is listening. */
export interface FakeLuma {
  /** The base URL for clients: `http://host:port`. */
  readonly url: string;
  readonly calendars: CalendarSummary[];
  /** Throws RangeError for an id it does not know. */
  calendar(id: string): FakeCalendar;
  addCalendar(spec?: CalendarSpec): FakeCalendar;
  /** Oldest first; the newest 20,000 are kept. The control endpoint's are not among them. */
  readonly requests: readonly LoggedRequest[];
  stats(): FakeLumaStats;
  /** Forgets requests and counts; budgets, blocks and faults stay. */
  resetStats(): void;
  /** Of webhooks; oldest first, the newest 20,000 are kept. */
  readonly deliveries: readonly Delivery[];
  /** Resolves once none is on its way or waits to be tried again. */
  delivered(): Promise<void>;
  /** From the next change on. */
  setWebhookTrouble(trouble: WebhookTrouble): void;
  /** Moves the fake's clock forward: a block of a minute can be over at once. */
  advanceTime(ms: number): void;
  /** Ends open connections too. Closing twice is fine. */
  close(): Promise<void>;
}
