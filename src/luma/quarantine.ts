/** Reducing an entry that cannot be trusted to what is safe to keep, and finding what no database should hold. */
import type { EntryProblem, QuarantinedEntry } from '../events/event.js';
import { isObject, viewEntry } from './entry.js';

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
  const values: QuarantinedEntry['values'] = {};
  if (isObject(entry)) {
    const view = viewEntry(entry);
    for (const name of KEPT_VALUES) {
      const value = name === 'id' ? view.id : view.read(name);
      if (typeof value === 'string') values[name] = wellFormed(value.slice(0, VALUE_LENGTH));
      else if (typeof value === 'number' || typeof value === 'boolean' || value === null)
        values[name] = value;
    }
  }
  return { lumaEventId, problems: problems.slice(0, PROBLEM_LIMIT), values };
}

/**
 * Keys that mean something else to a database (`$…`, NUL), at any depth. The walk has a list of its own instead of
 * recursion: an answer may nest deeper than the stack.
 */
export function forbiddenKeys(entry: object): EntryProblem[] {
  const problems: EntryProblem[] = [];
  const todo: { value: object; path: string }[] = [{ value: entry, path: '' }];
  for (let next = todo.pop(); next && problems.length < PROBLEM_LIMIT; next = todo.pop()) {
    const { value, path } = next;
    for (const [key, child] of Object.entries(value) as [string, unknown][]) {
      const forbidden = key.startsWith('$') || key.includes('\0');
      const childPath = joinPath(path, key);
      if (forbidden) problems.push({ path: childPath, problem: 'forbidden-key' });
      if (typeof child === 'object' && child !== null) todo.push({ value: child, path: childPath });
    }
  }
  return problems;
}

/** Half a surrogate pair cannot be written as UTF-8: what is read back would differ from what was stored. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Keys are Luma's, so they are shown only where they look like names. */
function joinPath(path: string, key: string): string {
  if (path.length > 150) return path;
  const shown = /^[A-Za-z0-9_-]{1,60}$/.test(key) ? key : '?';
  return path === '' ? shown : `${path}.${shown}`;
}
