import { diffEvent, type EventChange, mergeObserved } from './diff.js';
import type { EntryProblem, EventFields, ObservedEvent, ObservedFields, QuarantinedEntry } from './event.js';
import { fingerprintOf } from './fingerprint.js';
import { newEventFields } from './new-event.js';
import { takeOver, type TakeOver } from './take-over.js';

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
}

export interface InsertedEvent {
  lumaEventId: string;
  /** Of the listing that showed it. */
  fingerprint?: string;
  fields: EventFields;
  revision: number;
  /** Of an event that comes back. */
  createdAt?: Date;
}

/** What several observations together change; whoever carries it out decides nothing. */
export interface ChangePlan<Stored, Odd> {
  inserts: InsertedEvent[];
  /** `fingerprint: null`: what the last listing said does not stand any more. */
  updates: { stored: Stored; change: EventChange; fingerprint?: string | null }[];
  /** As stored, though the listing says it in another way than before. */
  refreshed: { stored: Stored; fingerprint: string }[];
  takeOvers: { odd: Odd; takeOver: TakeOver }[];
  /** Stored, and no longer for the organization's readers. */
  hides: (Stored | Odd)[];
  unchanged: number;
  /** Removed before, and there again. */
  back: string[];
  unusable: QuarantinedEntry[];
}

/** @param source only a listing's word has a fingerprint: details say more, and of a single event */
export function planChanges<Stored extends StoredEvent, Odd extends OddEvent>(
  visible: Iterable<ObservedEvent>,
  hidden: Iterable<string>,
  known: KnownEvents<Stored, Odd>,
  source: 'listing' | 'single' = 'listing',
): ChangePlan<Stored, Odd> {
  const plan: ChangePlan<Stored, Odd> = {
    ...{
      inserts: [],
      updates: [],
      refreshed: [],
      takeOvers: [],
      hides: [],
      unchanged: 0,
      back: [],
      unusable: [],
    },
  };
  const unusable = (lumaEventId: string, problems: EntryProblem[]) =>
    void plan.unusable.push({ lumaEventId, problems, values: { id: lumaEventId } });
  for (const observed of visible) {
    const { lumaEventId, fields } = observed;
    const print = source === 'listing' ? { fingerprint: fingerprintOf(observed) } : {};
    const removed = known.removed.get(lumaEventId);
    const odd = known.odd.get(lumaEventId);
    if (odd !== undefined) {
      const over = takeOver(odd.fields, fields);
      if ('problems' in over) unusable(lumaEventId, over.problems);
      else plan.takeOvers.push({ odd, takeOver: over });
      continue;
    }
    const stored = known.stored.get(lumaEventId);
    const event = planEvent(stored, removed?.fields, fields);
    if (event.kind === 'unusable') {
      unusable(lumaEventId, event.problems);
      continue;
    }
    if (removed !== undefined) plan.back.push(lumaEventId);
    if (event.kind === 'insert') {
      const since = removed?.createdAt === undefined ? {} : { createdAt: removed.createdAt };
      plan.inserts.push({
        ...{ lumaEventId, fields: event.fields, revision: (removed?.revision ?? 0) + 1, ...since, ...print },
      });
    } else if (event.kind === 'change' && stored !== undefined) {
      const isListed = source === 'listing' || isDescriptionOnly(event.change);
      plan.updates.push({ stored, change: event.change, ...(isListed ? print : { fingerprint: null }) });
    } else {
      plan.unchanged++;
      const { fingerprint } = print;
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
  return [...inserts, ...updates.map(({ stored }) => stored), ...takeOvers.map(({ odd }) => odd)].map(
    ({ lumaEventId }) => lumaEventId,
  );
}
