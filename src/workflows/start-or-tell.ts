import {
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { type OrgSyncInput, PART_OF_MEMO, SYNC_WANTED_SIGNAL } from './contract.js';
import { orgIdKey } from './org-id-key.js';
import type { OrgSyncWorkflow } from './org-sync.js';
import { childSummary } from './summaries.js';

/** Syncs that end just as they are to be told. */
const MAX_TRIES = 3;

/**
 * Starts the sync of an organization as a child. Where one runs already, that one is told what was to start: one of
 * single events is not enough.
 * @throws WorkflowExecutionAlreadyStartedError once it is told
 */
export async function startOrTell(
  workflowId: string,
  input: OrgSyncInput,
): Promise<ChildWorkflowHandle<typeof OrgSyncWorkflow>> {
  const { orgId, window, dryRun, full } = input;
  for (let tries = 1; ; tries++) {
    try {
      return await startChild<typeof OrgSyncWorkflow>('OrgSyncWorkflow', {
        workflowId,
        args: [input],
        typedSearchAttributes: [{ key: orgIdKey, value: orgId }],
        memo: { [PART_OF_MEMO]: workflowInfo().firstExecutionRunId },
        staticSummary: childSummary(orgId, { window, dryRun, full }),
        // It goes on when this run is followed by another. Where the full sync is canceled, so is each child.
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // A dry run joins nobody. One that ended before it heard makes room.
      if (dryRun === true || tries === MAX_TRIES || (await isTold(workflowId, input))) throw error;
    }
  }
}

/** @returns false: it has ended */
async function isTold(workflowId: string, wanted: OrgSyncInput): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(SYNC_WANTED_SIGNAL, wanted);
    return true;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return false;
  }
}
