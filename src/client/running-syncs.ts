import { type Client, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import type { DeploymentNames } from '../workflows/contract.js';

/** A sync that runs. */
export interface RunningSync {
  workflowId: string;
  runId: string;
  /** The first of a chain: children of a full sync name it. */
  firstRunId: string;
  orgId?: string;
}

/** The sync with this workflow id; `null`: none runs. */
export async function runningSync(
  client: Client,
  workflowId: string,
  orgId?: string,
): Promise<RunningSync | null> {
  try {
    const { status, runId, raw } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return null;
    const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? '';
    return {
      ...{ workflowId, runId, firstRunId: firstRunId === '' ? runId : firstRunId },
      ...(orgId === undefined ? {} : { orgId }),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/**
 * The full syncs of a deployment that run, whoever started them: the one that is started by hand, scheduled ones, ones under
 * other ids.
 */
export async function runningFullSyncs(client: Client, names: DeploymentNames): Promise<RunningSync[]> {
  // By their known ids, which are told at once, and by Temporal's list, which lags a little behind.
  const ids = new Set([names.fullSyncId, ...(await scheduledNow(client, names.scheduleId))]);
  const query = syncsQuery('FullSyncWorkflow', names.taskQueue, ['Running']);
  for await (const { workflowId } of client.workflow.list({ query })) ids.add(workflowId);
  const found = await Promise.all([...ids].map((id) => runningSync(client, id)));
  return found.filter((one) => one !== null);
}

async function scheduledNow(client: Client, scheduleId: string): Promise<string[]> {
  try {
    const { info } = await client.schedule.getHandle(scheduleId).describe();
    return info.runningActions.map(({ workflow }) => workflow.workflowId);
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return [];
    throw error;
  }
}

/** For Temporal's list of workflows, which lags a little behind. @param statuses as Temporal's queries name them */
export function syncsQuery(workflowType: string, taskQueue: string, statuses: readonly string[]): string {
  const any = statuses.map((status) => `'${status}'`).join(', ');
  return `WorkflowType = '${workflowType}' AND ExecutionStatus IN (${any}) AND TaskQueue = ${quoted(taskQueue)}`;
}

/** Text in a query. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
