import { getExternalWorkflowHandle, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { type OrgSyncInput, SYNC_WANTED_SIGNAL } from './contract.js';

/** Tells the sync that runs under this id what somebody was about to start. @returns false: it has ended */
export async function isTold(workflowId: string, wanted: OrgSyncInput): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(SYNC_WANTED_SIGNAL, wanted);
    return true;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return false;
  }
}
