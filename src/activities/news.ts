import { fingerprintOf } from '../events/fingerprint.js';
import type { ObservedEvent } from '../events/event.js';
import type { OrgId } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import type { SortedEntries } from './sort-mapped.js';

/** What makes news of an event though a listing says of it what it said before. */
export interface KnownNews {
  /** Events on older pages that wait to be applied. */
  waiting: Set<string>;
  /** Events that wait for a person, or in quarantine: shown again, they do so no longer. */
  asked: ReadonlySet<string>;
  /** Every event is compared. */
  full: boolean;
}

export interface DividedPage {
  /** To be compared with what is stored, and applied. */
  news: ObservedEvent[];
  /** As stored: nothing has to be done about them. */
  same: ObservedEvent[];
  /** Something of the page has to be applied. */
  hasNews: boolean;
  /** Events of the page that are stored. */
  stored: string[];
}

/** Tells the news of a page from what the listing before it said already, by one small read. */
export async function divide(
  store: Store,
  orgId: OrgId,
  { events, hidden, quarantined }: SortedEntries,
  { waiting, asked, full }: KnownNews,
): Promise<DividedPage> {
  const ids = [...events, ...hidden].map(({ lumaEventId }) => lumaEventId);
  const prints = await store.events.fingerprints(orgId, ids);
  const isOpen = (id: string) => waiting.has(id) || asked.has(id);
  const isSame = (event: ObservedEvent) =>
    !full && !isOpen(event.lumaEventId) && prints.get(event.lumaEventId) === fingerprintOf(event);
  const same = events.filter(isSame);
  const news = events.filter((event) => !isSame(event));
  const hides = hidden.some(({ lumaEventId }) => prints.has(lumaEventId) || isOpen(lumaEventId));
  for (const { lumaEventId } of [...news, ...hidden]) waiting.add(lumaEventId);
  return {
    news,
    same,
    hasNews: news.length > 0 || hides || quarantined.length > 0,
    stored: [...prints.keys()],
  };
}

/** Events of which nothing is settled by what a listing says of them again. */
export async function askedEvents(store: Store, orgId: OrgId): Promise<ReadonlySet<string>> {
  const held = await store.heldRemovals.list(orgId);
  const quarantined = await store.quarantine.listed(orgId);
  return new Set([...held.map(({ lumaEventId }) => lumaEventId), ...quarantined]);
}
