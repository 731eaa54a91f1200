import type { FullSyncResult } from '../workflows/contract.js';
import type { ActivityDependencies } from './dependencies.js';

export interface CloseFullSyncInput {
  runId: string;
  workflowId: string;
  state: 'complete' | 'partial' | 'failed' | 'canceled';
  reason?: string;
  report: Omit<FullSyncResult, 'status'>;
}

/** Stores the report of a full sync, however it went. */
export function closeFullSync({ store }: ActivityDependencies) {
  return async ({ runId, workflowId, state, reason, report }: CloseFullSyncInput): Promise<void> => {
    const { startedAt, finishedAt, ...counters } = report;
    await store.runs.end({
      _id: runId,
      kind: 'full',
      workflowId,
      state,
      reason,
      ...counters,
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
    });
  };
}
