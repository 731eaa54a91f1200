import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { FULL_SYNC_DETAILS, ORG_SYNC_DETAILS } from './descriptions.js';
import { syncFailed, SyncFailed, TemporalUnavailable } from './errors.js';
import { type Obstacle, obstaclesOf } from './obstacles.js';
import { queryProgress } from './query-progress.js';
import type { TemporalAccess } from './temporal.js';
import { SYNC_WANTED_SIGNAL } from '../workflows/contract.js';

/** A sync that was started, or found running. */
export interface SyncRun<Result, Progress> {
  readonly workflowId: string;
  readonly runId: string;
  /** It was running already: its own input applies, not the one given now. */
  readonly alreadyRunning: boolean;
  /**
   * Waits for the end. Temporal may go away for a minute meanwhile.
   * @throws SyncFailed, TemporalUnavailable
   */
  result(): Promise<Result>;
  /** How far it is; `undefined` while no worker can tell. @throws TemporalUnavailable */
  progress(): Promise<Progress | undefined>;
  /** Why it, or what it started, does not get on just now; empty where all is well. @throws TemporalUnavailable */
  obstacles(): Promise<Obstacle[]>;
}

export interface StartSync {
  workflowType: string;
  taskQueue: string;
  workflowId: string;
  input: object;
  /** Set for the sync of one organization. */
  orgId?: string;
  /** Shown in Temporal's UI. */
  summary: string;
}

/**
 * Starts a sync, or attaches to the one that runs under the same workflow id. An organization's sync that runs is told
 * what was asked for: one of single events is not enough.
 */
export async function startSync<Result, Progress>(
  temporal: TemporalAccess,
  { workflowType, taskQueue, workflowId, input, orgId, summary }: StartSync,
): Promise<SyncRun<Result, Progress>> {
  return await temporal.use(async (client) => {
    for (let tries = 1; ; tries++) {
      try {
        const handle = await client.workflow.start(workflowType, {
          workflowId,
          taskQueue,
          args: [input],
          staticSummary: summary,
          staticDetails: orgId === undefined ? FULL_SYNC_DETAILS : ORG_SYNC_DETAILS,
        });
        const runId = handle.firstExecutionRunId;
        return syncRun(temporal, { workflowId, runId, alreadyRunning: false, orgId });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      // One that ended before it heard makes room.
      if (orgId !== undefined && tries < MAX_TRIES && !(await isTold(client, workflowId, input))) continue;
      const runId = await currentRunId(client, workflowId);
      return syncRun(temporal, { workflowId, runId, alreadyRunning: true, orgId });
    }
  });
}

const MAX_TRIES = 3;

/** Tells the sync that runs what was asked for. A dry run joins nobody. @returns false: it has ended */
async function isTold(client: Client, workflowId: string, wanted: object): Promise<boolean> {
  if ('dryRun' in wanted && wanted.dryRun === true) return true;
  try {
    await client.workflow.getHandle(workflowId).signal(SYNC_WANTED_SIGNAL, wanted);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function currentRunId(client: Client, workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).runId;
}

/** A sync that exists, by its ids. */
export function syncRun<Result, Progress>(
  temporal: TemporalAccess,
  run: { workflowId: string; runId: string; alreadyRunning: boolean; orgId: string | undefined },
): SyncRun<Result, Progress> {
  const { workflowId, runId, alreadyRunning, orgId } = run;
  let result: Promise<Result> | undefined;

  async function waitForResult(): Promise<Result> {
    for (;;) {
      try {
        return await nextResult();
      } catch (error) {
        if (!isOutage(error)) throw error;
        await untilBack(temporal);
      }
    }
  }

  async function nextResult(): Promise<Result> {
    return await temporal.use(async (client) => {
      try {
        return (await client.workflow.getHandle(workflowId, runId).result()) as Result;
      } catch (error) {
        if (error instanceof WorkflowFailedError) throw syncFailed(error, workflowId, orgId);
        if (error instanceof WorkflowNotFoundError) {
          throw new SyncFailed('NotFound', 'Temporal knows no such sync', workflowId, orgId);
        }
        throw error;
      }
    });
  }

  return {
    workflowId,
    runId,
    alreadyRunning,
    result: () => (result ??= waitForResult()),
    progress: () => syncProgress(temporal, workflowId),
    obstacles: () =>
      temporal.use((client) =>
        client.connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () => obstaclesOf(client, workflowId)),
      ),
  };
}

const OUTAGE_LIMIT_MS = 60_000;
const OUTAGE_LOOK_MS = 1_000;
const ANSWER_LIMIT_MS = 5_000;

function isOutage(error: unknown): boolean {
  return error instanceof TemporalUnavailable && error.temporary;
}

/** Waits until Temporal answers again. @throws TemporalUnavailable where that takes more than a minute */
async function untilBack(temporal: TemporalAccess): Promise<void> {
  const limit = performance.now() + OUTAGE_LIMIT_MS;
  while (performance.now() < limit) {
    await delay(OUTAGE_LOOK_MS);
    try {
      await temporal.use((client) =>
        client.connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
          client.workflowService.getSystemInfo({}),
        ),
      );
      return;
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
  }
  throw new TemporalUnavailable(
    temporal.address,
    `has not answered for ${OUTAGE_LIMIT_MS / 1000} s`,
    'the sync goes on once it does, without this command',
  );
}

/** A worker that is there answers sooner. */
const PROGRESS_LIMIT_MS = 3_000;

/** How far the latest sync with this id is; `undefined` while there is none, or no worker can tell. */
export async function syncProgress<Progress>(
  temporal: TemporalAccess,
  workflowId: string,
): Promise<Progress | undefined> {
  return await temporal.use((client) => queryProgress<Progress>(client, workflowId, PROGRESS_LIMIT_MS));
}

/** A look at the progress takes one workflow query: once a second is often enough for a person. */
const LOOK_EVERY_MS = 1_000;

/**
 * Calls `onProgress` whenever the progress has changed, until the sync has ended (well or not) or `signal` aborts.
 * Never throws for the sync's own failure: `result()` does.
 */
export async function followProgress<Progress>(
  run: Pick<SyncRun<unknown, Progress>, 'result' | 'progress'>,
  onProgress: (progress: Progress) => void,
  { signal, everyMs = LOOK_EVERY_MS }: { signal?: AbortSignal; everyMs?: number } = {},
): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const watching = run.result().then(end, end);
  const wake = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  let last = '';
  async function look(): Promise<void> {
    const progress = await run.progress();
    const text = JSON.stringify(progress);
    if (progress === undefined || text === last || signal?.aborted === true) return;
    last = text;
    onProgress(progress);
  }
  while (!wake.aborted) {
    await look();
    await delay(everyMs, undefined, { signal: wake }).catch(() => undefined);
  }
  if (signal?.aborted === true) return;
  await look();
  await watching;
}
