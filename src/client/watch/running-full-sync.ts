import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { describeWorkflow } from '../obstacles.js';
import type { ScheduleNames } from '../schedule.js';

/**
 * A full sync of this deployment that runs, whoever started it: the one that is started by hand, a scheduled one, one under
 * another id.
 */
export async function runningFullSync(
  client: Client,
  names: ScheduleNames,
): Promise<{ workflowId: string; runId: string } | undefined> {
  // The list of workflows lags behind; the schedule knows at once.
  for await (const workflowId of candidates(client, names)) {
    const described = await describeWorkflow(client, workflowId);
    if (described?.isRunning === true && described.taskQueue === names.taskQueue) {
      return { workflowId, runId: described.firstRunId };
    }
  }
  return undefined;
}

async function* candidates(
  client: Client,
  { fullSyncId, scheduleId, taskQueue }: ScheduleNames,
): AsyncGenerator<string> {
  yield fullSyncId;
  try {
    const { info } = await client.schedule.getHandle(scheduleId).describe();
    yield* info.runningActions.map(({ workflow }) => workflow.workflowId);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  const query = [
    `WorkflowType = 'FullSyncWorkflow'`,
    `TaskQueue = '${taskQueue.replaceAll("'", "''")}'`,
    `ExecutionStatus = 'Running'`,
  ].join(' AND ');
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 10 })) yield workflowId;
}
