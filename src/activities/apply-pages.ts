import type { ObservedEvent } from '../events/event.js';
import { whyDetailsAreDue } from '../events/details-due.js';
import { type MergedPages, mergePages } from '../events/merge-pages.js';
import { changingIds, planChanges } from '../events/plan.js';
import { mustAskBeforeHiding } from '../events/visibility.js';
import type { AppliedPage, HeldRemovalDoc, StagedPageDoc } from '../mongo/documents.js';
import type { EventState, StateChange } from '../mongo/event-states.js';
import type { EventsPlan } from '../mongo/events.js';
import type { FencedWrite } from '../mongo/fence.js';
import type { Store } from '../mongo/store.js';

/** Events in one transaction: enough to be few, few enough to be quick. */
const EVENTS_A_WRITE = 500;

export interface ApplyOptions {
  now: () => Date;
  detailsMaxAgeMs: number;
  signal: AbortSignal;
}

/**
 * Applies staged pages of one phase of a sync, in order, each of them once: what the pages say, what is remembered of
 * their events, and the mark that they are applied are written together or not at all.
 *
 * @param pages as they were read; those that are applied already only tell what that did
 */
export async function applyPages(
  store: Store,
  sync: Pick<FencedWrite, 'orgId' | 'syncId'>,
  pages: readonly StagedPageDoc[],
  options: ApplyOptions,
): Promise<AppliedPage> {
  const total: AppliedPage = { ...NOTHING, at: options.now() };
  const add = (applied: AppliedPage) => {
    for (const name of COUNTS) total[name] += applied[name];
  };
  for (const { applied } of pages) if (applied !== undefined) add(applied);
  for (const group of groupsOf(pages.filter(({ applied }) => applied === undefined))) {
    options.signal.throwIfAborted();
    add(
      await store.fences.write(sync.orgId, sync.syncId, (write) => applyGroup(store, write, group, options)),
    );
  }
  return total;
}

const COUNTS = ['inserted', 'changed', 'unchanged', 'removed', 'quarantined', 'detailsDue'] as const;
const NOTHING = { inserted: 0, changed: 0, unchanged: 0, removed: 0, quarantined: 0, detailsDue: 0 };

function groupsOf(pages: readonly StagedPageDoc[]): StagedPageDoc[][] {
  const groups: StagedPageDoc[][] = [];
  let events = Infinity;
  for (const page of pages) {
    events += page.entries;
    if (events > EVENTS_A_WRITE) {
      groups.push([]);
      events = page.entries;
    }
    groups.at(-1)?.push(page);
  }
  return groups;
}

async function applyGroup(
  store: Store,
  write: FencedWrite,
  pages: readonly StagedPageDoc[],
  { now, detailsMaxAgeMs }: ApplyOptions,
): Promise<AppliedPage> {
  const { orgId, session } = write;
  const at = now();
  const merged = mergePages(pages);
  const listing = pages[0]?.phase === 'listing';
  const seen = idsOf(merged);
  const known = await store.events.known(orgId, seen, session);
  const states = listing ? await store.states.read(orgId, seen, session) : new Map<string, EventState>();
  const held = await store.heldRemovals.list(orgId, session);

  const plan = planChanges(
    merged.visible.values(),
    merged.hidden.keys(),
    known,
    listing ? 'listing' : 'single',
  );
  plan.hides = hidesAtOnce(plan, known.stored.size + known.odd.size, held);
  await store.events.write(write, plan, at);

  const stateChanges = listing
    ? listingStates(merged, plan, states, newestOf(pages))
    : pages.flatMap(askedStates);
  await store.states.change(write, stateChanges);
  await store.heldRemovals.forget(write, overAndDone(held, merged));

  const source = listing ? 'listing' : 'details';
  // Of a new event that lacks something the listing has said so already.
  const quarantined = listing ? [...merged.quarantined, ...plan.unusable] : merged.quarantined;
  await store.quarantine.record(write, source, quarantined, at);
  const untrusted = new Set([...quarantined, ...plan.unusable].map(({ lumaEventId }) => lumaEventId));
  const inOrder = [...merged.visible.keys(), ...merged.hidden.keys()].filter((id) => !untrusted.has(id));
  await store.quarantine.release(write, source, new Set(inOrder));

  const due = listing ? detailsDue(pages, merged, states, plan, { now: at, maxAgeMs: detailsMaxAgeMs }) : 0;
  const changing = changingIds(plan);
  const inserted = new Set(plan.inserts.map(({ lumaEventId }) => lumaEventId));
  // An event counts once: what its details add to a new or changed one is no further change.
  const touched =
    listing || changing.length === 0 ? new Set() : await store.stagedPages.touched(write, changing);
  const applied: AppliedPage = {
    at,
    inserted: plan.inserts.length,
    changed: changing.filter((id) => !inserted.has(id) && !touched.has(id)).length,
    unchanged: plan.unchanged,
    removed: plan.hides.length,
    quarantined: quarantined.length,
    detailsDue: due,
    ...(listing && changing.length > 0 ? { touched: changing } : {}),
  };
  await store.stagedPages.markApplied(write, pages, applied);
  return applied;
}

/** A few go at once. Where it is most of them, or a person has been asked, the end of the listing decides. */
function hidesAtOnce(
  { hides }: EventsPlan,
  stored: number,
  held: readonly HeldRemovalDoc[],
): EventsPlan['hides'] {
  if (mustAskBeforeHiding(hides.length, stored)) return [];
  const asked = new Set(
    held.flatMap(({ lumaEventId, reason }) => (reason === 'not-public' ? lumaEventId : [])),
  );
  return hides.filter(({ lumaEventId }) => !asked.has(lumaEventId));
}

/** Removals that wait for a decision about what the pages show again. */
function overAndDone(
  held: readonly HeldRemovalDoc[],
  { visible, hidden, quarantined }: MergedPages,
): string[] {
  const untrusted = new Set(quarantined.map(({ lumaEventId }) => lumaEventId));
  return held.flatMap(({ lumaEventId, reason }) => {
    const isShown = visible.has(lumaEventId) || untrusted.has(lumaEventId);
    return isShown || (hidden.has(lumaEventId) && reason !== 'not-public') ? lumaEventId : [];
  });
}

function idsOf({ visible, hidden, quarantined }: MergedPages): string[] {
  const untrusted = quarantined.flatMap(({ lumaEventId }) => lumaEventId ?? []);
  return [...new Set([...visible.keys(), ...hidden.keys(), ...untrusted])];
}

function newestOf(pages: readonly StagedPageDoc[]): Date {
  return new Date(Math.max(...pages.map(({ observedAt }) => observedAt.getTime())));
}

/** What a listing changes of what is remembered about its events. */
function listingStates(
  merged: MergedPages,
  plan: EventsPlan,
  states: ReadonlyMap<string, EventState>,
  dueAt: Date,
): StateChange[] {
  // Those that were never asked for are due in any case, so that a first sync has nothing to remember here.
  const due = changingIds(plan).filter((id) => states.get(id)?.detailsAt !== undefined);
  // What a listing shows was not missing in it, trusted or not.
  const missed = idsOf(merged).filter((id) => states.get(id)?.missedIn !== undefined);
  return [
    ...[...merged.visible.values()].flatMap((event) => managementChange(event, states)),
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
function askedStates(page: StagedPageDoc): StateChange[] {
  const { observedAt, events, hidden, quarantined, unavailable = [] } = page;
  const ids = [
    ...[...events, ...hidden, ...quarantined].flatMap(({ lumaEventId }) => lumaEventId ?? []),
    ...unavailable,
  ];
  return ids.map((lumaEventId) => ({ lumaEventId, set: { detailsAt: observedAt } }));
}

/** Events of these pages whose details are to be asked for, as far as they are stored. */
function detailsDue(
  pages: readonly StagedPageDoc[],
  { visible }: MergedPages,
  states: ReadonlyMap<string, EventState>,
  plan: EventsPlan,
  clock: { now: Date; maxAgeMs: number },
): number {
  const changed = new Set(changingIds(plan));
  const undescribed = new Map(
    pages.flatMap((page) => page.undescribed.map(({ lumaEventId, startAt }) => [lumaEventId, startAt])),
  );
  // Those without news were counted as they were listed.
  return [...undescribed].filter(([id, startAt]) => {
    if (!visible.has(id)) return false;
    return changed.has(id) || whyDetailsAreDue(states.get(id) ?? {}, startAt, clock) !== null;
  }).length;
}
