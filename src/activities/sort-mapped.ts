import type { MappedEntry } from '../luma/mapping.js';
import type { StagedPageDoc } from '../mongo/documents.js';

export type SortedEntries = Pick<StagedPageDoc, 'events' | 'hidden' | 'quarantined'>;

/**
 * Sorts entries into events, events that the organization does not store (their ids only: what is not stored is not
 * staged either), and entries that cannot be trusted. What an untrusted entry says of its visibility counts all the
 * same: an event that is no longer public must not stay because its time zone is unknown.
 */
export function sortMapped(mapped: readonly MappedEntry[], allowed: ReadonlySet<string>): SortedEntries {
  const sorted: SortedEntries = { events: [], hidden: [], quarantined: [] };
  for (const entry of mapped) {
    const { lumaEventId, visibility } = visibilityOf(entry);
    if (lumaEventId !== null && typeof visibility === 'string' && !allowed.has(visibility)) {
      sorted.hidden.push({ lumaEventId, visibility });
    } else if ('quarantined' in entry) {
      sorted.quarantined.push(entry.quarantined);
    } else {
      sorted.events.push(entry.event);
    }
  }
  return sorted;
}

function visibilityOf(entry: MappedEntry) {
  if ('event' in entry)
    return { lumaEventId: entry.event.lumaEventId, visibility: entry.event.fields.visibility };
  const { lumaEventId, values } = entry.quarantined;
  // External events have no visibility of their own: whatever an entry says there, they are public.
  return { lumaEventId, visibility: values.platform === 'external' ? undefined : values.visibility };
}
