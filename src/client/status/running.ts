import type { Client } from '@temporalio/client';
import { type FullSyncProgress, type OrgSyncProgress, orgIdOfSync } from '../../workflows/contract.js';
import { describeWorkflow } from '../described-workflow.js';
import type { Obstacle } from '../obstacles.js';
import { queryProgress } from '../query-progress.js';
import { type Poller, pollersOf, type TemporalAccess } from '../temporal.js';
import { fullSyncEstimate, totalOf } from '../watch/full-sync-estimate.js';
import { lookAtOrg } from '../watch/look-at-org.js';
import type { WatchedOrg } from '../watch/look.js';
import type { SyncMemory } from '../watch/sync-memory.js';
import { stuckBecause } from './stuck-because.js';

/** A sync that runs. Of an organization's, also how much work is made and left, and when it is expected to end. */
export interface RunningSyncStatus extends Pick<WatchedOrg, 'work' | 'endsAt' | 'asksUntil'> {
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
  /** Of the deployment's own task queue. */
  pollers: Promise<readonly Poller[]>;
  /** Of earlier looks: they tell how fast the work comes on. */
  memory: SyncMemory;
}

/** Syncs that are listed, and those that are looked at closely: each costs a description and a query. */
const MAX_LISTED = 1_000;
const MAX_LOOKED_AT = 40;
const QUERY_LIMIT_MS = 1_000;

type Listed = Pick<RunningSyncStatus, 'kind' | 'orgId' | 'workflowId' | 'taskQueue' | 'startedAt'>;

/** What runs now of this deployment, whoever started it. @throws TemporalUnavailable */
export async function runningSyncs(
  temporal: TemporalAccess,
  { taskQueue, fullSyncId, limit, pollers, memory }: RunningOptions,
): Promise<{ running: RunningSyncs; orgs: SyncingOrgs }> {
  const [listed, own] = await Promise.all([
    temporal.use((client) => list(client, { taskQueue, fullSyncId })),
    pollers,
  ]);
  memory.keep(new Set(listed.map(({ workflowId }) => workflowId)));
  const polled = new Set(own.length > 0 ? [taskQueue] : []);
  const others = new Set(listed.map((sync) => sync.taskQueue).filter((queue) => queue !== taskQueue));
  await Promise.all(
    [...others].map(async (queue) => {
      if ((await pollersOf(temporal, queue)).length > 0) polled.add(queue);
    }),
  );
  const syncs = await temporal.use((client) =>
    Promise.all(
      listed.map(async (sync, index): Promise<RunningSyncStatus> => {
        if (index >= MAX_LOOKED_AT) return { ...sync, obstacles: [] };
        return await look(client, sync, { memory, polled: polled.has(sync.taskQueue) });
      }),
    ),
  );
  const now = Date.now();
  const judged = syncs.map((sync) => ({
    ...sync,
    endsAt: endOf(sync, syncs),
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

/** A full sync's own follows from those of the organizations that it syncs. */
function endOf(
  { progress, startedAt, endsAt }: RunningSyncStatus,
  syncs: readonly RunningSyncStatus[],
): Date | undefined {
  if (progress === undefined || !('orgs' in progress)) return endsAt;
  const ids = new Set(progress.running);
  return fullSyncEstimate({
    ...{
      at: new Date(),
      startedAt,
      progress,
      expectedTotal: totalOf(progress),
      atOnce: progress.orgs.running,
    },
    running: syncs.flatMap((sync) =>
      sync.orgId === undefined || !ids.has(sync.orgId) ? [] : [{ ...sync, progress: ofOrganization(sync) }],
    ),
  }).endsAt;
}

function ofOrganization({ progress }: RunningSyncStatus): OrgSyncProgress | undefined {
  return progress === undefined || 'orgs' in progress ? undefined : progress;
}

/** Full syncs first, then those that run longest. */
async function list(
  client: Client,
  { taskQueue, fullSyncId }: Pick<RunningOptions, 'taskQueue' | 'fullSyncId'>,
): Promise<Listed[]> {
  const types = '"OrgSyncWorkflow", "FullSyncWorkflow"';
  const query = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  const found: Listed[] = [];
  for await (const { workflowId, type, taskQueue: queue, startTime } of client.workflow.list({
    query,
    pageSize: MAX_LISTED,
  })) {
    const common = { workflowId, taskQueue: queue, startedAt: startTime };
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
  sync: Listed,
  { memory, polled }: { memory: SyncMemory; polled: boolean },
): Promise<RunningSyncStatus> {
  const { workflowId, orgId } = sync;
  const described = await describeWorkflow(client, workflowId);
  if (described === null) return { ...sync, obstacles: [] };
  const remembered = await memory.of(client, workflowId, described);
  const { startedAt } = remembered;
  // Without a worker a query waits for its limit.
  const queryLimitMs = polled ? QUERY_LIMIT_MS : 0;
  if (orgId !== undefined) {
    const { progress, obstacles, work, endsAt, asksUntil } = await lookAtOrg(client, {
      ...{ orgId, workflowId, described, remembered, queryLimitMs },
      obstacles: described.own,
    });
    return { ...sync, startedAt, progress, obstacles, work, endsAt, asksUntil };
  }
  const progress = polled
    ? await queryProgress<FullSyncProgress>(client, workflowId, queryLimitMs)
    : undefined;
  return { ...sync, startedAt, progress, obstacles: described.own };
}
