import { diffEvent, type EventChange, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedEvent, ObservedFields, QuarantinedEntry } from './event.js';
import { newEventFields } from './new-event.js';

/** What has to happen so that the stored event says what Luma says. */
export type EventPlan =
  | { kind: 'insert'; fields: EventFields }
  | { kind: 'change'; change: EventChange }
  | { kind: 'same' }
  /** New, and lacking what a stored event needs. */
  | { kind: 'unusable'; problems: EntryProblem[] };

/**
 * @param stored the event as it is in `events`
 * @param removed its last state where it is gone: one that comes back keeps what Luma does not speak of
 */
export function planEvent(
  stored: EventFields | undefined,
  removed: EventFields | undefined,
  observed: ObservedFields,
): EventPlan {
  if (stored !== undefined) {
    const change = diffEvent(stored, observed);
    return change === null ? { kind: 'same' } : { kind: 'change', change };
  }
  // That an event may be shown must be said anew: its last state was public, whatever it was removed for.
  const { visibility } = observed;
  const fresh = newEventFields({ ...mergeObserved(removed ?? {}, observed), visibility });
  return 'problems' in fresh ? { kind: 'unusable', ...fresh } : { kind: 'insert', ...fresh };
}

/** What a plan needs of a stored or removed event beside its fields. */
export interface VersionedEvent extends EventFields {
  lumaEventId: string;
  revision: number;
  createdAt: Date;
}

export interface InsertedEvent {
  lumaEventId: string;
  fields: EventFields;
  revision: number;
  /** Of an event that comes back. */
  createdAt?: Date;
}

/** What several observations together change; whoever carries it out decides nothing. */
export interface ChangePlan<Stored> {
  inserts: InsertedEvent[];
  updates: { stored: Stored; change: EventChange }[];
  /** Stored, and no longer for the organization's readers. */
  hides: Stored[];
  unchanged: number;
  /** Removed before, and there again. */
  back: string[];
  unusable: QuarantinedEntry[];
}

export function planChanges<Stored extends VersionedEvent>(
  visible: Iterable<ObservedEvent>,
  hidden: Iterable<string>,
  known: { stored: ReadonlyMap<string, Stored>; removed: ReadonlyMap<string, VersionedEvent> },
): ChangePlan<Stored> {
  const plan: ChangePlan<Stored> = {
    ...{ inserts: [], updates: [], hides: [], unchanged: 0, back: [], unusable: [] },
  };
  for (const { lumaEventId, fields } of visible) {
    const stored = known.stored.get(lumaEventId);
    const removed = known.removed.get(lumaEventId);
    const event = planEvent(stored, removed, fields);
    if (event.kind === 'unusable') {
      plan.unusable.push({ lumaEventId, problems: event.problems, values: { id: lumaEventId } });
      continue;
    }
    if (removed !== undefined) plan.back.push(lumaEventId);
    if (event.kind === 'insert') {
      const since = removed === undefined ? {} : { createdAt: removed.createdAt };
      plan.inserts.push({
        ...{ lumaEventId, fields: event.fields, revision: (removed?.revision ?? 0) + 1, ...since },
      });
    } else if (event.kind === 'change' && stored !== undefined) {
      plan.updates.push({ stored, change: event.change });
    } else plan.unchanged++;
  }
  for (const id of hidden) {
    const stored = known.stored.get(id);
    if (stored !== undefined) plan.hides.push(stored);
  }
  return plan;
}
