import { type Client, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { TemporalUnavailable } from '../../../src/client/errors.js';
import { hasWorkers, temporalAccess } from '../../../src/client/temporal.js';
import type { TemporalSettings } from '../../../src/config.js';
import type { DeploymentNames } from '../../../src/workflows/contract.js';
import { messageOf } from './end-all.js';
import { type RunningSync, runningSyncs } from './running-syncs.js';

/** Workers that are there have ended a cancelled sync by then; what still runs is terminated. */
const CANCEL_MS = 5_000;
const LIMIT_MS = 20_000;
/** Temporal's list lags behind: only this long without a running sync says that there is none. */
const QUIET_MS = 1_000;
const LOOK_EVERY_MS = 100;

/**
 * Deletes a scope's schedule, and ends every sync that runs on its task queue, whoever started it. Settles when
 * none runs. The worker should still be up: a cancelled sync then writes its last word before its database goes.
 */
export async function endSyncs(temporal: TemporalSettings, names: DeploymentNames): Promise<void> {
  const access = temporalAccess(temporal, 5_000);
  try {
    const answered = await hasWorkers(access, names.taskQueue).catch(() => true);
    await access.use((client) =>
      client.connection.withDeadline(Date.now() + LIMIT_MS + 5_000, async () => {
        const started = await deleteSchedule(client, names.scheduleId);
        await endRunning(client, names.taskQueue, started, answered ? CANCEL_MS : 0);
      }),
    );
  } catch (error) {
    const reason = error instanceof TemporalUnavailable ? error.reason : messageOf(error);
    throw new TemporalUnavailable(
      temporal.address,
      `${reason}; the schedule ${names.scheduleId} or syncs on the task queue ${names.taskQueue} may be left`,
      'remove them there',
    );
  } finally {
    await access.close();
  }
}

/** @returns what it has started that may still run: newer than Temporal's list */
async function deleteSchedule(client: Client, scheduleId: string): Promise<RunningSync[]> {
  const handle = client.schedule.getHandle(scheduleId);
  try {
    const { info } = await handle.describe();
    await handle.delete();
    return info.runningActions.map(({ workflow: { workflowId, firstExecutionRunId } }) => ({
      workflowId,
      runId: firstExecutionRunId,
    }));
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return [];
    throw error;
  }
}

/** @param cancelMs how long they get to end by themselves */
async function endRunning(
  client: Client,
  taskQueue: string,
  known: RunningSync[],
  cancelMs: number,
): Promise<void> {
  const begun = Date.now();
  const asked = new Set<string>();
  let found = known;
  let quietSince = begun;
  while (Date.now() - quietSince < QUIET_MS) {
    found.push(...(await runningSyncs(client, taskQueue)));
    if (found.length > 0) quietSince = Date.now();
    if (Date.now() - begun > LIMIT_MS) throw new Error('not everything that runs can be ended');
    const terminate = Date.now() - begun >= cancelMs;
    for (const { workflowId, runId } of found) {
      const handle = client.workflow.getHandle(workflowId, runId);
      if (terminate) await handle.terminate(ENDED).catch(unlessGone);
      else if (!asked.has(runId)) await handle.cancel().catch(unlessGone);
      asked.add(runId);
    }
    found = [];
    await delay(LOOK_EVERY_MS);
  }
}

const ENDED = 'the demo or dev that it belongs to has ended';

function unlessGone(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
