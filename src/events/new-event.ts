import { EVENT_FIELDS, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedFields } from './event.js';

/** Without these an event is worth nothing to a reader, or (visibility) may not be shown: none is guessed. */
const NEEDED = ['title', 'startAt', 'url', 'visibility'] as const;

/**
 * The fields of an event seen for the first time, or the reasons why it cannot be stored yet. What Luma does
 * not say is filled in only where the neutral value misleads nobody: time zone UTC (as Luma's own times), no
 * tags, an unknown kind of location.
 */
export function newEventFields(
  observed: ObservedFields,
): { fields: EventFields } | { problems: EntryProblem[] } {
  const problems = NEEDED.filter((field) => isMissing(observed[field])).map((field) => ({
    path: field,
    problem: 'missing',
  }));
  if (problems.length > 0) return { problems };
  const said = Object.fromEntries(
    EVENT_FIELDS.map((field) => [field, observed[field]]).filter(([, v]) => v !== undefined && v !== null),
  ) as Partial<EventFields> & Pick<EventFields, (typeof NEEDED)[number]>;
  return {
    fields: {
      timezone: 'UTC',
      isVirtual: false,
      locationKind: 'unknown',
      platform: 'luma',
      tags: [],
      source: 'api',
      ...said,
    },
  };
}

/** All the fields a stored event has from now on, and the names of those it may not have. */
interface TakeOver {
  set: EventFields;
  unset: (keyof EventFields)[];
}

/**
 * What has to be written over a document whose fields cannot all be used, so that it is a stored event like any other.
 * What Luma does not speak of stays as far as it is usable.
 *
 * @param usable what of the document's fields can be used
 */
export function takeOver(
  usable: Partial<EventFields>,
  observed: ObservedFields,
): TakeOver | { problems: EntryProblem[] } {
  const fresh = newEventFields(mergeObserved(usable, observed));
  if ('problems' in fresh) return fresh;
  const { fields } = fresh;
  return { set: fields, unset: EVENT_FIELDS.filter((name) => fields[name] === undefined) };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
