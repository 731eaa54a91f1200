/**
 * Where an organization's events come from, as whoever syncs them sees it: Luma's API with the calendar's key, or the
 * calendar's public feed.
 */
import type { EventSource } from '../events/event.js';
import { type Answer, type CallOptions, LIST_ENDPOINT, type ListOptions, type LumaApi } from './api.js';
import type { LumaCalendar, LumaPage } from './api.js';
import { observeShape, type ShapeStats } from './drift.js';
import { isObject, looksLikeEvent, viewEntry } from './entry.js';
import { mapEntry, type MappedEntry } from './mapping.js';
import type { RateBudget } from './rate-limit.js';
import { userAgent } from './user-agent.js';

/** Told of every request that is made, and of what each good answer says of the limit. */
export interface Counted {
  onRequest: () => void;
  onBudget: (budget: RateBudget) => void;
}

/** Asks as LumaApi does, and rejects with the same errors. */
export interface CalendarSource {
  kind: EventSource;
  /** What the organization has it by: its key in clear text, or the feed's address. */
  credential: string;
  getCalendar(options: CallOptions & Counted): Promise<Answer<LumaCalendar>>;
  listEvents(options: ListOptions & Counted): Promise<Answer<LumaPage>>;
  /** `null`: no event can be asked for alone, for details or to learn that it is gone. */
  getEvent: ((eventId: string, options: CallOptions & Counted) => Promise<Answer<unknown>>) | null;
  /** How the entries of its pages are read. */
  entries: EntryReader;
}

export interface EntryReader {
  /** For errors. */
  endpoint: string;
  idOf(entry: unknown): string | undefined;
  looksLikeEvent(entry: unknown): boolean;
  map(entry: unknown): MappedEntry;
  observeShape(entries: unknown[]): ShapeStats;
  /** Where this differs, the same entry may be mapped to something else. */
  version: string;
}

export function apiSource(luma: LumaApi, apiKey: string): CalendarSource {
  return {
    kind: 'api',
    credential: apiKey,
    getCalendar: ({ onRequest, onBudget, ...options }) =>
      counted({ onRequest, onBudget }, () => luma.getCalendar(apiKey, options)),
    listEvents: ({ onRequest, onBudget, ...options }) =>
      counted({ onRequest, onBudget }, () => luma.listEvents(apiKey, options)),
    getEvent: (eventId, { onRequest, onBudget, ...options }) =>
      counted({ onRequest, onBudget }, () => luma.getEvent(apiKey, eventId, options)),
    entries: {
      endpoint: LIST_ENDPOINT,
      idOf: (entry) => {
        const id = isObject(entry) ? viewEntry(entry).id : undefined;
        return typeof id === 'string' ? id : undefined;
      },
      looksLikeEvent,
      map: mapEntry,
      observeShape,
      version: userAgent(),
    },
  };
}

async function counted<T>(
  { onRequest, onBudget }: Counted,
  ask: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  onRequest();
  const answer = await ask();
  onBudget(answer.budget);
  return answer;
}
