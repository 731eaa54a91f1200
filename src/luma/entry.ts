/** A safe way to look into an entry of Luma's. */
import { filledString } from './text.js';

export type JsonObject = Record<string, unknown>;

export interface EntryView {
  /** A field. Absent: `undefined`; JSON has no other use for that. */
  read(name: string): unknown;
  /** As Luma wrote it, or as far as the id tells. */
  platform: unknown;
  id: unknown;
}

export function viewEntry(entry: JsonObject): EntryView {
  // Answers can name a field `constructor`; an object must not answer for fields it does not have.
  const read = (name: string): unknown => (Object.hasOwn(entry, name) ? entry[name] : undefined);
  const id = read('id');
  const platform = read('platform');
  const isSaid = platform !== undefined && platform !== null;
  return {
    ...{ read, id },
    platform: isSaid && typeof platform !== 'string' ? platform : (filledString(platform) ?? platformOf(id)),
  };
}

/**
 * Whether this is an event of a calendar at all, usable or not: it has an id such as Luma gives to events, or a start.
 * Lists of other things (tags, people) have ids and names, too.
 */
export function looksLikeEvent(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const view = viewEntry(entry);
  const start = view.read('start_at');
  return (
    (typeof view.id === 'string' && /^(?:evt|calev)-./.test(view.id)) ||
    filledString(start) !== undefined ||
    typeof start === 'number'
  );
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only events managed elsewhere, on another platform, have such ids. */
function platformOf(id: unknown): string {
  return typeof id === 'string' && id.startsWith('calev-') ? 'external' : 'luma';
}
