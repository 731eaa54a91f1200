import { mergeObserved } from './diff.js';
import type { ObservedEvent, ObservedFields, QuarantinedEntry } from './event.js';

/** The part of a staged page that says something about events. */
export interface PageContents {
  observedAt: Date;
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

/**
 * Merges pages so that the newest word about an event stands, field by field, whatever the order they are given
 * in. `applied` are newer pages that are stored already: what they say of these pages' events goes on top, so that
 * an older page adds only what the newer ones are silent about.
 */
export function mergePages(
  pages: readonly PageContents[],
  applied: readonly PageContents[] = [],
): MergedPages {
  const merged: MergedPages = { visible: new Map(), hidden: new Map(), quarantined: [] };
  const concerned = new Set(pages.flatMap(idsOn));
  // An event keeps what was said of it while it is hidden.
  const known = new Map<string, ObservedFields>();
  const untrusted = new Map<string, QuarantinedEntry>();
  const isConcerned = ({ lumaEventId }: { lumaEventId: string | null }) =>
    lumaEventId !== null && concerned.has(lumaEventId);

  const inOrder = [...pages, ...applied].toSorted((a, b) => a.observedAt.getTime() - b.observedAt.getTime());
  for (const { events, hidden, quarantined } of inOrder) {
    for (const event of events.filter(isConcerned)) {
      const { lumaEventId } = event;
      const fields = mergeObserved(known.get(lumaEventId) ?? {}, event.fields);
      known.set(lumaEventId, fields);
      // Silence about visibility does not show a hidden event.
      if (merged.hidden.has(lumaEventId) && typeof event.fields.visibility !== 'string') continue;
      const managed = event.managed ?? merged.visible.get(lumaEventId)?.managed;
      merged.visible.set(lumaEventId, { lumaEventId, ...(managed === undefined ? {} : { managed }), fields });
      merged.hidden.delete(lumaEventId);
      untrusted.delete(lumaEventId);
    }
    for (const { lumaEventId, visibility } of hidden.filter(isConcerned)) {
      merged.hidden.set(lumaEventId, visibility);
      merged.visible.delete(lumaEventId);
      untrusted.delete(lumaEventId);
    }
    for (const entry of quarantined.filter(isConcerned)) untrusted.set(entry.lumaEventId ?? '', entry);
  }
  const nameless = pages.flatMap((page) => page.quarantined.filter((entry) => entry.lumaEventId === null));
  merged.quarantined.push(...untrusted.values(), ...nameless);
  return merged;
}

function idsOn({ events, hidden, quarantined }: PageContents): string[] {
  return [...events, ...hidden, ...quarantined].flatMap(({ lumaEventId }) => lumaEventId ?? []);
}
