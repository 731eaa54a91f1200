import { fingerprintOf } from '../events/fingerprint.js';
import type { ObservedEvent } from '../events/event.js';
import type { OrgId } from '../mongo/documents.js';
import type { EventIndex } from '../mongo/events.js';
import type { Store } from '../mongo/store.js';
import type { SortedEntries } from './sort-mapped.js';

/** What tells news from what is known. */
export interface Known {
  stored: EventIndex;
  /** Events on older pages that wait to be applied: whatever a later page says of them is news. */
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
}

/** Tells the news of a page from what a listing before it said already. */
export function divide({ events, hidden, quarantined }: SortedEntries, known: Known): DividedPage {
  const { stored, waiting, asked, full } = known;
  const isOpen = (id: string) => waiting.has(id) || asked.has(id);
  const isSame = (event: ObservedEvent) => {
    const { fingerprint = null } = stored.get(event.lumaEventId) ?? {};
    return (
      !full && fingerprint !== null && !isOpen(event.lumaEventId) && fingerprint === fingerprintOf(event)
    );
  };
  const same: ObservedEvent[] = [];
  const news: ObservedEvent[] = [];
  for (const event of events) (isSame(event) ? same : news).push(event);
  const hides = hidden.some(({ lumaEventId }) => stored.has(lumaEventId) || isOpen(lumaEventId));
  for (const { lumaEventId } of [...news, ...hidden]) waiting.add(lumaEventId);
  return { news, same, hasNews: news.length > 0 || hides || quarantined.length > 0 };
}

/** Events of which nothing is settled by what a listing says of them again. */
export async function askedEvents(store: Store, orgId: OrgId): Promise<ReadonlySet<string>> {
  const held = await store.heldRemovals.list(orgId);
  const quarantined = await store.quarantine.listed(orgId);
  return new Set([...held.map(({ lumaEventId }) => lumaEventId), ...quarantined]);
}
