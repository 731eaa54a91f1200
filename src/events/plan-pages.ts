import { whyDetailsAreDue } from './details-due.js';
import type { ObservedEvent, QuarantinedEntry } from './event.js';
import type { EventState, StateChange } from './event-state.js';
import { type MergedPages, mergePages, type PageContents } from './merge-pages.js';
import {
  type ChangePlan,
  changingIds,
  type KnownEvents,
  type OddEvent,
  planChanges,
  type StoredEvent,
} from './plan.js';
import { mustAskBeforeHiding } from './visibility.js';

/** What Luma said at once: a page of a listing, or answers about single events. */
export interface AnsweredPage extends PageContents {
  phase: 'listing' | 'details' | 'removals' | 'settled';
  observedAt: Date;
  /** Events whose description the answer does not mention, though Luma can be asked for it. */
  undescribed: readonly { lumaEventId: string; startAt: Date }[];
  /** There is nothing for this key. */
  unavailable?: readonly string[];
}

/** What is known before pages are applied, all of one instant. */
export interface KnownBefore<Stored, Odd> extends KnownEvents<Stored, Odd> {
  /** Of a listing's events; by id. */
  states: ReadonlyMap<string, EventState>;
  /** Removals that wait for a decision, or for a sync to act on it. */
  held: readonly { lumaEventId: string; reason: string }[];
}

/** All that pages bring. Whoever carries it out decides nothing; a dry run shows it. */
export interface PagesPlan<Stored, Odd> extends ChangePlan<Stored, Odd> {
  /** Inserted, or changed and kept. */
  changing: string[];
  states: StateChange[];
  /** Removals that wait for nothing any more: what they are about is shown again. */
  over: string[];
  quarantined: QuarantinedEntry[];
  /** Events that are in order: they leave quarantine. */
  inOrder: Set<string>;
  /** Events whose details are to be asked for. */
  detailsDue: number;
}

/**
 * Plans what pages of one phase change, the oldest first.
 * @param known of all the events on them
 */
export function planPages<Stored extends StoredEvent, Odd extends OddEvent>(
  pages: readonly AnsweredPage[],
  known: KnownBefore<Stored, Odd>,
  clock: { now: Date; maxAgeMs: number },
): PagesPlan<Stored, Odd> {
  const merged = mergePages(pages);
  const { visible, hidden } = merged;
  const isListing = pages[0]?.phase === 'listing';
  const changes = planChanges(visible.values(), hidden.keys(), known, isListing ? 'listing' : 'single');
  const changing = changingIds(changes);
  // Of a new event that lacks something the listing has said so already.
  const quarantined = isListing ? [...merged.quarantined, ...changes.unusable] : merged.quarantined;
  const untrusted = new Set(idsOf([...quarantined, ...changes.unusable]));
  return {
    ...changes,
    hides: hidesAtOnce(changes, known),
    changing,
    states: isListing
      ? [...listedStates(pages, merged, changing, known.states), ...changes.places]
      : pages.flatMap(askedStates),
    over: overAndDone(merged, known),
    quarantined,
    inOrder: new Set([...visible.keys(), ...hidden.keys()].filter((id) => !untrusted.has(id))),
    detailsDue: isListing ? detailsDue(pages, merged, changing, { states: known.states, clock }) : 0,
  };
}

/**
 * How many events count as changed: each once in a sync, so that what its details add to a new or changed one is no
 * further change.
 * @param touched those that the listing of the same sync inserted or changed
 */
export function countChanged(plan: PagesPlan<StoredEvent, OddEvent>, touched: ReadonlySet<string>): number {
  const inserted = new Set(idsOf(plan.inserts));
  return plan.changing.filter((id) => !inserted.has(id) && !touched.has(id)).length;
}

/** Every event that pages speak of. */
export function idsOn(pages: readonly PageContents[]): string[] {
  return [
    ...new Set(
      pages.flatMap(({ events, hidden, quarantined }) => idsOf([...events, ...hidden, ...quarantined])),
    ),
  ];
}

/** A few go at once. Where it is most of them, or a person has been asked, the end of the listing decides. */
function hidesAtOnce<Stored extends StoredEvent, Odd extends OddEvent>(
  { hides }: ChangePlan<Stored, Odd>,
  { stored, odd, held }: KnownBefore<Stored, Odd>,
): (Stored | Odd)[] {
  if (mustAskBeforeHiding(hides.length, stored.size + odd.size)) return [];
  const asked = new Set(idsOf(held.filter(({ reason }) => reason === 'not-public')));
  return hides.filter(({ lumaEventId }) => !asked.has(lumaEventId));
}

function overAndDone(
  { visible, hidden, quarantined }: MergedPages,
  { held }: Pick<KnownBefore<never, never>, 'held'>,
): string[] {
  const untrusted = new Set(idsOf(quarantined));
  const isOver = ({ lumaEventId: id, reason }: { lumaEventId: string; reason: string }) =>
    visible.has(id) || untrusted.has(id) || (hidden.has(id) && reason !== 'not-public');
  return idsOf(held.filter(isOver));
}

/** What a listing changes of what is remembered about its events. */
function listedStates(
  pages: readonly AnsweredPage[],
  { visible }: MergedPages,
  changing: readonly string[],
  states: ReadonlyMap<string, EventState>,
): StateChange[] {
  const dueAt = new Date(Math.max(...pages.map(({ observedAt }) => observedAt.getTime())));
  // Those that were never asked for are due in any case, so that a first sync has nothing to remember here.
  const due = changing.filter((id) => states.get(id)?.detailsAt !== undefined);
  // What a listing shows was not missing in it, trusted or not.
  const missed = idsOn(pages).filter((id) => states.get(id)?.missedIn !== undefined);
  return [
    ...[...visible.values()].flatMap((event) => managementChange(event, states)),
    ...due.map((lumaEventId) => ({ lumaEventId, set: { dueAt } })),
    ...missed.map((lumaEventId): StateChange => ({ lumaEventId, unset: ['missedIn'] })),
  ];
}

/** Whether Luma can be asked for an event alone, where it is not as remembered. */
function managementChange(
  { lumaEventId, managed }: ObservedEvent,
  states: ReadonlyMap<string, EventState>,
): StateChange[] {
  const remembered = states.get(lumaEventId)?.managed ?? true;
  return managed === undefined || managed === remembered ? [] : [{ lumaEventId, set: { managed } }];
}

/** Every event that was asked for, whatever the answer: asking again at once would bring nothing else. */
function askedStates(page: AnsweredPage): StateChange[] {
  const { observedAt, events, hidden, quarantined, unavailable = [] } = page;
  return [...idsOf([...events, ...hidden, ...quarantined]), ...unavailable].map((lumaEventId) => ({
    lumaEventId,
    set: { detailsAt: observedAt },
  }));
}

/** Those without news were counted as they were listed. */
function detailsDue(
  pages: readonly AnsweredPage[],
  { visible }: MergedPages,
  changing: readonly string[],
  { states, clock }: { states: ReadonlyMap<string, EventState>; clock: { now: Date; maxAgeMs: number } },
): number {
  const changed = new Set(changing);
  const undescribed = new Map(
    pages.flatMap((page) => page.undescribed.map(({ lumaEventId, startAt }) => [lumaEventId, startAt])),
  );
  return [...undescribed].filter(([id, startAt]) => {
    if (!visible.has(id)) return false;
    return changed.has(id) || whyDetailsAreDue(states.get(id) ?? {}, startAt, clock) !== null;
  }).length;
}

function idsOf(events: readonly { lumaEventId: string | null }[]): string[] {
  return events.flatMap(({ lumaEventId }) => lumaEventId ?? []);
}
