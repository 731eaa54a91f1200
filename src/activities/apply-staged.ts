import { Context } from '@temporalio/activity';
import { mergePages } from '../events/merge-pages.js';
import type { OrgId, StagedPageDoc } from '../mongo/documents.js';
import type { EventState, StateChange } from '../mongo/event-states.js';
import type { ApplyResult } from '../mongo/events.js';
import type { Store } from '../mongo/store.js';

export interface Applied extends Omit<ApplyResult, 'unusable'> {
  quarantined: number;
}

/**
 * Applies staged pages of one phase, in order, and remembers about each event what the next phases and syncs need:
 * that its details are due, or were just asked for. What is remembered is written before the events where losing it
 * would lose a request, and after them where it would claim too much.
 */
export async function applyStaged(
  store: Store,
  orgId: OrgId,
  pages: readonly StagedPageDoc[],
  { now, syncBegan }: { now: Date; syncBegan: Date },
): Promise<Applied> {
  const [oldest] = pages;
  if (oldest === undefined) return { inserted: 0, changed: 0, unchanged: 0, removed: 0, quarantined: 0 };
  const merged = mergePages(pages, await store.stagedPages.appliedAfter(orgId, oldest.observedAt));
  const listing = oldest.phase === 'listing';
  const untrusted = merged.quarantined.flatMap(({ lumaEventId }) => lumaEventId ?? []);
  const seen = [...merged.visible.keys(), ...merged.hidden.keys(), ...untrusted];
  const states = listing ? await store.states.read(orgId, seen) : new Map<string, EventState>();
  if (listing) {
    await store.states.change(orgId, [
      ...managementChanges(merged.visible, states),
      ...missChanges(seen, states),
    ]);
  }
  // By the time that answers are stamped with, so that a slow clock hides no change from the next details.
  const dueAt = new Date(Math.max(...pages.map(({ observedAt }) => observedAt.getTime())));
  // Those that were never asked for are due in any case, so that a first sync has nothing to remember here.
  const askAgain = async (ids: string[]) => {
    const asked = ids.filter((id) => states.get(id)?.detailsAt !== undefined);
    await store.states.change(
      orgId,
      asked.map((lumaEventId) => ({ lumaEventId, set: { dueAt } })),
    );
  };
  const since = new Date(Math.min(now.getTime(), Context.current().info.scheduledTimestampMs));
  const { unusable, ...applied } = await store.events.apply(orgId, merged, {
    now,
    since,
    syncBegan,
    ...(listing ? { beforeChange: askAgain } : {}),
  });
  if (!listing) await store.states.change(orgId, pages.flatMap(askedChanges));

  await store.heldRemovals.forget(orgId, seen);
  const quarantined = [...merged.quarantined, ...unusable];
  // Not before the sync began, by a clock that is slow: the end of the sync forgets what was last seen earlier.
  await store.quarantine.record(orgId, quarantined, new Date(Math.max(now.getTime(), syncBegan.getTime())));
  const inOrder = new Set([...merged.visible.keys(), ...merged.hidden.keys()]);
  for (const { lumaEventId } of quarantined) if (lumaEventId !== null) inOrder.delete(lumaEventId);
  await store.quarantine.release(orgId, inOrder);
  await store.stagedPages.markApplied(pages, now);
  return { ...applied, quarantined: quarantined.length };
}

/** Whether Luma can be asked for an event alone, where it is not as remembered. */
function managementChanges(
  visible: ReadonlyMap<string, { managed?: boolean }>,
  states: ReadonlyMap<string, EventState>,
): StateChange[] {
  const changes: StateChange[] = [];
  for (const [lumaEventId, { managed }] of visible) {
    if (managed !== undefined && managed !== (states.get(lumaEventId)?.managed ?? true))
      changes.push({ lumaEventId, set: { managed } });
  }
  return changes;
}

/** What a listing shows was not missing in it, trusted or not. */
function missChanges(seen: readonly string[], states: ReadonlyMap<string, EventState>): StateChange[] {
  const missed = seen.filter((lumaEventId) => states.get(lumaEventId)?.missedIn !== undefined);
  return missed.map((lumaEventId) => ({ lumaEventId, unset: ['missedIn'] }));
}

/** Every event that was asked for, whatever the answer: asking again at once would bring nothing else. */
function askedChanges({
  observedAt,
  events,
  hidden,
  quarantined,
  unavailable = [],
}: StagedPageDoc): StateChange[] {
  const ids = [
    ...[...events, ...hidden, ...quarantined].flatMap(({ lumaEventId }) => lumaEventId ?? []),
    ...unavailable,
  ];
  return ids.map((lumaEventId) => ({ lumaEventId, set: { detailsAt: observedAt } }));
}
