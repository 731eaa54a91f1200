import { DEFAULT_GUARD } from '../events/removal-guard.js';
import { decideRemovals, type Leaving, type RemovalDecision } from '../events/removals.js';
import type { SyncWindow } from '../events/window.js';
import type { AppliedPage, SettledRemovals } from '../mongo/documents.js';
import type { FencedWrite } from '../mongo/fence.js';
import { applyPages } from './apply-pages.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { askAboutRemovals } from './removals/ask.js';
import { type PreviewedSync, previewRemovals, questionAhead } from './removals/preview.js';
import { removalQuestion } from './removals/question.js';
import { enterSync, type SyncIds, type SyncScope } from './sync-scope.js';
import { NO_WAIT, type Wait } from './wait.js';

export interface SettleRemovalsInput extends SyncIds {
  window?: SyncWindow;
  /** Calls before this one in which Luma could not be reached. Default 0. */
  failedInARow?: number;
}

export interface SettleRemovalsOutput extends Wait {
  /** Every event in question is decided, and the decision is carried out. */
  complete: boolean;
  /** Events about which Luma has given its word so far. */
  decided: number;
  removed: number;
  /** Wait for a person, because so many would go. */
  held: number;
  /** Luma's answer decides nothing: kept, looked at again in the next sync. */
  unresolved: number;
  /** Still there after all, and different from what was stored. */
  changed: number;
  requests: number;
}

interface CarryOutOptions {
  window: SyncWindow | undefined;
  /** What is still there, as Luma says now, is stored: what that came to. */
  applied: Pick<AppliedPage, 'changed' | 'removed'>;
  signal: AbortSignal;
  /** Of a sync without a listing: the only events in question. */
  only?: readonly string[];
}

/** Removals in one transaction. */
const REMOVALS_A_WRITE = 500;
const NOTHING_SETTLED = { removed: 0, held: 0, unresolved: 0, changed: 0 };

/**
 * Decides about stored events that a complete listing did not show, or showed as not public. Each of the first is
 * asked for alone: only Luma's word that it is cancelled or managed elsewhere removes it. Events that cannot be asked
 * for, as all of a feed, go after two complete listings in a row without them. Where so many would go that something else must be wrong,
 * nothing goes and a person decides.
 */
export function settleRemovals(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const guard = { ...DEFAULT_GUARD, ...deps.guard };
  const { maxAgeMs: detailsMaxAgeMs } = { ...DEFAULT_DETAILS, ...deps.details };
  const { carryOut } = removalsWriter(deps);

  return async (input: SettleRemovalsInput): Promise<SettleRemovalsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, window, dryRun = false, failedInARow = 0 } = input;
      const scope = await enterSync(deps, input);
      const orgId = scope.org._id;
      const clock = { now: now(), maxAgeMs: detailsMaxAgeMs };
      const canAsk = scope.source.getEvent !== null;
      const previewed: PreviewedSync = { orgId, syncId, window, canAsk, clock };
      const question = dryRun
        ? await questionAhead(store, previewed)
        : await removalQuestion(store, orgId, syncId, { window, canAsk, now: clock.now });
      const asking = { scope, tally, signal, failedInARow };
      const wait = await askAboutRemovals({ ...deps, guard }, question, asking);
      const progress = { decided: question.verdicts.size, requests: tally.requests };
      if (wait !== null) return { complete: false, ...progress, ...NOTHING_SETTLED, ...wait };
      const settled = dryRun
        ? await previewRemovals(store, previewed, guard)
        : await carryOut(scope, { window, applied: await applied(scope, question.batches, signal), signal });
      const { removed, held, unresolved, changed } = settled;
      return { complete: true, ...progress, removed, held, unresolved, changed, ...NO_WAIT };
    });

  /** Outside of the window or the page, and still there: what Luma says of them now is stored. */
  async function applied(
    { org, syncId }: SyncScope,
    batches: number,
    signal: AbortSignal,
  ): Promise<AppliedPage> {
    const pages = batches === 0 ? [] : await store.stagedPages.range(syncId, 'removals', 1, batches);
    return await applyPages(store, { orgId: org._id, syncId }, pages, { now, detailsMaxAgeMs, signal });
  }
}

/** Carries out what Luma has said about single events, once all of it is staged. */
export function removalsWriter(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const guard = { ...DEFAULT_GUARD, ...deps.guard };
  return { carryOut };

  /** Removes what is gone: some at a time, each part with what it came to. */
  async function carryOut(
    { org, syncId, source }: SyncScope,
    { window, applied, signal, only }: CarryOutOptions,
  ): Promise<SettledRemovals> {
    const orgId = org._id;
    const { changed, removed } = applied;
    for (;;) {
      signal.throwIfAborted();
      const settled = await store.fences.write(orgId, syncId, async (write) => {
        const before = await store.stagedPages.settled(syncId, write.session);
        if (before?.done === true) return before;
        // Read anew: a person may have decided meanwhile. A decision that comes now ends this transaction.
        const question = await removalQuestion(store, orgId, syncId, {
          ...{ window, canAsk: source.getEvent !== null, now: now(), only },
          ...{ session: write.session, goneApproved: before?.approved },
        });
        const decision = decideRemovals(question, syncId, guard);
        // What is decided first is carried out, whatever the removals leave for the guard to count.
        return await carryOutPart(
          write,
          decision,
          before ?? { ...NOTHING_SETTLED, removed, changed, approved: 0, done: false },
        );
      });
      if (settled.done) return settled;
    }
  }

  async function carryOutPart(
    write: FencedWrite,
    { going, held, missed, unresolved }: RemovalDecision,
    before: SettledRemovals,
  ): Promise<SettledRemovals> {
    const at = now();
    const part = going.slice(0, REMOVALS_A_WRITE);
    const moved = await store.events.remove(write, new Map(part.map(reasonOf)), at);
    await store.heldRemovals.forget(
      write,
      part.map(({ lumaEventId }) => lumaEventId),
    );
    const removed = before.removed + moved;
    const done = part.length === going.length;
    if (done) {
      await store.states.addMiss(write, missed);
      await store.heldRemovals.hold(write, held, at);
    }
    const isApproved = ({ approved, reason }: Leaving) => approved && reason !== 'not-public';
    const approved = before.approved + part.filter(isApproved).length;
    const settled = { removed, held: held.length, unresolved, changed: before.changed, approved, done };
    await store.stagedPages.settle(write, settled, at);
    return settled;
  }
}

function reasonOf({ lumaEventId, reason }: Leaving): [string, Leaving['reason']] {
  return [lumaEventId, reason];
}
