import type { ObservedEvent } from '../events/event.js';
import { digest, isOfEntry, isUndescribed, marksUndescribed, saysTheSame } from '../events/fingerprint.js';
import type { EntryReader } from '../luma/calendar-source.js';
import type { MappedEntry } from '../luma/mapping.js';
import type { OrgId } from '../mongo/documents.js';
import type { EventIndex } from '../mongo/events.js';
import type { Store } from '../mongo/store.js';
import { type SortedEntries, sortMapped } from './sort-mapped.js';

export interface StoredEvents {
  stored: EventIndex;
  /** Events that wait for a person, or in quarantine: shown again, they do so no longer. */
  asked: ReadonlySet<string>;
}

/** What tells news from what is known. */
export interface Known extends StoredEvents {
  /** Events on older pages that wait to be applied: whatever a later page says of them is news. */
  waiting: Set<string>;
  /** Which visibilities the organization stores. */
  allowed: ReadonlySet<string>;
  /** Every event is compared. */
  full: boolean;
  /** How entries are read. */
  reader: EntryReader;
}

/** An event about which nothing new is said. */
export interface SameEvent {
  lumaEventId: string;
  /** Its details are to be asked for apart. */
  undescribed: boolean;
}

export interface DividedPage extends Omit<SortedEntries, 'events'> {
  /** To be compared with what is stored, and applied. */
  news: ObservedEvent[];
  /** As stored: nothing has to be done about them. */
  same: SameEvent[];
  /** Something of the page has to be applied. */
  hasNews: boolean;
}

/**
 * Tells the news of a page from what a listing before it said already: by the entry as it came, and where that differs,
 * by what it says of the event once it is mapped.
 */
export function divide(entries: readonly unknown[], known: Known): DividedPage {
  const { stored, waiting, asked, allowed, full, reader } = known;
  for (const id of idsTwiceIn(entries, reader)) waiting.add(id);
  const isOpen = (id: string) => waiting.has(id) || asked.has(id);
  const printOf = (id: string) => (full || isOpen(id) ? null : (stored.get(id)?.fingerprint ?? null));
  // With another version of the mapping, or other wishes, the same entry may come to something else.
  const salt = JSON.stringify([reader.version, [...allowed].sort()]);

  const same: SameEvent[] = [];
  const others: MappedEntry[] = [];
  for (const entry of entries) {
    const entryDigest = digestOf(entry, salt);
    const lumaEventId = reader.idOf(entry);
    const print = lumaEventId === undefined ? null : printOf(lumaEventId);
    if (lumaEventId !== undefined && print !== null && isOfEntry(print, entryDigest)) {
      same.push({ lumaEventId, undescribed: marksUndescribed(print) });
    } else {
      others.push(withEntry(reader.map(entry), entryDigest));
    }
  }
  const { events, hidden, quarantined } = sortMapped(others, allowed);
  const news: ObservedEvent[] = [];
  for (const event of events) {
    const { lumaEventId } = event;
    const print = printOf(lumaEventId);
    if (print === null || !saysTheSame(print, event)) news.push(event);
    else same.push({ lumaEventId, undescribed: isUndescribed(event) });
  }
  const hides = hidden.some(({ lumaEventId }) => stored.has(lumaEventId) || isOpen(lumaEventId));
  for (const { lumaEventId } of [...news, ...hidden]) waiting.add(lumaEventId);
  return { news, same, hidden, quarantined, hasNews: news.length > 0 || hides || quarantined.length > 0 };
}

/** Reads what is known of an organization's events before a listing. */
export async function readStored(store: Store, orgId: OrgId): Promise<StoredEvents> {
  const [stored, asked] = await Promise.all([store.events.index(orgId), store.openQuestions(orgId)]);
  return { stored, asked };
}

/** Of two entries about one event the later one counts, so that neither may be passed over. */
function idsTwiceIn(entries: readonly unknown[], reader: EntryReader): string[] {
  const ids = entries.map((entry) => reader.idOf(entry)).filter((id) => id !== undefined);
  if (new Set(ids).size === ids.length) return [];
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

/** Empty for an entry that nests deeper than it can be written. */
function digestOf(entry: unknown, salt: string): string {
  try {
    return digest(salt + JSON.stringify(entry));
  } catch {
    return '';
  }
}

function withEntry(mapped: MappedEntry, entry: string): MappedEntry {
  return 'event' in mapped && entry !== '' ? { event: { ...mapped.event, entry } } : mapped;
}
