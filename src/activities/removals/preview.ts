import type { RemovalGuard } from '../../events/removal-guard.js';
import { countChanged, type PagesPlan } from '../../events/plan-pages.js';
import { decideRemovals, type RemovalQuestion } from '../../events/removals.js';
import type { SyncWindow } from '../../events/window.js';
import type { EventDoc, OrgId, SettledRemovals } from '../../mongo/documents.js';
import type { Store } from '../../mongo/store.js';
import type { TakeoverDoc } from '../../mongo/stored-event.js';
import { planStaged } from '../apply-pages.js';
import { changedEntries, hiddenEntries, MAX_ENTRIES } from '../preview-entries.js';
import { removalQuestion, type PlannedChanges } from './question.js';

export interface PreviewedSync {
  orgId: OrgId;
  syncId: string;
  window: SyncWindow | undefined;
  /** Luma can be asked for single events. */
  canAsk: boolean;
  clock: { now: Date; maxAgeMs: number };
}

/** The question of a dry run's removals, as a real sync would meet it: with what its listing would have written. */
export async function questionAhead(store: Store, sync: PreviewedSync): Promise<RemovalQuestion> {
  const { orgId, syncId, window, canAsk } = sync;
  const planned = plannedBy([await planPhase(store, sync, 'listing')]);
  return await removalQuestion(store, orgId, syncId, { window, canAsk, planned, now: sync.clock.now });
}

/** What a real sync's removals would come to; written into the report and nowhere else. */
export async function previewRemovals(
  store: Store,
  sync: PreviewedSync,
  guard: RemovalGuard,
): Promise<Omit<SettledRemovals, 'approved' | 'done'>> {
  const { orgId, syncId, window, canAsk } = sync;
  const listed = await planPhase(store, sync, 'listing');
  // Not listed, and still there: what Luma says of them now would be stored.
  const asked = await planPhase(store, sync, 'removals');
  const question = await removalQuestion(store, orgId, syncId, {
    window,
    canAsk,
    now: sync.clock.now,
    planned: plannedBy([listed, asked]),
  });
  const { going, held, unresolved } = decideRemovals(question, syncId, guard);
  const { askable, notAskable, hidden } = question;
  const titles = new Map([...askable, ...notAskable, ...hidden].map((one) => [one.lumaEventId, one.title]));
  const named = ({ lumaEventId, reason }: { lumaEventId: string; reason: string }) => {
    return { lumaEventId, title: titles.get(lumaEventId) ?? '', reason };
  };
  const isHidden = ({ reason }: { reason: string }) => reason === 'not-public';
  await store.runs.preview(syncId, {
    hidden: [...hiddenEntries(listed), ...hiddenEntries(asked), ...going.filter(isHidden).map(named)],
    removed: going.filter((one) => !isHidden(one)).map(named),
    held: held.map(named),
    changed: [...changedEntries(listed), ...changedEntries(asked)].slice(0, MAX_ENTRIES),
  });
  return {
    // Those of the listing are counted already.
    removed: going.length + asked.hides.length,
    held: held.length,
    unresolved,
    changed: countChanged(asked, new Set(listed.changing)),
  };
}

type Plan = PagesPlan<EventDoc, TakeoverDoc>;

async function planPhase(
  store: Store,
  { orgId, syncId, clock }: PreviewedSync,
  phase: 'listing' | 'removals',
): Promise<Plan> {
  const pages = await store.stagedPages.range(syncId, phase, 1, Number.MAX_SAFE_INTEGER);
  return await planStaged(store, orgId, pages, clock);
}

function plannedBy(plans: readonly Plan[]): PlannedChanges {
  const notCounted = ({ takeOvers }: Plan) => takeOvers.filter(({ target }) => !target.considered).length;
  return {
    added: plans.reduce((sum, plan) => sum + plan.inserts.length + notCounted(plan), 0),
    gone: new Set(plans.flatMap(({ hides }) => hides.map(({ lumaEventId }) => lumaEventId))),
    over: new Set(plans.flatMap(({ over }) => over)),
  };
}
