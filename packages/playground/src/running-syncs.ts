import type { Client } from '@temporalio/client';

export interface RunningSync {
  workflowId: string;
  runId: string;
}

/** What runs on a task queue now, as far as Temporal's list knows: that may lag behind by a moment. */
export async function runningSyncs(client: Client, taskQueue: string): Promise<RunningSync[]> {
  const running: RunningSync[] = [];
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of client.workflow.list({ query }))
    running.push({ workflowId, runId });
  return running;
}
