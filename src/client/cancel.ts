import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { type DeploymentNames, orgIdOfSync, orgSyncWorkflowId, PART_OF_MEMO } from '../workflows/contract.js';
import { runningFullSyncs, runningSync, type RunningSync, syncsQuery } from './running-syncs.js';
import type { TemporalAccess } from './temporal.js';

/** A sync that was asked to end. */
export interface CanceledSync {
  workflowId: string;
  runId: string;
  /** Absent: a full sync. */
  orgId?: string;
  /**
   * `canceled`: it has ended by this. `ended`: it had come to its end by itself. `running`: it still has to hear of
   * it, as where no worker runs.
   */
  state: 'canceled' | 'ended' | 'running';
}

export interface CancelOptions {
  /** How long to wait for the ends, ms; 0: not at all. Default 30,000. */
  waitMs?: number;
}

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** Whether a sync with this workflow id runs. @throws TemporalUnavailable */
export async function isSyncRunning(temporal: TemporalAccess, workflowId: string): Promise<boolean> {
  return await temporal.use(async (client) => (await runningSync(client, workflowId)) !== null);
}

/**
 * Asks syncs to end, and waits for that: the one of an organization, or every full sync with all that it has started. What
 * they have written stays; the organizations say that their syncs were canceled.
 * @returns one entry a sync that was running, full syncs first; empty: none was
 * @throws TemporalUnavailable
 */
export async function cancelSyncs(
  temporal: TemporalAccess,
  names: DeploymentNames,
  { orgId, waitMs = WAIT_MS }: { orgId?: string | undefined } & CancelOptions,
): Promise<CanceledSync[]> {
  return await temporal.use(async (client) => {
    const running =
      orgId === undefined
        ? await runningFullSyncs(client, names)
        : [await runningSync(client, orgSyncWorkflowId(orgId, names.taskQueue), orgId)].filter(
            (one) => one !== null,
          );
    // Those that are not listed yet hear of it from their full sync.
    const children = orgId === undefined ? await childrenOf(client, names, running) : [];
    const all = [...running, ...children];
    for (const { workflowId } of all) await ask(client, workflowId);
    const until = performance.now() + waitMs;
    const ends: CanceledSync[] = [];
    // A full sync ends after its children, so that there is little to wait for behind the first.
    for (const one of all) ends.push(await endOf(client, one, until));
    return ends;
  });
}

async function childrenOf(
  client: Client,
  names: DeploymentNames,
  parents: readonly RunningSync[],
): Promise<RunningSync[]> {
  if (parents.length === 0) return [];
  const started = new Set<unknown>(parents.map(({ firstRunId }) => firstRunId));
  const children: RunningSync[] = [];
  for await (const { workflowId, runId, memo } of client.workflow.list({
    query: syncsQuery('OrgSyncWorkflow', names.taskQueue, ['Running']),
  })) {
    const orgId = orgIdOfSync(workflowId, names.taskQueue);
    if (orgId === undefined || !started.has(memo?.[PART_OF_MEMO])) continue;
    children.push({ workflowId, runId, firstRunId: runId, orgId });
  }
  return children;
}

async function ask(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).cancel();
  } catch (error) {
    // It has ended just now.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function endOf(
  client: Client,
  { workflowId, runId, orgId }: RunningSync,
  until: number,
): Promise<CanceledSync> {
  const sync = { workflowId, runId, ...(orgId === undefined ? {} : { orgId }) };
  for (;;) {
    // Without a run's id: one that continued as new heard of it under another.
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') {
      return { ...sync, state: status.name === 'CANCELLED' ? 'canceled' : 'ended' };
    }
    if (performance.now() >= until) return { ...sync, state: 'running' };
    await delay(LOOK_EVERY_MS);
  }
}
