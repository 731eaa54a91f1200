import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { local, luma, store, writes } from './activities.js';
import {
  EVENTS_CHANGED_SIGNAL,
  type EventsChanged,
  noticeWorkflowId,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  orgSyncWorkflowId,
  PART_OF_MEMO,
  PROGRESS_QUERY,
  SYNC_WANTED_SIGNAL,
} from './contract.js';
import { carriedOver } from './continued.js';
import { workflowFailure } from './failures.js';
import { type HintedMeans, HintedSync } from './hinted-sync.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import type { NoticeWorkflow } from './notice.js';
import { orgDetails } from './org-details.js';
import { orgIdKey } from './org-id-key.js';
import { ActivitySummaries, summary } from './summaries.js';
import { type ChainState, newChain, SyncChain } from './sync-chain.js';
import { newOrgSyncState, type OrgSyncState } from './org-sync-state.js';
import { SyncOrder } from './sync-order.js';

export const progressQuery = defineQuery<OrgSyncProgress>(PROGRESS_QUERY);
export const eventsChangedSignal = defineSignal<[EventsChanged]>(EVENTS_CHANGED_SIGNAL);
export const syncWantedSignal = defineSignal<[OrgSyncInput]>(SYNC_WANTED_SIGNAL);

/** What a run hands to the next one: the sync under way, and what follows it. */
export type CarriedOrgSync = Partial<OrgSyncState> & { chain?: ChainState };

/**
 * Syncs one organization, in the order of sync-order.ts, or of hinted-sync.ts where only single events have changed. A
 * dry run walks the same way, asks for no details, and writes what would change into its report only. What changes
 * meanwhile is synced before the workflow ends.
 *
 * @param carried of the run before, where this one continues it
 * @returns the report. Fails with one of the types of docs/operating.md.
 */
export async function OrgSyncWorkflow(input: OrgSyncInput, carried?: CarriedOrgSync): Promise<OrgSyncResult> {
  checkInput(input, INPUT);
  const { workflowId, taskQueue, memo, typedSearchAttributes } = workflowInfo();
  checkIdentity(input.orgId, { workflowId, taskQueue });
  const fresh = newOrgSyncState(carried?.chain?.input ?? input, uuid4(), new Date());
  const { chain: chained, ...begun } = carriedOver<OrgSyncState & Pick<CarriedOrgSync, 'chain'>>(
    carried,
    fresh,
  );
  let state: OrgSyncState = begun;
  const chain = new SyncChain(chained ?? newChain(input, Date.now()), {
    now: Date.now,
    sleep: (ms, why) => sleep(ms, { summary: why }),
    until: (holds, limitMs) => condition(holds, limitMs),
    isSince: patched,
  });
  const show = () => setCurrentDetails(orgDetails(state.progress));
  setHandler(progressQuery, () => state.progress, {
    description: 'How far the sync is: phase, pages, events, details, requests, and what it waits for.',
  });
  setHandler(eventsChangedSignal, (hint) => chain.hint(hint), {
    description: 'Events that have changed at Luma: they are asked for alone. Sent by `luma-sync serve`.',
  });
  setHandler(
    syncWantedSignal,
    (wanted) => {
      if (isUsable(wanted, input.orgId)) chain.want(wanted);
    },
    { description: 'A sync of the calendar is to follow where one of single events runs.' },
  );
  if (typedSearchAttributes.get(orgIdKey) === undefined) {
    upsertSearchAttributes([{ key: orgIdKey, value: input.orgId }]);
  }
  const partOf = memo?.[PART_OF_MEMO];
  let of = new ActivitySummaries(state);
  const means: HintedMeans = {
    activities: {
      firstLook: (look) => local.firstLook.executeWithOptions({ summary: of.firstLook }, [look]),
      openOrgSync: (open) => luma.openOrgSync.executeWithOptions({ summary: of.openOrgSync }, [open]),
      fetchLumaPages: (fetch) =>
        luma.fetchLumaPages.executeWithOptions({ summary: of.fetchLumaPages(fetch) }, [fetch]),
      fetchEventDetails: (fetch) =>
        luma.fetchEventDetails.executeWithOptions({ summary: of.fetchEventDetails() }, [fetch]),
      settleRemovals: (settle) =>
        luma.settleRemovals.executeWithOptions({ summary: of.settleRemovals() }, [settle]),
      followHints: (follow) =>
        luma.followHints.executeWithOptions({ summary: of.followHints(follow) }, [follow]),
      upsertEvents: (upsert) =>
        writes.upsertEvents.executeWithOptions({ summary: of.upsertEvents(upsert) }, [upsert]),
      previewSync: (preview) =>
        writes.previewSync.executeWithOptions({ summary: of.previewSync() }, [preview]),
      closeOrgSync: (close) =>
        store.closeOrgSync.executeWithOptions({ summary: of.closeOrgSync(close) }, [close]),
    },
    workflowId,
    partOf: typeof partOf === 'string' ? partOf : null,
    sleep: (ms, summary) => sleep(ms, { summary }),
    // The sync is closed by then: a cancellation comes too late for it.
    tell: () => CancellationScope.nonCancellable(() => startNotice(input.orgId)),
    now: Date.now,
    random: Math.random,
    onChange: show,
    shielded: (work) => CancellationScope.nonCancellable(work),
    continueWhenLong: async (reached) => {
      if (!workflowInfo().continueAsNewSuggested) return;
      await order.settled();
      await continueInNewRun({ ...reached, chain: chain.state });
    },
    gather: (sinceMs, isAgain) => chain.gather(sinceMs, isAgain),
    takeIds: () => chain.takeIds(),
    followed: (ids, how) => chain.followed(ids, how),
  };
  const continueInNewRun = (reached: CarriedOrgSync) => continueAsNew<typeof OrgSyncWorkflow>(input, reached);
  const newOrder = () => {
    const { kind, input: current, outcome } = chain.state;
    // What follows the first one is no part of the full sync that has started that.
    const by = outcome === undefined ? means : { ...means, partOf: null };
    of = new ActivitySummaries(state);
    return kind === 'hinted' ? new HintedSync(current, state, by) : new SyncOrder(current, state, by);
  };

  if (chained === undefined && (await chain.start()))
    state = newOrgSyncState(chain.state.input, uuid4(), new Date());
  let order = newOrder();
  for (;;) {
    try {
      chain.completed(await order.run());
    } catch (error) {
      // A cancellation ends everything; what was still to come is left to the next sync of the whole calendar.
      if (!(error instanceof ApplicationFailure)) throw error;
      chain.failed(error);
    }
    if (!(await chain.next())) return chain.outcome();
    if (workflowInfo().continueAsNewSuggested) await continueInNewRun({ chain: chain.state });
    state = newOrgSyncState(chain.state.input, uuid4(), new Date());
    order = newOrder();
  }
}

const INPUT = {
  orgId: organizationId,
  pageDelayMs: wholeNumber(0, 3_600_000),
  dryRun: yesOrNo,
  window: listingWindow,
  full: yesOrNo,
  hinted: yesOrNo,
};

/** A signal is refused in silence where an input is refused by name: who sends it has been told that a sync runs. */
function isUsable(wanted: unknown, orgId: string): wanted is OrgSyncInput {
  try {
    checkInput(wanted, INPUT);
    return (wanted as OrgSyncInput).orgId === orgId;
  } catch {
    return false;
  }
}

/** The id is what keeps two syncs of one organization from running at the same time. */
function checkIdentity(
  orgId: unknown,
  { workflowId, taskQueue }: { workflowId: string; taskQueue: string },
): void {
  const problem = organizationId(orgId);
  if (problem !== null) throw workflowFailure({ type: 'InvalidInput', message: `orgId ${problem}` });
  const own = orgSyncWorkflowId(orgId as string, taskQueue);
  if (workflowId === own) return;
  const message = `a sync of this organization runs under the workflow id ${own} only: start it under that id`;
  throw workflowFailure({ type: 'InvalidInput', message });
}

/** One that is being sent already reads what there is to tell when it is sent. */
async function startNotice(orgId: string): Promise<void> {
  try {
    await startChild<typeof NoticeWorkflow>('NoticeWorkflow', {
      workflowId: noticeWorkflowId(orgId, workflowInfo().taskQueue),
      args: [{ orgId }],
      staticSummary: summary(orgId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
