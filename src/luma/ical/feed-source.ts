import { isInside, type SyncWindow } from '../../events/window.js';
import type { LumaApi, LumaPage } from '../api.js';
import type { CalendarSource } from '../calendar-source.js';
import { LIMITS } from '../limits.js';
import { parseInstant } from '../time.js';
import { userAgent } from '../user-agent.js';
import { eventIdOf } from './event-id.js';
import type { FeedAddress } from './feed-address.js';
import { FEED_ENDPOINT, type LumaFeed, sortKey } from './fetch-feed.js';
import { mapFeedEntry } from './map-event.js';
import type { FeedEntry } from './properties.js';
import { observeFeedShape } from './shape.js';

export interface FeedSettings {
  address: FeedAddress;
  /** As an earlier feed named the calendar. */
  calendarName?: string | undefined;
  /** Of events whose place does not tell it: an IANA name. */
  timezone: string;
}

/** Entries of a page: few enough for a staged page, however long their texts are. */
const ENTRIES_A_PAGE = Math.floor(LIMITS.entriesPerPage / 2);

/**
 * A calendar's public feed, as a listing of pages that all come with one request. A cursor says behind which event a page
 * begins, so that who goes on with a feed asked for anew misses nothing that did not move.
 */
export function feedSource(luma: Pick<LumaApi, 'getFeed'>, settings: FeedSettings): CalendarSource {
  const { address, calendarName, timezone } = settings;
  const { calendarId: id, url: credential } = address;
  const calendarNamed = (name: string) => ({ id, name, url: `https://luma.com/calendar/${id}` });
  /** As it came, within the window of the sync. */
  let feed: LumaFeed | undefined;

  return {
    kind: 'ical',
    credential,
    // The address says which calendar it is.
    getCalendar: () => Promise.resolve({ value: calendarNamed(calendarName ?? id), budget: {} }),
    async listEvents({ onRequest, signal, beforeReading, cursor, after, before }) {
      // Pages at hand are given without a request that would notice it.
      signal?.throwIfAborted();
      if (feed === undefined) {
        onRequest();
        const { value } = await luma.getFeed(address, { signal, beforeReading });
        feed = { ...value, entries: value.entries.filter((entry) => isWithin(entry, { after, before })) };
      }
      const { name, entries } = feed;
      const page = pageOf(entries, cursor ?? null);
      return {
        value: { ...page, ...(name === undefined ? {} : { calendar: calendarNamed(name) }) },
        budget: {},
      };
    },
    getEvent: null,
    entries: {
      endpoint: FEED_ENDPOINT,
      idOf: (entry) => eventIdOf((entry as FeedEntry).values.UID),
      looksLikeEvent: (entry) => {
        const { UID, DTSTART } = (entry as FeedEntry).values;
        return eventIdOf(UID) !== undefined || DTSTART !== undefined;
      },
      map: (entry) => mapFeedEntry(entry as FeedEntry, { timezone }),
      observeShape: (entries) => observeFeedShape(entries as FeedEntry[]),
      version: `${userAgent()} ${timezone}`,
    },
  };
}

/** Of an entry without a start nothing says that it lies outside. */
function isWithin({ values }: FeedEntry, window: SyncWindow): boolean {
  const start = parseInstant(values.DTSTART);
  return 'problem' in start || isInside(start.date, window);
}

function pageOf(sorted: readonly FeedEntry[], cursor: string | null): LumaPage {
  const from = cursor === null ? 0 : sorted.findIndex((entry) => sortKey(entry) > cursor);
  if (from === -1) return { entries: [], hasMore: false, nextCursor: null };
  let to = Math.min(from + ENTRIES_A_PAGE, sorted.length);
  const last = sorted[to - 1];
  const nextCursor = last === undefined || to === sorted.length ? null : sortKey(last);
  while (nextCursor !== null && to < sorted.length && sortKeyAt(sorted, to) === nextCursor) to += 1;
  const hasMore = to < sorted.length;
  return {
    entries: sorted.slice(from, to),
    hasMore,
    nextCursor: hasMore ? nextCursor : null,
    isNextAtHand: hasMore,
  };
}

function sortKeyAt(sorted: readonly FeedEntry[], index: number): string | undefined {
  const entry = sorted[index];
  return entry === undefined ? undefined : sortKey(entry);
}
