import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';

export interface LookAtSyncsInput {
  workflowIds: string[];
  taskQueue: string;
}

/** A sync that still runs. */
export interface RunningSync {
  workflowId: string;
  /** Since its first run began, ms. */
  runningForMs: number;
  /** It runs for too long, or on a task queue of its own, where perhaps nobody works. */
  stuck: boolean;
}

/** The longest syncs, of calendars with many new events, take minutes, and some pauses. */
const STUCK_AFTER_MS = 3 * 3_600_000;

/** Which of these syncs still run, for how long, and whether that is in order. By Temporal's clock on both ends. */
export function lookAtSyncs() {
  return async ({ workflowIds, taskQueue }: LookAtSyncsInput): Promise<RunningSync[]> => {
    const running: RunningSync[] = [];
    for (const workflowId of workflowIds) {
      const sync = await lookAt(workflowId, taskQueue);
      if (sync !== null) running.push(sync);
    }
    return running;
  };
}

async function lookAt(workflowId: string, taskQueue: string): Promise<RunningSync | null> {
  const { client, info } = Context.current();
  try {
    const latest = await client.workflow.getHandle(workflowId).describe();
    if (latest.status.name !== 'RUNNING') return null;
    const firstRunId = latest.raw.workflowExecutionInfo?.firstRunId;
    const first =
      firstRunId === undefined || firstRunId === null || firstRunId === latest.runId
        ? latest
        : await client.workflow
            .getHandle(workflowId, firstRunId)
            .describe()
            .catch(() => latest);
    const runningForMs = info.currentAttemptScheduledTimestampMs - first.startTime.getTime();
    return {
      workflowId,
      runningForMs: Math.max(0, runningForMs),
      stuck: runningForMs > STUCK_AFTER_MS || latest.taskQueue !== taskQueue,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
