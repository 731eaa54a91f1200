import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { FULL_SYNC_DETAILS, ORG_SYNC_DETAILS } from './descriptions.js';
import { SyncFailed, TemporalUnavailable } from './errors.js';
import { syncFailed } from './temporal-errors.js';
import { type Obstacle, obstaclesOf } from './obstacles.js';
import { queryProgress } from './query-progress.js';
import type { TemporalAccess } from './temporal.js';
import type { SyncLook } from './watch/look.js';
import { syncWatcher } from './watch/watcher.js';
import { type FullSyncResult, type OrgSyncResult, SYNC_WANTED_SIGNAL } from '../workflows/contract.js';

type SyncResult = FullSyncResult | OrgSyncResult;

/** A sync that was started, or found running. */
export interface SyncRun<Result, Progress> {
  readonly workflowId: string;
  readonly runId: string;
  /** It was running already: its own input applies, not the one given now. */
  readonly alreadyRunning: boolean;
  /** How long `result` waits for a Temporal that does not answer. */
  readonly outageLimitMs: number;
  /**
   * Waits for the end. Temporal may go away for a minute meanwhile (`outageLimitMs`).
   * @throws SyncFailed, TemporalUnavailable
   */
  result(): Promise<Result>;
  /** How far it is; `undefined` while no worker can tell. @throws TemporalUnavailable */
  progress(): Promise<Progress | undefined>;
  /** Why it, or what it started, does not get on just now; empty where all is well. @throws TemporalUnavailable */
  obstacles(): Promise<Obstacle[]>;
  /**
   * It and, for a full sync, those that it started, at one moment. Each look learns from those before when the end is to be
   * expected: see `watchSync`.
   * @throws TemporalUnavailable
   */
  look(): Promise<SyncLook>;
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
export async function startSync<Result extends SyncResult, Progress>(
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
export function syncRun<Result extends SyncResult, Progress>(
  temporal: TemporalAccess,
  run: { workflowId: string; runId: string; alreadyRunning: boolean; orgId: string | undefined },
): SyncRun<Result, Progress> {
  const { workflowId, runId, alreadyRunning, orgId } = run;
  const watcher = syncWatcher(temporal, { workflowId, orgId, result: () => ended });
  const outage: Outage = { since: undefined };
  let result: Promise<Result> | undefined;
  let ended: Result | undefined;

  async function waitForResult(): Promise<Result> {
    const over = new AbortController();
    try {
      ended = await Promise.race([untilKnown(over.signal), untilGone(temporal, outage, over.signal)]);
      return ended;
    } finally {
      over.abort();
    }
  }

  async function untilKnown(signal: AbortSignal): Promise<Result> {
    for (;;) {
      try {
        return await nextResult();
      } catch (error) {
        if (!isOutage(error)) throw error;
        outage.since ??= performance.now();
        await delay(OUTAGE_LOOK_MS, undefined, { signal });
      }
    }
  }

  async function look(): Promise<SyncLook> {
    const begun = performance.now();
    try {
      return await watcher();
    } catch (error) {
      if (isOutage(error)) outage.since ??= begun;
      throw error;
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
    outageLimitMs: temporal.outageLimitMs,
    result: () => (result ??= waitForResult()),
    progress: () => syncProgress(temporal, workflowId),
    obstacles: () =>
      temporal.use((client) =>
        client.connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () => obstaclesOf(client, workflowId)),
      ),
    look,
  };
}

const OUTAGE_LOOK_MS = 1_000;
/** A call that waits for the end of a sync notices an outage only after half a minute. */
const LOOK_WHILE_WELL_MS = 10_000;
const ANSWER_LIMIT_MS = 5_000;

/** Since when Temporal has not answered, as far as any call has noticed. */
interface Outage {
  since: number | undefined;
}

function isOutage(error: unknown): boolean {
  return error instanceof TemporalUnavailable && error.temporary;
}

/** Rejects when Temporal has not answered for too long; does nothing else. @throws TemporalUnavailable */
async function untilGone(temporal: TemporalAccess, outage: Outage, signal: AbortSignal): Promise<never> {
  let answeredAt = performance.now();
  for (;;) {
    await delay(OUTAGE_LOOK_MS, undefined, { signal, ref: false });
    const begun = performance.now();
    if (outage.since === undefined && begun - answeredAt < LOOK_WHILE_WELL_MS) continue;
    try {
      await temporal.use((client) =>
        client.connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
          client.workflowService.getSystemInfo({}),
        ),
      );
      outage.since = undefined;
      answeredAt = performance.now();
    } catch (error) {
      if (!isOutage(error)) throw error;
      outage.since ??= begun;
    }
    if (outage.since === undefined || performance.now() - outage.since < temporal.outageLimitMs) continue;
    throw new TemporalUnavailable(
      temporal.address,
      `has not answered for ${temporal.outageLimitMs / 1000} s`,
      'the sync goes on once it does, without this command',
      true,
    );
  }
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
