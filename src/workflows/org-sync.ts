import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { local, luma, store, writes } from './activities.js';
import {
  noticeWorkflowId,
  ORG_ID_ATTRIBUTE,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  orgSyncWorkflowId,
  PART_OF_MEMO,
  PROGRESS_QUERY,
} from './contract.js';
import { carriedOver } from './continued.js';
import { workflowFailure } from './failures.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import type { NoticeWorkflow } from './notice.js';
import { orgDetails } from './org-details.js';
import { ActivitySummaries, summary } from './summaries.js';
import { newState, type OrgSyncState, SyncOrder } from './sync-order.js';

const orgIdKey = defineSearchAttributeKey(ORG_ID_ATTRIBUTE, SearchAttributeType.KEYWORD);
export const progressQuery = defineQuery<OrgSyncProgress>(PROGRESS_QUERY);

/**
 * Syncs one organization, in the order of sync-order.ts. A dry run walks the same way, asks for no details, and writes
 * what would change into its report only.
 *
 * @param carried of the run before, where this one continues it
 * @returns the report. Fails with one of the types of docs/operating.md.
 */
export async function OrgSyncWorkflow(input: OrgSyncInput, carried?: OrgSyncState): Promise<OrgSyncResult> {
  checkInput(input, {
    orgId: organizationId,
    pageDelayMs: wholeNumber(0, 3_600_000),
    dryRun: yesOrNo,
    window: listingWindow,
    full: yesOrNo,
  });
  const { workflowId, taskQueue, memo, typedSearchAttributes } = workflowInfo();
  checkIdentity(input.orgId, { workflowId, taskQueue });
  const state = carriedOver(carried, newState(input, uuid4(), new Date()));
  const show = () => setCurrentDetails(orgDetails(state.progress));
  setHandler(progressQuery, () => state.progress, {
    description: 'How far the sync is: phase, pages, events, details, requests, and what it waits for.',
  });
  if (typedSearchAttributes.get(orgIdKey) === undefined) {
    upsertSearchAttributes([{ key: orgIdKey, value: input.orgId }]);
  }
  const partOf = memo?.[PART_OF_MEMO];
  const of = new ActivitySummaries(state);
  const order: SyncOrder = new SyncOrder(input, state, {
    activities: {
      firstLook: (look) => local.firstLook.executeWithOptions({ summary: of.firstLook }, [look]),
      openOrgSync: (open) => luma.openOrgSync.executeWithOptions({ summary: of.openOrgSync }, [open]),
      fetchLumaPages: (fetch) =>
        luma.fetchLumaPages.executeWithOptions({ summary: of.fetchLumaPages(fetch) }, [fetch]),
      fetchEventDetails: (fetch) =>
        luma.fetchEventDetails.executeWithOptions({ summary: of.fetchEventDetails() }, [fetch]),
      settleRemovals: (settle) =>
        luma.settleRemovals.executeWithOptions({ summary: of.settleRemovals() }, [settle]),
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
      await continueAsNew<typeof OrgSyncWorkflow>(input, reached);
    },
  });
  return await order.run();
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
