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
  if (listing) {
    const ids = [...merged.visible.keys()];
    const states = await store.states.read(orgId, ids);
    await store.states.change(orgId, managementChanges(merged.visible, states));
  }
  const since = new Date(Math.min(now.getTime(), Context.current().info.scheduledTimestampMs));
  const { unusable, ...applied } = await store.events.apply(orgId, merged, {
    now,
    since,
    syncBegan,
    ...(listing
      ? {
          beforeChange: (ids: string[]) =>
            store.states.change(
              orgId,
              ids.map((lumaEventId) => ({ lumaEventId, set: { dueAt: now } })),
            ),
        }
      : {}),
  });
  if (!listing) await store.states.change(orgId, pages.flatMap(askedChanges));

  await store.heldRemovals.forget(orgId, [...merged.visible.keys(), ...merged.hidden.keys()]);
  const quarantined = [...merged.quarantined, ...unusable];
  await store.quarantine.record(orgId, quarantined, now);
  const inOrder = new Set([...merged.visible.keys(), ...merged.hidden.keys()]);
  for (const { lumaEventId } of quarantined) if (lumaEventId !== null) inOrder.delete(lumaEventId);
  await store.quarantine.release(orgId, inOrder);
  await store.stagedPages.markApplied(pages, now);
  return { ...applied, quarantined: quarantined.length };
}

/** Whether Luma can be asked for an event alone, where it is not as remembered; and that it was not missing. */
function managementChanges(
  visible: ReadonlyMap<string, { managed: boolean }>,
  states: ReadonlyMap<string, EventState>,
): StateChange[] {
  const changes: StateChange[] = [];
  for (const [lumaEventId, { managed }] of visible) {
    const state = states.get(lumaEventId);
    const change: StateChange = { lumaEventId };
    if (managed !== (state?.managed ?? true)) change.set = { managed };
    if (state?.missedIn !== undefined) change.unset = ['missedIn'];
    if (change.set !== undefined || change.unset !== undefined) changes.push(change);
  }
  return changes;
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
