import type { Client } from '@temporalio/client';
import { type FullSyncProgress, type OrgSyncProgress, orgIdOfSync } from '../../workflows/contract.js';
import { lookAtWorkflow, type Obstacle } from '../obstacles.js';
import { queryProgress } from '../query-progress.js';
import { pollersOf, type TemporalAccess } from '../temporal.js';
import { stuckBecause } from './stuck-because.js';

/** A sync that runs. */
export interface RunningSyncStatus {
  kind: 'org' | 'full';
  /** Of an organization's sync. */
  orgId?: string;
  workflowId: string;
  taskQueue: string;
  startedAt: Date;
  /** How far it is. Absent: no worker could tell, or it was not asked. */
  progress?: OrgSyncProgress | FullSyncProgress;
  /** What holds it up: pauses, attempts that fail. */
  obstacles: Obstacle[];
  /** Why it does not get on by itself, and what to do. Absent: it does. */
  stuck?: { why: string; remedy: string[] };
}

export interface RunningSyncs {
  fullSyncs: number;
  orgSyncs: number;
  /** The first ones, full syncs first, then the longest; those that are stuck are told apart. */
  syncs: RunningSyncStatus[];
  stuck: { count: number; first: RunningSyncStatus[] };
}

/** Organizations whose sync runs, and those of them that are stuck: all of them. */
export interface SyncingOrgs {
  running: ReadonlySet<string>;
  stuck: ReadonlySet<string>;
}

export interface RunningOptions {
  taskQueue: string;
  fullSyncId: string;
  limit: number;
}

/** Syncs that are listed, and those that are looked at closely: each costs a description and a query. */
const MAX_LISTED = 1_000;
const MAX_LOOKED_AT = 40;
const QUERY_LIMIT_MS = 1_000;

type Listed = Omit<RunningSyncStatus, 'obstacles' | 'progress' | 'stuck'> & { runId: string };

/** What runs now of this deployment, whoever started it. @throws TemporalUnavailable */
export async function runningSyncs(
  temporal: TemporalAccess,
  { taskQueue, fullSyncId, limit }: RunningOptions,
): Promise<{ running: RunningSyncs; orgs: SyncingOrgs }> {
  const listed = await temporal.use((client) => list(client, { taskQueue, fullSyncId }));
  const queues = [...new Set([taskQueue, ...listed.map((sync) => sync.taskQueue)])];
  const polled = new Set<string>();
  await Promise.all(
    queues.map(async (queue) => {
      if ((await pollersOf(temporal, queue)).length > 0) polled.add(queue);
    }),
  );
  const syncs = await temporal.use((client) =>
    Promise.all(
      listed.map(async ({ runId, ...sync }, index): Promise<RunningSyncStatus> => {
        if (index >= MAX_LOOKED_AT) return { ...sync, obstacles: [] };
        return await look(client, sync, { runId, polled: polled.has(sync.taskQueue) });
      }),
    ),
  );
  const now = Date.now();
  const judged = syncs.map((sync) => ({
    ...sync,
    stuck: stuckBecause(sync, { polled: polled.has(sync.taskQueue), taskQueue, now }),
  }));
  const stuck = judged.filter((sync) => sync.stuck !== undefined);
  const orgIdsOf = (of: readonly RunningSyncStatus[]) => new Set(of.flatMap(({ orgId }) => orgId ?? []));
  return {
    running: {
      fullSyncs: judged.filter(({ kind }) => kind === 'full').length,
      orgSyncs: judged.filter(({ kind }) => kind === 'org').length,
      syncs: judged.filter((sync) => sync.stuck === undefined).slice(0, limit),
      stuck: { count: stuck.length, first: stuck.slice(0, limit) },
    },
    orgs: { running: orgIdsOf(judged), stuck: orgIdsOf(stuck) },
  };
}

/** Full syncs first, then those that run longest. */
async function list(
  client: Client,
  { taskQueue, fullSyncId }: Omit<RunningOptions, 'limit'>,
): Promise<Listed[]> {
  const types = '"OrgSyncWorkflow", "FullSyncWorkflow"';
  const query = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  const found: Listed[] = [];
  for await (const { workflowId, runId, type, taskQueue: queue, startTime } of client.workflow.list({
    query,
    pageSize: MAX_LISTED,
  })) {
    const common = { workflowId, runId, taskQueue: queue, startedAt: startTime };
    if (type === 'FullSyncWorkflow') {
      // Those of other deployments on the namespace are not this one's.
      const isOwn =
        queue === taskQueue || workflowId === fullSyncId || workflowId.startsWith(`${fullSyncId}-`);
      if (isOwn) found.push({ kind: 'full', ...common });
    } else {
      const orgId = orgIdOfSync(workflowId, taskQueue);
      if (orgId !== undefined) found.push({ kind: 'org', orgId, ...common });
    }
    if (found.length === MAX_LISTED) break;
  }
  return found.sort(
    (a, b) =>
      Number(a.kind === 'org') - Number(b.kind === 'org') || a.startedAt.getTime() - b.startedAt.getTime(),
  );
}

async function look(
  client: Client,
  sync: Omit<Listed, 'runId'>,
  { runId, polled }: { runId: string; polled: boolean },
): Promise<RunningSyncStatus> {
  const { workflowId } = sync;
  const [{ own, firstRunId = '' }, progress] = await Promise.all([
    lookAtWorkflow(client, workflowId),
    // Without a worker a query waits for its limit.
    polled
      ? queryProgress<OrgSyncProgress | FullSyncProgress>(client, workflowId, QUERY_LIMIT_MS)
      : undefined,
  ]);
  const continued = firstRunId !== '' && firstRunId !== runId;
  const startedAt = continued
    ? await client.workflow
        .getHandle(workflowId, firstRunId)
        .describe()
        .then(
          ({ startTime }) => startTime,
          // Forgotten by Temporal.
          () => sync.startedAt,
        )
    : sync.startedAt;
  return { ...sync, startedAt, progress, obstacles: own };
}
