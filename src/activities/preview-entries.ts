import type { PagesPlan } from '../events/plan-pages.js';
import type { EventDoc, PreviewEntry } from '../mongo/documents.js';
import type { TakeoverDoc } from '../mongo/stored-event.js';

/** Entries told one by one; the rest is counted. */
export const MAX_ENTRIES = 200;

type Plan = PagesPlan<EventDoc, TakeoverDoc>;

export function insertedEntries({ inserts }: Plan): PreviewEntry[] {
  return inserts.map(({ lumaEventId, fields }) => ({ lumaEventId, title: fields.title }));
}

/** Field by field, but for documents that are written anew. */
export function changedEntries({ updates, takeOvers }: Plan): PreviewEntry[] {
  return [
    ...updates.map(({ target, set, unset }): PreviewEntry => {
      const names = [...Object.keys(set), ...unset] as (keyof typeof set)[];
      const fields = names.map((name) => [name, { from: target[name] ?? null, to: set[name] ?? null }]);
      return {
        lumaEventId: target.lumaEventId,
        title: target.title,
        fields: Object.fromEntries(fields) as never,
      };
    }),
    ...takeOvers.map(({ target, set }) => ({ lumaEventId: target.lumaEventId, title: set.title })),
  ];
}

export function hiddenEntries({ hides }: Plan): PreviewEntry[] {
  return hides.map((one) => ({
    lumaEventId: one.lumaEventId,
    title: ('considered' in one ? one.fields.title : one.title) ?? '',
    reason: 'not-public',
  }));
}
