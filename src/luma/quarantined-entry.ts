/** Reducing an entry that cannot be trusted to what is safe to keep, and finding what no database should hold. */
import type { EntryProblem, QuarantinedEntry } from '../events/event.js';
import { isObject, type JsonObject, viewEntry } from './entry.js';
import { LIMITS } from './limits.js';
import { cut, filledString, wellFormed } from './text.js';

/** Fields that help to find the event in Luma and cannot hold a person's data. */
const KEPT_VALUES = [
  'id',
  'platform',
  'start_at',
  'end_at',
  'timezone',
  'visibility',
  'access',
  'location_type',
] as const;
const VALUE_LENGTH = 200;
const PROBLEM_LIMIT = 20;

export function quarantine(
  entry: unknown,
  lumaEventId: string | null,
  problems: EntryProblem[],
): QuarantinedEntry {
  if (!isObject(entry)) return keptOf({}, lumaEventId, problems);
  const view = viewEntry(entry);
  const values = KEPT_VALUES.map((name) => [name, name === 'platform' ? view.platform : view.read(name)]);
  return keptOf(Object.fromEntries(values) as Record<string, unknown>, lumaEventId, problems);
}

/** @param values those that are safe to keep, as they came */
export function keptOf(
  values: Readonly<Record<string, unknown>>,
  lumaEventId: string | null,
  problems: readonly EntryProblem[],
): QuarantinedEntry {
  const kept: QuarantinedEntry['values'] = {};
  for (const [name, value] of Object.entries(values)) {
    // An empty text is no word that anything could be decided by.
    const text = filledString(value);
    if (text !== undefined) kept[name] = wellFormed(cut(text, VALUE_LENGTH));
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) kept[name] = value;
  }
  return { lumaEventId, problems: problems.slice(0, PROBLEM_LIMIT), values: kept };
}

/**
 * What is wrong with an entry as a whole: more values or levels than an event can have, and keys that mean something
 * else to a database (`$…`, NUL), at any depth. The walk has a list of its own instead of recursion: an answer may nest
 * deeper than the stack.
 */
export function findStructuralProblems(entry: object): EntryProblem[] {
  const problems: EntryProblem[] = [];
  const todo: { value: object; path: string; depth: number }[] = [{ value: entry, path: '', depth: 1 }];
  let values = 0;
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { value, path, depth } = next;
    if (depth > LIMITS.depth) return [{ path: '', problem: 'too-deep' }];
    const keys = Object.keys(value);
    values += keys.length;
    if (values > LIMITS.valuesPerEntry) return [{ path: '', problem: 'too-many-values' }];
    for (const key of keys) {
      const isForbidden = key.startsWith('$') || key.includes('\0');
      if (isForbidden && problems.length < PROBLEM_LIMIT)
        problems.push({ path: joinPath(path, key), problem: 'forbidden-key' });
      const child = (value as JsonObject)[key];
      if (typeof child === 'object' && child !== null)
        todo.push({ value: child, path: joinPath(path, key), depth: depth + 1 });
    }
  }
  return problems;
}

/** Keys are Luma's, so they are shown only where they look like names. */
function joinPath(path: string, key: string): string {
  if (path.length > 150) return path;
  const shown = /^[A-Za-z0-9_-]{1,60}$/.test(key) ? key : '?';
  return path === '' ? shown : `${path}.${shown}`;
}
