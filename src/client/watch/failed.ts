import type { Client } from '@temporalio/client';
import {
  type FullSyncProgress,
  type FullSyncResult,
  orgIdOfSync,
  orgSyncWorkflowId,
  PART_OF_MEMO,
  type SyncFailure,
} from '../../workflows/contract.js';
import { failureOf } from '../described-workflow.js';
import { syncsQuery } from '../running-syncs.js';
import type { WatchedOrg } from './look.js';

/** Organizations that are named; the full sync's report names more. */
const NAMED = 20;
const LIMIT_MS = 3_000;
/** Temporal's list of workflows lags behind; so often one look asks for what it lacks. */
const LOOKS_IN_VAIN = 5;

/** The numbers of workflow event types that end a workflow without success. */
const TIMED_OUT = 4;
const CANCELED = 21;
const TERMINATED = 27;

export interface FailedOf {
  full: FullSyncProgress;
  /** First run id of the full sync. */
  partOf: string;
  taskQueue: string;
  since: Date;
  /** By the full sync's result, once it has ended. */
  named: FullSyncResult['failures'] | undefined;
}

/** The first organizations that failed in a full sync, and why; looked up when there are more than were known. */
export function failedSyncs(): (client: Client, of: FailedOf) => Promise<WatchedOrg[]> {
  const known = new Map<string, WatchedOrg>();
  let lookedFor = 0;
  let looks = 0;

  return async (client, of) => {
    const wanted = Math.min(of.full.orgs.failed, NAMED);
    for (const { orgId, ...failure } of of.named ?? []) {
      const workflowId = orgSyncWorkflowId(orgId, of.taskQueue);
      if (known.size >= wanted) break;
      if (!known.has(workflowId)) known.set(workflowId, { orgId, workflowId, obstacles: [], failure });
    }
    if (known.size >= wanted) return [...known.values()];
    if (of.full.orgs.failed !== lookedFor) looks = 0;
    lookedFor = of.full.orgs.failed;
    if (looks++ >= LOOKS_IN_VAIN) return [...known.values()];
    try {
      await client.connection.withDeadline(Date.now() + LIMIT_MS, () => lookUp(client, of, known));
    } catch {
      // The report at the end tells all of them.
    }
    return [...known.values()];
  };
}

async function lookUp(
  client: Client,
  { partOf, taskQueue, since }: FailedOf,
  known: Map<string, WatchedOrg>,
): Promise<void> {
  const statuses = ['Failed', 'TimedOut', 'Canceled', 'Terminated'];
  const query = `${syncsQuery('OrgSyncWorkflow', taskQueue, statuses)} AND CloseTime >= '${since.toISOString()}'`;
  for await (const { workflowId, runId, memo, startTime } of client.workflow.list({ query, pageSize: 100 })) {
    if (known.size >= NAMED) return;
    const orgId = orgIdOfSync(workflowId, taskQueue);
    if (orgId === undefined || memo?.[PART_OF_MEMO] !== partOf || known.has(workflowId)) continue;
    const failure = await failureAtEnd(client, workflowId, runId);
    known.set(workflowId, { orgId, workflowId, startedAt: startTime, obstacles: [], failure });
  }
}

async function failureAtEnd(client: Client, workflowId: string, runId: string): Promise<SyncFailure> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [end] = history?.events ?? [];
  const failure = end?.workflowExecutionFailedEventAttributes?.failure;
  switch (Number(end?.eventType)) {
    case TIMED_OUT:
      return { type: 'TimedOut', message: 'the sync took longer than it may' };
    case CANCELED:
      return { type: 'Canceled', message: 'canceled by an operator' };
    case TERMINATED:
      return { type: 'Terminated', message: 'terminated by an operator' };
    default:
      return failureOf(failure ?? {});
  }
}
