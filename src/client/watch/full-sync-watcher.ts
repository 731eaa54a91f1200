import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import {
  type FullSyncProgress,
  type FullSyncResult,
  orgIdOfSync,
  orgSyncWorkflowId,
} from '../../workflows/contract.js';
import { type DescribedWorkflow, describeWorkflow } from '../described-workflow.js';
import { queryProgress } from '../query-progress.js';
import { failedSyncs } from './failed.js';
import { elapsedMs, fullSyncEstimate, totalOf } from './full-sync-estimate.js';
import { lastingObstacles } from './lasting-obstacles.js';
import { organizationsOfLastFullSync } from './last-sync.js';
import type { LookAtOne } from './look-at-org.js';
import type { SyncLook, WatchedOrg } from './look.js';
import { fullSyncAtEnd } from './progress-at-end.js';
import type { SyncMemory } from './sync-memory.js';

/** Looked at side by side. */
const AT_ONCE = 16;

export interface FullSyncWatcherOptions {
  workflowId: string;
  memory: SyncMemory;
  lookAtOne: LookAtOne;
  /** How long Temporal has to answer one request, and a worker one query. */
  answerLimitMs: number;
  queryLimitMs: number;
}

/** @param result once the full sync has ended well */
export type LookAtFull = (
  client: Client,
  described: DescribedWorkflow,
  result: FullSyncResult | undefined,
) => Promise<SyncLook>;

/** Looks at a full sync and at those it started, again and again. */
export function fullSyncWatcher({
  workflowId,
  memory,
  lookAtOne,
  answerLimitMs,
  queryLimitMs,
}: FullSyncWatcherOptions): LookAtFull {
  const failed = failedSyncs();
  const limit = pLimit(AT_ONCE);
  let full: FullSyncProgress | undefined;
  /** Organizations of the last one; looked up once. */
  let totalBefore: Promise<number | undefined> | undefined;
  let atOnce = 0;

  async function lookAtRunning(client: Client, orgId: string, taskQueue: string): Promise<WatchedOrg | null> {
    const id = orgSyncWorkflowId(orgId, taskQueue);
    const described = await client.connection.withDeadline(Date.now() + answerLimitMs, () =>
      describeWorkflow(client, id),
    );
    if (described?.isRunning !== true) return null;
    return await lookAtOne(client, { orgId, workflowId: id }, described);
  }

  return async (client, described, result) => {
    const { taskQueue } = described;
    const remembered = await memory.of(client, workflowId, described);
    const { startedAt, firstRunId: partOf } = remembered;
    if (result !== undefined) full = fullSyncAtEnd(result);
    else if (!described.hasTask) {
      full = (await queryProgress<FullSyncProgress>(client, workflowId, queryLimitMs)) ?? full;
    }
    const ids = full?.running ?? described.children.flatMap((id) => orgIdOfSync(id, taskQueue) ?? []);
    memory.keep(new Set([workflowId, ...ids.map((id) => orgSyncWorkflowId(id, taskQueue))]));
    const looks = ids.map((id) => limit(() => lookAtRunning(client, id, taskQueue)));
    const running = (await Promise.all(looks)).filter((org) => org !== null);
    const failures =
      full === undefined || full.orgs.failed === 0
        ? []
        : await failed(client, { full, partOf, taskQueue, since: startedAt, named: result?.failures });
    const at = new Date();
    const look: SyncLook = {
      ...{ at, workflowId, startedAt, orgs: [...running, ...failures] },
      obstacles: lastingObstacles(described.own, remembered.stepsSince, at.getTime()),
    };
    if (full === undefined) return look;
    const total = totalOf(full);
    if (total === null) totalBefore ??= organizationsOfLastFullSync(client, taskQueue);
    const before = total === null ? await totalBefore : undefined;
    const expectedTotal = total ?? (before !== undefined && before >= full.orgs.total ? before : undefined);
    atOnce = Math.max(atOnce, running.length);
    const { endsAt, slowAfterMs } = fullSyncEstimate({
      ...{ at, startedAt, running, atOnce, progress: full, expectedTotal: expectedTotal ?? null },
    });
    for (const org of running) if (elapsedMs(org, at) > slowAfterMs) org.isSlow = true;
    return { ...look, fullSync: full, total, expectedTotal, endsAt };
  };
}
