import type { Client } from '@temporalio/client';
import type { OrgSyncProgress } from '../../workflows/contract.js';
import type { DescribedWorkflow } from '../described-workflow.js';
import type { Pace } from './pace.js';

/** What is remembered of a sync from look to look. */
export interface RememberedSync {
  firstRunId: string;
  startedAt: Date;
  looks: number;
  progress?: OrgSyncProgress;
  pace?: Pace;
  /** The last complete sync was asked about. */
  isLastAsked?: true;
  /** Of the last complete sync, once that is known. */
  pagesBefore?: number;
  /** Steps that nobody has taken, and when each was first seen. */
  stepsSince: Map<string, number>;
}

export interface SyncMemory {
  /** Of this sync; anew where another one runs under its id. */
  of(client: Client, workflowId: string, described: DescribedWorkflow): Promise<RememberedSync>;
  /** Forgets the others. */
  keep(workflowIds: ReadonlySet<string>): void;
}

export function syncMemory(): SyncMemory {
  const syncs = new Map<string, RememberedSync>();
  return {
    async of(client, workflowId, described) {
      const { firstRunId, runId } = described;
      const before = syncs.get(workflowId);
      if (before?.firstRunId === firstRunId) {
        before.looks++;
        return before;
      }
      const startedAt = runId === firstRunId ? undefined : await startOf(client, workflowId, firstRunId);
      const sync: RememberedSync = {
        ...{ firstRunId, startedAt: startedAt ?? described.startedAt, looks: 1, stepsSince: new Map() },
      };
      syncs.set(workflowId, sync);
      return sync;
    },
    keep(workflowIds) {
      for (const workflowId of syncs.keys()) if (!workflowIds.has(workflowId)) syncs.delete(workflowId);
    },
  };
}

/** `undefined`: Temporal has forgotten it. */
async function startOf(client: Client, workflowId: string, runId: string): Promise<Date | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId, runId).describe()).startTime;
  } catch {
    return undefined;
  }
}
