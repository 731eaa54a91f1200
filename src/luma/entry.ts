/**
 * One way to look into an entry of Luma's, whichever of its shapes it has: since 2026 the fields lie side by side; before
 * that, and from mirrors that still answer so, they are in `event`, with `api_id` for an id.
 */
import { filledString } from './text.js';

export type JsonObject = Record<string, unknown>;

export interface EntryView {
  /** A field, wherever the shape has it. Absent: `undefined`; JSON has no other use for that. */
  read(name: string): unknown;
  /** Names of the event's fields, of both levels where there are two; of each level at most `limit`. */
  names(limit: number): string[];
  /** The shape before 2026, with the event's fields in an object of their own. */
  nested: boolean;
  /** As Luma wrote it, or as far as the id tells. */
  platform: unknown;
  id: unknown;
}

export function viewEntry(entry: JsonObject): EntryView {
  const nested = own(entry, 'event');
  const inner = isObject(nested) ? nested : entry;
  const read = (name: string): unknown => {
    const value = own(inner, name);
    return value === undefined ? own(entry, name) : value;
  };
  const id = own(inner, 'id') ?? own(inner, 'api_id') ?? own(entry, 'id') ?? own(entry, 'api_id');
  const platform = read('platform');
  const isSaid = platform !== undefined && platform !== null;
  return {
    read,
    names: (limit) => {
      if (inner === entry) return Object.keys(entry).slice(0, limit);
      const names = [inner, entry].flatMap((level) => Object.keys(level).slice(0, limit));
      return [...new Set(names)].filter((name) => name !== 'event');
    },
    nested: inner !== entry,
    platform: isSaid && typeof platform !== 'string' ? platform : (filledString(platform) ?? platformOf(id)),
    id,
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
export function platformOf(id: unknown): string {
  return typeof id === 'string' && id.startsWith('calev-') ? 'external' : 'luma';
}

/** Answers can name a field `constructor`; objects must not answer for fields they do not have. */
function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
