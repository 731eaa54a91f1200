/** One way to look into an entry of Luma's, whichever of its shapes it has. */

export type JsonObject = Record<string, unknown>;

export interface EntryView {
  /** A field, wherever the shape has it. Absent: `undefined`; JSON has no other use for that. */
  read(name: string): unknown;
  /** Names of the event's fields, of both levels where there are two. */
  names(): string[];
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
  return {
    read,
    names: () => [
      ...new Set([...Object.keys(inner), ...Object.keys(entry).filter((name) => name !== 'event')]),
    ],
    nested: inner !== entry,
    // Only events managed elsewhere, on another platform, have such ids.
    platform: read('platform') ?? (typeof id === 'string' && id.startsWith('calev-') ? 'external' : 'luma'),
    id,
  };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Trimmed; `undefined` for what is no string, or blank. */
export function filledString(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' ? undefined : text;
}

/** Answers can name a field `constructor`; objects must not answer for fields they do not have. */
function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether it may be an event of a calendar at all, usable or not. */
export function looksLikeEvent(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const view = viewEntry(entry);
  return (
    ['name', 'start_at', 'url'].some((name) => view.read(name) !== undefined) || typeof view.id === 'string'
  );
}
