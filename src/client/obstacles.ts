import type { Client } from '@temporalio/client';
import type { OrgSyncProgress, SyncFailure } from '../workflows/contract.js';
import { describeWorkflow } from './described-workflow.js';
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

/** What holds up a workflow itself, and which others it waits for. */
async function lookAtWorkflow(
  client: Client,
  workflowId: string,
): Promise<{ own: Obstacle[]; children: readonly string[] }> {
  const described = await describeWorkflow(client, workflowId);
  if (described === null) return { own: [], children: [] };
  const { own, children, isIdle } = described;
  if (isIdle) own.push(...(await pauseOf(client, workflowId)));
  return { own, children };
}

/** A workflow that waits for nobody but a timer says why by its progress. */
async function pauseOf(client: Client, workflowId: string): Promise<Obstacle[]> {
  type Pause = Pick<OrgSyncProgress, 'pausedUntil' | 'pauseReason'>;
  const progress = await queryProgress<Pause>(client, workflowId, QUERY_LIMIT_MS);
  const { pausedUntil, pauseReason = 'it pauses' } = progress ?? {};
  if (pausedUntil === undefined) return [];
  return [{ kind: 'paused', workflowId, until: new Date(pausedUntil), reason: pauseReason }];
}
