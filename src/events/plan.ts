import { diffEvent, type EventChange, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedFields } from './event.js';
import { newEventFields } from './new-event.js';

/** What has to happen so that the stored event says what Luma says. */
export type EventPlan =
  | { kind: 'insert'; fields: EventFields }
  | { kind: 'change'; change: EventChange }
  | { kind: 'same' }
  /** New, and lacking what a stored event needs. */
  | { kind: 'unusable'; problems: EntryProblem[] };

/**
 * @param held the stored event
 * @param removed its last state where it is gone: one that comes back keeps what Luma does not speak of
 */
export function planEvent(
  held: EventFields | undefined,
  removed: EventFields | undefined,
  observed: ObservedFields,
): EventPlan {
  if (held !== undefined) {
    const change = diffEvent(held, observed);
    return change === null ? { kind: 'same' } : { kind: 'change', change };
  }
  // That an event may be shown must be said anew: its last state was public, whatever it was removed for.
  const { visibility } = observed;
  const fresh = newEventFields({ ...mergeObserved(removed ?? {}, observed), visibility });
  return 'problems' in fresh ? { kind: 'unusable', ...fresh } : { kind: 'insert', ...fresh };
}
