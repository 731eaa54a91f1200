import { STUCK_ACTIVITY_ATTEMPT, STUCK_AFTER_MS, STUCK_TASK_ATTEMPT } from '../../policies/stuck.js';
import { commandLine, option } from '../../shell.js';
import type { RunningSyncStatus } from './running.js';

export interface StuckContext {
  /** Whether a worker polls the sync's task queue. */
  polled: boolean;
  /** The deployment's own. */
  taskQueue: string;
  now: number;
}

/** Why a sync does not get on by itself, and how to free it; `undefined`: it does. */
export function stuckBecause(
  { kind, workflowId, taskQueue: queue, startedAt, obstacles }: Omit<RunningSyncStatus, 'progress' | 'stuck'>,
  { polled, taskQueue, now }: StuckContext,
): { why: string; remedy: string[] } | undefined {
  const temporal = (verb: string) =>
    commandLine('temporal', 'workflow', verb, ...option('--workflow-id', workflowId));
  if (!polled) {
    const why = `it waits on the task queue ${queue}, where no worker polls`;
    // Only a worker could end it by a cancellation.
    return queue === taskQueue
      ? { why, remedy: ['luma-sync worker'] }
      : { why, remedy: [temporal('terminate')] };
  }
  const task = obstacles.find((one) => one.kind === 'task-failing');
  if (task !== undefined && task.attempt >= STUCK_TASK_ATTEMPT) {
    const why = `the workers' code cannot go on, attempt ${task.attempt}: ${task.failure.message}`;
    return {
      why,
      remedy: [
        task.remedy ?? `a version that can (see the workers' log); or end it: ${temporal('terminate')}`,
      ],
    };
  }
  const activity = obstacles.find((one) => one.kind === 'activity-failing');
  if (activity !== undefined && activity.attempt >= STUCK_ACTIVITY_ATTEMPT) {
    const { type, message } = activity.failure;
    const why = `${activity.activityType} fails again and again, attempt ${activity.attempt}: ${type}: ${message}`;
    return { why, remedy: [`mend what it says and it goes on; or end it: ${temporal('cancel')}`] };
  }
  // A full sync takes as long as its organizations do, and names those that are stuck itself.
  if (kind === 'org' && now - startedAt.getTime() > STUCK_AFTER_MS) {
    return {
      why: 'it takes too long',
      remedy: [`look: ${temporal('describe')}`, `end it: ${temporal('cancel')}`],
    };
  }
  return undefined;
}
