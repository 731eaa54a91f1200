import { EVENT_FIELDS, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedFields } from './event.js';
import { newEventFields } from './new-event.js';

/** All the fields a stored event has from now on, and the names of those it may not have. */
export interface TakeOver {
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
