import type { Client } from '@temporalio/client';
import type { SyncFailure } from '../workflows/contract.js';
import { GRPC_STATUS, grpcCode } from './temporal-errors.js';
import type { Obstacle } from './obstacles.js';
import { registerCommand, retypeCommand } from './search-attribute-commands.js';

const EVENTS = 10;

// Numbers of temporal.api.enums.v1, for which the SDK exports no names.
const TASK_SCHEDULED = 1;
const ACTIVITY_SCHEDULED = 1;
const RUNNING = 1;
const WORKFLOW_TASK_TIMED_OUT = 8;
const WORKFLOW_TASK_FAILED = 9;

/** What Temporal says of a workflow without asking its worker. */
export interface DescribedWorkflow {
  /** What holds it up; a pause, which only its worker can tell of, is not among it. */
  own: Obstacle[];
  children: readonly string[];
  /** Of its run, or of the first of those that it continues. */
  runId: string;
  firstRunId: string;
  /** Of this run. */
  startedAt: Date;
  taskQueue: string;
  isRunning: boolean;
  /** A workflow task is waiting or under way: a query is answered after it. */
  hasTask: boolean;
  /** It waits for nobody but a timer. */
  isIdle: boolean;
  activities: readonly PendingActivity[];
}

/** An activity that is waiting or under way. */
export interface PendingActivity {
  type: string;
  /** What its last heartbeat said. */
  heartbeat: unknown;
}

/** @returns `null` where Temporal knows no such workflow (any more) */
export async function describeWorkflow(
  client: Client,
  workflowId: string,
): Promise<DescribedWorkflow | null> {
  const { namespace } = client.options;
  let description;
  try {
    description = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    });
  } catch (error) {
    // One that has ended and is forgotten holds nothing up.
    if (grpcCode(error) === GRPC_STATUS.NOT_FOUND) return null;
    throw error;
  }
  const { executionConfig, pendingWorkflowTask: task, pendingActivities, pendingChildren } = description;
  const info = description.workflowExecutionInfo;
  const taskQueue = executionConfig?.taskQueue?.name ?? '';
  const own: Obstacle[] = [];
  if (task) {
    const attempt = task.attempt ?? 1;
    if (attempt > 1) {
      const failure = await taskFailure(client, workflowId);
      const remedy = remedyFor(failure, namespace);
      own.push({
        ...{ kind: 'task-failing', workflowId, attempt, failure },
        remedy,
      });
    } else if (Number(task.state) === TASK_SCHEDULED) {
      own.push({
        kind: 'not-taken',
        workflowId,
        taskQueue,
        step: `task ${String(task.scheduledTime?.seconds)}`,
      });
    }
  }
  for (const activity of pendingActivities) {
    const { activityId, attempt, lastFailure: failure, nextAttemptScheduleTime: next } = activity;
    const activityType = activity.activityType?.name ?? 'an activity';
    if (failure) {
      own.push({
        ...{ kind: 'activity-failing', workflowId, activityType, attempt: attempt ?? 1 },
        failure: failureOf(failure),
        nextAttemptAt: next ? dateOf(next) : undefined,
      });
    }
    if (Number(activity.state) === ACTIVITY_SCHEDULED && !next) {
      own.push({
        kind: 'not-taken',
        workflowId,
        taskQueue,
        step: `${String(activityId)} ${String(attempt)}`,
      });
    }
  }
  const runId = info?.execution?.runId ?? '';
  const hasTask = Boolean(task);
  const isWaiting = hasTask || pendingActivities.length > 0 || pendingChildren.length > 0;
  return {
    own,
    children: pendingChildren.map((child) => child.workflowId ?? ''),
    runId,
    firstRunId: nonEmpty(info?.firstRunId) ?? runId,
    startedAt: dateOf(info?.startTime ?? {}),
    taskQueue,
    isRunning: Number(info?.status) === RUNNING,
    hasTask,
    isIdle: own.length === 0 && !isWaiting,
    activities: pendingActivities.map(({ activityType, heartbeatDetails }) => ({
      type: activityType?.name ?? '',
      heartbeat: firstValue(heartbeatDetails),
    })),
  };
}

function nonEmpty(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}

/** `undefined` where it cannot be read, as with a codec of somebody's own. */
function firstValue(
  payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined,
): unknown {
  const data = payloads?.payloads?.[0]?.data;
  if (!data) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The last failure of the workflow's own code, from the end of its history. */
async function taskFailure(client: Client, workflowId: string): Promise<SyncFailure> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: EVENTS,
  });
  for (const event of history?.events ?? []) {
    const type = Number(event.eventType);
    const failure = event.workflowTaskFailedEventAttributes?.failure;
    if (type === WORKFLOW_TASK_FAILED && failure) return failureOf(failure);
    if (type === WORKFLOW_TASK_TIMED_OUT) {
      return { type: 'TimedOut', message: 'the worker did not come to the end of the workflow task' };
    }
  }
  return failureOf({});
}

function remedyFor({ message }: SyncFailure, namespace: string): string | undefined {
  if (!/search attribute/i.test(message)) return undefined;
  return /no mapping|not defined|not found/i.test(message)
    ? registerCommand(namespace)
    : retypeCommand(namespace);
}

export interface Failure {
  message?: string | null;
  applicationFailureInfo?: { type?: string | null } | null;
  timeoutFailureInfo?: object | null;
}

/** A failure as Temporal keeps it, in few words. */
export function failureOf({ message, applicationFailureInfo, timeoutFailureInfo }: Failure): SyncFailure {
  if (timeoutFailureInfo) return { type: 'TimedOut', message: message ?? 'it ran out of time' };
  const type = applicationFailureInfo?.type ?? '';
  return { type: type === '' ? 'Failed' : type, message: message ?? 'no reason was given' };
}

function dateOf({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }): Date {
  return new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6);
}
