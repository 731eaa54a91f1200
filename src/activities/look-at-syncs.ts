import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import pLimit from 'p-limit';
import { STUCK_AFTER_MS, STUCK_TASK_ATTEMPT } from '../policies/stuck.js';

export interface LookAtSyncsInput {
  workflowIds: string[];
  taskQueue: string;
  /** How many to tell of at most. */
  limit: number;
}

/** A sync that still runs. */
export interface RunningSync {
  workflowId: string;
  /** Since its first run began, ms. */
  runningForMs: number;
  /** It does not get on: for too long, or with a task that fails, or on a task queue where perhaps nobody works. */
  stuck: boolean;
}

/** Looks under way at the same time. */
const AT_ONCE = 20;

/**
 * Which of these syncs still run, for how long, and whether that is in order; stuck ones first, then the longest. By
 * Temporal's clock on both ends.
 */
export function lookAtSyncs() {
  return async ({ workflowIds, taskQueue, limit }: LookAtSyncsInput): Promise<RunningSync[]> => {
    const found = await pLimit(AT_ONCE).map(workflowIds, (workflowId) => lookAt(workflowId, taskQueue));
    return found
      .filter((sync) => sync !== null)
      .sort((a, b) => Number(b.stuck) - Number(a.stuck) || b.runningForMs - a.runningForMs)
      .slice(0, limit);
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
    const failsInItsCode = (latest.raw.pendingWorkflowTask?.attempt ?? 1) >= STUCK_TASK_ATTEMPT;
    return {
      workflowId,
      runningForMs: Math.max(0, runningForMs),
      stuck: runningForMs > STUCK_AFTER_MS || failsInItsCode || latest.taskQueue !== taskQueue,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
