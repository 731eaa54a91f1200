import type { ShapeStats } from '../drift.js';
import { type FeedEntry, KNOWN_PROPERTIES, USUAL_PROPERTIES } from './properties.js';

const NAME_LIMIT = 50;

/** What a feed's events look like: names of properties and types of values, never a value. */
export function observeFeedShape(entries: readonly FeedEntry[]): ShapeStats {
  const unknown = new Set<string>();
  for (const { types } of entries) {
    for (const name of Object.keys(types)) {
      if (!KNOWN_PROPERTIES.has(name) && unknown.size < NAME_LIMIT) unknown.add(name);
    }
  }
  return {
    source: 'ical',
    entries: entries.length,
    externalEntries: 0,
    fields: USUAL_PROPERTIES.map((name) => {
      const types = entries.flatMap((entry) => entry.types[name] ?? []);
      return { name, present: types.length, types: [...new Set(types)].sort() };
    }),
    unknownFields: [...unknown].sort(),
    unknownWords: [],
  };
}
