import type { Client } from '@temporalio/client';
import { GRPC_STATUS, grpcCode } from './errors.js';
import { registerCommand, retypeCommand } from './search-attribute-commands.js';
import type { OrgSyncProgress, SyncFailure } from '../workflows/contract.js';
import { queryProgress } from './query-progress.js';

/** Why a sync does not get on at the moment. */
export type Obstacle = { workflowId: string } & (
  | {
      /** Nobody has taken its next step: all workers are busy, or there is none. */
      kind: 'not-taken';
      taskQueue: string;
      /** Tells one step from the next: the same obstacle for long is one that lasts. */
      step: string;
    }
  | {
      /** Workers fail to go on with the workflow itself: a bug, or a search attribute that is missing. */
      kind: 'task-failing';
      attempt: number;
      failure: SyncFailure;
      /** Commands for an operator, where it is known what mends it. */
      remedy?: string;
    }
  | {
      /** An activity failed and is tried again. */
      kind: 'activity-failing';
      activityType: string;
      /** The one that comes next or is under way. */
      attempt: number;
      failure: SyncFailure;
      /** Absent while the attempt is under way. */
      nextAttemptAt?: Date;
    }
  | {
      /** It sleeps on purpose, as Luma asked for. */
      kind: 'paused';
      until: Date;
      reason: string;
    }
);

/** Children looked at in one look: their troubles are mostly the same. */
const CHILDREN = 20;
const QUERY_LIMIT_MS = 2_000;
const EVENTS = 10;

// Numbers of temporal.api.enums.v1, for which the SDK exports no names.
const TASK_SCHEDULED = 1;
const ACTIVITY_SCHEDULED = 1;
const WORKFLOW_TASK_TIMED_OUT = 8;
const WORKFLOW_TASK_FAILED = 9;

/** What holds up the latest sync with this id, and those that it started. Nothing where all is well. */
export async function obstaclesOf(client: Client, workflowId: string): Promise<Obstacle[]> {
  const { own, children } = await lookAtWorkflow(client, workflowId);
  const below = await Promise.all(
    children.slice(0, CHILDREN).map(async (child) => (await lookAtWorkflow(client, child)).own),
  );
  return [...own, ...below.flat()];
}

/** What holds up the latest sync with this id, without those that it started. */
export async function obstaclesOfOne(client: Client, workflowId: string): Promise<Obstacle[]> {
  return (await lookAtWorkflow(client, workflowId)).own;
}

/** What holds up a workflow itself, and which others it waits for. `firstRunId`: of its run, or the one it continues. */
export async function lookAtWorkflow(
  client: Client,
  workflowId: string,
): Promise<{ own: Obstacle[]; children: readonly string[]; firstRunId?: string }> {
  const { namespace } = client.options;
  let description;
  try {
    description = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    });
  } catch (error) {
    // One that has ended and is forgotten holds nothing up.
    if (grpcCode(error) === GRPC_STATUS.NOT_FOUND) return { own: [], children: [] };
    throw error;
  }
  const { executionConfig, pendingWorkflowTask: task, pendingActivities, pendingChildren } = description;
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
  const children = pendingChildren.map((child) => child.workflowId ?? '');
  const idle = own.length === 0 && !task && pendingActivities.length === 0 && children.length === 0;
  if (idle) own.push(...(await pauseOf(client, workflowId)));
  const { firstRunId } = description.workflowExecutionInfo ?? {};
  return { own, children, firstRunId: firstRunId ?? undefined };
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
  return { type: 'Failed', message: 'no reason was given' };
}

function remedyFor({ message }: SyncFailure, namespace: string): string | undefined {
  if (!/search attribute/i.test(message)) return undefined;
  return /no mapping|not defined|not found/i.test(message)
    ? registerCommand(namespace)
    : retypeCommand(namespace);
}

interface Failure {
  message?: string | null;
  applicationFailureInfo?: { type?: string | null } | null;
  timeoutFailureInfo?: object | null;
}

function failureOf({ message, applicationFailureInfo, timeoutFailureInfo }: Failure): SyncFailure {
  if (timeoutFailureInfo) return { type: 'TimedOut', message: message ?? 'it ran out of time' };
  const type = applicationFailureInfo?.type ?? '';
  return { type: type === '' ? 'Failed' : type, message: message ?? 'no reason was given' };
}

/** A workflow that waits for nobody but a timer says why by its progress. */
async function pauseOf(client: Client, workflowId: string): Promise<Obstacle[]> {
  type Pause = Pick<OrgSyncProgress, 'pausedUntil' | 'pauseReason'>;
  const progress = await queryProgress<Pause>(client, workflowId, QUERY_LIMIT_MS);
  const { pausedUntil, pauseReason = 'it pauses' } = progress ?? {};
  if (pausedUntil === undefined) return [];
  return [{ kind: 'paused', workflowId, until: new Date(pausedUntil), reason: pauseReason }];
}

function dateOf({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }): Date {
  return new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6);
}
