import type { ClientSession } from 'mongodb';
import { countChanged, idsOn, type PagesPlan, planPages } from '../events/plan-pages.js';
import type { AppliedPage, EventDoc, OrgId, StagedPageDoc } from '../mongo/documents.js';
import type { FencedWrite } from '../mongo/fence.js';
import type { Store } from '../mongo/store.js';
import type { TakeoverDoc } from '../mongo/stored-event.js';

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
  const at = now();
  const clock = { now: at, maxAgeMs: detailsMaxAgeMs };
  const plan = await planStaged(store, write.orgId, pages, clock, write.session);
  const { changing, quarantined } = plan;
  const isListing = pages[0]?.phase === 'listing';
  const source = isListing ? 'listing' : 'details';

  await store.events.write(write, plan, at);
  await store.states.change(write, plan.states);
  await store.heldRemovals.forget(write, plan.over);
  await store.quarantine.record(write, source, quarantined, at);
  await store.quarantine.release(write, source, plan.inOrder);
  const touched =
    isListing || changing.length === 0 ? new Set<string>() : await store.stagedPages.touched(write, changing);
  const applied: AppliedPage = {
    at,
    inserted: plan.inserts.length,
    changed: countChanged(plan, touched),
    unchanged: plan.unchanged,
    removed: plan.hides.length,
    quarantined: quarantined.length,
    detailsDue: plan.detailsDue,
    touched: isListing && changing.length > 0 ? changing : undefined,
  };
  await store.stagedPages.markApplied(write, pages, applied);
  return applied;
}

/** What these pages change; in a transaction, as it stands when that is carried out. */
export async function planStaged(
  store: Store,
  orgId: OrgId,
  pages: readonly StagedPageDoc[],
  clock: { now: Date; maxAgeMs: number },
  session?: ClientSession,
): Promise<PagesPlan<EventDoc, TakeoverDoc>> {
  const ids = idsOn(pages);
  const known = await store.events.known(orgId, ids, session);
  const isListing = pages[0]?.phase === 'listing';
  const states = isListing ? await store.states.read(orgId, ids, session) : new Map<string, never>();
  const held = await store.heldRemovals.list(orgId, session);
  return planPages(pages, { ...known, states, held }, clock);
}
