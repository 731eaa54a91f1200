import type { Client } from '@temporalio/client';
import type { FullSyncResult, OrgSyncResult } from '../../workflows/contract.js';
import { type DescribedWorkflow, describeWorkflow } from '../described-workflow.js';
import type { Obstacle } from '../obstacles.js';
import { hasWorkers, type TemporalAccess } from '../temporal.js';
import { fullSyncWatcher } from './full-sync-watcher.js';
import { lastingObstacles } from './lasting-obstacles.js';
import { type LookAtOne, lookAtOrg } from './look-at-org.js';
import type { SyncLook } from './look.js';
import { syncMemory } from './sync-memory.js';

/** Without a limit, the SDK tries for minutes to reach a Temporal that is away. */
const ANSWER_LIMIT_MS = 3_000;
/** With hundreds of organizations. */
const LOOK_LIMIT_MS = 20_000;
/** A worker that is there answers sooner. */
const QUERY_LIMIT_MS = 2_000;

export interface SyncToWatch {
  workflowId: string;
  orgId: string | undefined;
  /** Once it is known. */
  result: () => FullSyncResult | OrgSyncResult | undefined;
}

/** Looks at one sync, again and again: what it remembers of earlier looks tells how fast the work comes on. */
export function syncWatcher(
  temporal: TemporalAccess,
  { workflowId, orgId, result }: SyncToWatch,
): () => Promise<SyncLook> {
  const memory = syncMemory();

  const lookAtOne: LookAtOne = async (client, org, described, ended) => {
    const remembered = await memory.of(client, org.workflowId, described);
    const obstacles = lastingObstacles(described.own, remembered.stepsSince, Date.now());
    return await lookAtOrg(client, {
      ...{ ...org, described, remembered, obstacles, queryLimitMs: QUERY_LIMIT_MS },
      result: ended,
    });
  };
  const lookAtFull = fullSyncWatcher({
    ...{ workflowId, memory, lookAtOne, answerLimitMs: ANSWER_LIMIT_MS, queryLimitMs: QUERY_LIMIT_MS },
  });

  async function look(client: Client, described: DescribedWorkflow): Promise<SyncLook> {
    const ended = result();
    const isOfAll = ended !== undefined && 'orgs' in ended;
    if (orgId === undefined) return await lookAtFull(client, described, isOfAll ? ended : undefined);
    const org = await lookAtOne(client, { orgId, workflowId }, described, isOfAll ? undefined : ended);
    const { startedAt, endsAt } = org;
    return { at: new Date(), workflowId, startedAt, orgs: [org], obstacles: [], endsAt };
  }

  return () =>
    temporal.use(async (client) => {
      const within = <T>(ms: number, calls: () => Promise<T>) =>
        client.connection.withDeadline(Date.now() + ms, calls);
      const described = await within(ANSWER_LIMIT_MS, () => describeWorkflow(client, workflowId));
      if (described === null) return { at: new Date(), workflowId, orgs: [], obstacles: [] };
      const found = await within(LOOK_LIMIT_MS, () => look(client, described));
      if (!obstaclesIn(found).some(({ kind }) => kind === 'not-taken')) return found;
      const hasAny = await within(ANSWER_LIMIT_MS, () => hasWorkers(temporal, described.taskQueue));
      return { ...found, hasWorkers: hasAny };
    });
}

function obstaclesIn({ obstacles, orgs }: SyncLook): Obstacle[] {
  return [...obstacles, ...orgs.flatMap((org) => org.obstacles)];
}
