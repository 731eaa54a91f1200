import { mergeObserved } from './diff.js';
import type { ObservedEvent, ObservedFields, QuarantinedEntry } from './event.js';

/** The part of a staged page that says something about events. */
export interface PageContents {
  events: readonly ObservedEvent[];
  hidden: readonly { lumaEventId: string; visibility: string }[];
  quarantined: readonly QuarantinedEntry[];
}

/** What several pages say together: one word about each event, the newest. */
export interface MergedPages {
  visible: Map<string, ObservedEvent>;
  /** Not for this organization's readers, by id: Luma's visibility. */
  hidden: Map<string, string>;
  /** Entries without a usable id, and events whose newest entry cannot be trusted: the one before it stands. */
  quarantined: QuarantinedEntry[];
}

/** Merges pages, the oldest first, so that the newest word about an event stands, field by field. */
export function mergePages(pages: readonly PageContents[]): MergedPages {
  const merged: MergedPages = { visible: new Map(), hidden: new Map(), quarantined: [] };
  // An event keeps what was said of it while it is hidden.
  const known = new Map<string, ObservedFields>();
  const untrusted = new Map<string, QuarantinedEntry>();

  for (const { events, hidden, quarantined } of pages) {
    for (const event of events) {
      const { lumaEventId } = event;
      const fields = mergeObserved(known.get(lumaEventId) ?? {}, event.fields);
      known.set(lumaEventId, fields);
      // Silence about visibility does not show a hidden event.
      if (merged.hidden.has(lumaEventId) && typeof event.fields.visibility !== 'string') continue;
      const managed = event.managed ?? merged.visible.get(lumaEventId)?.managed;
      merged.visible.set(lumaEventId, {
        ...{ lumaEventId, fields },
        managed,
        source: event.source,
        suggested: event.suggested,
        entry: event.entry,
      });
      merged.hidden.delete(lumaEventId);
      untrusted.delete(lumaEventId);
    }
    for (const { lumaEventId, visibility } of hidden) {
      merged.hidden.set(lumaEventId, visibility);
      merged.visible.delete(lumaEventId);
      untrusted.delete(lumaEventId);
    }
    for (const entry of quarantined) {
      if (entry.lumaEventId === null) merged.quarantined.push(entry);
      else untrusted.set(entry.lumaEventId, entry);
    }
  }
  merged.quarantined.push(...untrusted.values());
  return merged;
}
