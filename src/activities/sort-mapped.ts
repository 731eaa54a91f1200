import type { MappedEntry } from '../luma/mapping.js';
import type { StagedPageDoc } from '../mongo/documents.js';

export type SortedEntries = Pick<StagedPageDoc, 'events' | 'hidden' | 'quarantined'>;

/**
 * Sorts entries into events, events that the organization does not store (their ids only: what is not stored is not
 * staged either), and entries that cannot be trusted.
 */
export function sortMapped(mapped: readonly MappedEntry[], allowed: ReadonlySet<string>): SortedEntries {
  const sorted: SortedEntries = { events: [], hidden: [], quarantined: [] };
  for (const entry of mapped) {
    if ('quarantined' in entry) {
      sorted.quarantined.push(entry.quarantined);
      continue;
    }
    const { lumaEventId, fields } = entry.event;
    const { visibility } = fields;
    if (typeof visibility === 'string' && !allowed.has(visibility)) {
      sorted.hidden.push({ lumaEventId, visibility });
    } else {
      sorted.events.push(entry.event);
    }
  }
  return sorted;
}
