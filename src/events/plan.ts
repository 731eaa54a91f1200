import { isDeepStrictEqual } from 'node:util';
import { diffEvent, type EventChange, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedEvent, ObservedFields, QuarantinedEntry } from './event.js';
import type { EventState, StateChange } from './event-state.js';
import { fingerprintOf } from './fingerprint.js';
import { newEventFields, takeOver } from './new-event.js';
import { withSuggestions } from './suggestions.js';

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
  removed: Partial<EventFields> | undefined,
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

/** What a plan needs of a stored event beside its fields. */
export interface StoredEvent extends EventFields {
  lumaEventId: string;
  revision: number;
  fingerprint?: string;
}

/** The last state of an event that is gone, as far as it is usable. */
export interface RemovedEvent {
  fields: Partial<EventFields>;
  revision: number;
  createdAt?: Date;
}

/** A document of the event that this program has not written, or that was damaged. */
export interface OddEvent {
  lumaEventId: string;
  /** 0: this program never wrote it. */
  revision: number;
  createdAt?: Date;
  /** What of it can be used. */
  fields: Partial<EventFields>;
  /** Is an event of Luma as far as can be told, so that it may be removed. */
  considered: boolean;
}

/** What is known of some events, by id. */
export interface KnownEvents<Stored, Odd> {
  stored: ReadonlyMap<string, Stored>;
  odd: ReadonlyMap<string, Odd>;
  removed: ReadonlyMap<string, RemovedEvent>;
  /** Of a listing's events. */
  states?: ReadonlyMap<string, EventState>;
}

export interface InsertedEvent {
  lumaEventId: string;
  /** Of the listing that showed it. */
  fingerprint?: string;
  fields: EventFields;
  /** 1, or one more than it had before it was gone. */
  revision: number;
  /** Of an event that comes back. */
  createdAt?: Date;
}

/** One stored event that is written. */
export interface EventUpdate<Target> {
  target: Target;
  set: Partial<EventFields>;
  unset: (keyof EventFields)[];
  revision: number;
  /** `null`: what the last listing said does not stand any more. Absent: it stands. */
  fingerprint?: string | null;
}

/** What several observations together change; whoever carries it out decides nothing. */
export interface ChangePlan<Stored, Odd> {
  inserts: InsertedEvent[];
  updates: EventUpdate<Stored>[];
  /** As stored, though the listing says it in another way than before: no change that a reader could see. */
  refreshed: { stored: Stored; fingerprint: string }[];
  /** Every field is written. Without a fingerprint: the next listing compares it once more. */
  takeOvers: (EventUpdate<Odd> & { set: EventFields })[];
  /** Stored, and no longer for the organization's readers. */
  hides: (Stored | Odd)[];
  unchanged: number;
  /** Removed before, and there again. */
  back: string[];
  unusable: QuarantinedEntry[];
  /** What is to be remembered of places. */
  places: StateChange[];
}

/** @param source only a listing's word has a fingerprint: details say more, and of a single event */
export function planChanges<Stored extends StoredEvent, Odd extends OddEvent>(
  visible: Iterable<ObservedEvent>,
  hidden: Iterable<string>,
  known: KnownEvents<Stored, Odd>,
  source: 'listing' | 'single' = 'listing',
): ChangePlan<Stored, Odd> {
  const plan: ChangePlan<Stored, Odd> = {
    ...{ inserts: [], updates: [], refreshed: [], takeOvers: [] },
    ...{ hides: [], unchanged: 0, back: [], unusable: [], places: [] },
  };
  const unusable = (lumaEventId: string, problems: EntryProblem[]) =>
    void plan.unusable.push({ lumaEventId, problems, values: { id: lumaEventId } });
  for (const observed of visible) {
    const { lumaEventId } = observed;
    const fingerprint = source === 'listing' ? fingerprintOf(observed) : undefined;
    const removed = known.removed.get(lumaEventId);
    const odd = known.odd.get(lumaEventId);
    const stored = known.stored.get(lumaEventId);
    const before = {
      fields: stored ?? odd?.fields ?? removed?.fields ?? {},
      ...known.states?.get(lumaEventId),
    };
    const { fields, standing } = withSuggestions(observed, before);
    if (!isDeepStrictEqual(standing, before.standing ?? [])) {
      const change =
        standing.length > 0 ? { set: { standing: [...standing] } } : { unset: ['standing' as const] };
      plan.places.push({ lumaEventId, ...change });
    }
    if (odd !== undefined) {
      const over = takeOver(odd.fields, fields);
      if ('problems' in over) unusable(lumaEventId, over.problems);
      else plan.takeOvers.push({ target: odd, ...over, revision: odd.revision + 1 });
      continue;
    }
    const event = planEvent(stored, removed?.fields, fields);
    if (event.kind === 'unusable') {
      unusable(lumaEventId, event.problems);
      continue;
    }
    if (removed !== undefined) plan.back.push(lumaEventId);
    if (event.kind === 'insert') {
      const { revision = 0, createdAt } = removed ?? {};
      plan.inserts.push({
        ...{ lumaEventId, fields: event.fields, revision: revision + 1 },
        ...{ fingerprint, createdAt },
      });
    } else if (event.kind === 'change' && stored !== undefined) {
      const stands = source === 'listing' || isDescriptionOnly(event.change);
      plan.updates.push({
        ...{ target: stored, ...event.change, revision: stored.revision + 1 },
        fingerprint: stands ? fingerprint : null,
      });
    } else {
      plan.unchanged++;
      if (stored !== undefined && fingerprint !== undefined && stored.fingerprint !== fingerprint) {
        plan.refreshed.push({ stored, fingerprint });
      }
    }
  }
  for (const id of hidden) {
    const odd = known.odd.get(id);
    const stored = known.stored.get(id) ?? (odd?.considered === true ? odd : undefined);
    if (stored !== undefined) plan.hides.push(stored);
  }
  return plan;
}

/** Listings are silent about it, so that what they say stands. */
function isDescriptionOnly({ set, unset }: EventChange): boolean {
  return [...Object.keys(set), ...unset].every((name) => name === 'description');
}

/** The events that a plan changes and keeps. */
export function changingIds({ inserts, updates, takeOvers }: ChangePlan<StoredEvent, OddEvent>): string[] {
  return [...inserts, ...[...updates, ...takeOvers].map(({ target }) => target)].map(
    ({ lumaEventId }) => lumaEventId,
  );
}
