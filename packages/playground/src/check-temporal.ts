import { type Client, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { TemporalUnavailable } from '../../../src/client/errors.js';
import { GRPC_STATUS, grpcCode } from '../../../src/client/temporal-errors.js';
import { temporalAccess } from '../../../src/client/temporal.js';
import type { TemporalSettings } from '../../../src/config.js';
import type { OwnPlace } from './own-place.js';
import { runningSyncs } from './running-syncs.js';

const LIMIT_MS = 10_000;
const UNREACHABLE: readonly (number | undefined)[] = [GRPC_STATUS.DEADLINE_EXCEEDED, GRPC_STATUS.UNAVAILABLE];

/**
 * Tries, on what does not exist yet, everything that the end will need: rights are looked at before existence.
 * Changes nothing. @throws TemporalUnavailable where it cannot be reached, or what is made there could not be removed
 */
export async function checkTemporal(temporal: TemporalSettings, { command, names }: OwnPlace): Promise<void> {
  const { address, namespace } = temporal;
  const unavailable = (reason: string) =>
    new TemporalUnavailable(
      address,
      reason,
      `name another one, or unset TEMPORAL_ADDRESS: ${command} then starts one of its own`,
    );
  const access = temporalAccess(temporal, LIMIT_MS / 2);
  try {
    await access.use((client) =>
      client.connection.withDeadline(Date.now() + LIMIT_MS, async () => {
        if (!(await hasNamespace(client, namespace))) throw unavailable(`has no namespace ${namespace}`);
        try {
          await client.schedule.getHandle(names.scheduleId).delete().catch(unless(ScheduleNotFoundError));
          const nobody = client.workflow.getHandle(names.fullSyncId);
          await nobody.cancel().catch(unless(WorkflowNotFoundError));
          await nobody.terminate().catch(unless(WorkflowNotFoundError));
          await runningSyncs(client, names.taskQueue);
        } catch (error) {
          if (UNREACHABLE.includes(grpcCode(error))) throw error;
          throw unavailable(
            `does not let ${command} remove what it would make there (a schedule and workflows of the namespace ${namespace})`,
          );
        }
      }),
    );
  } catch (error) {
    throw error instanceof TemporalUnavailable ? unavailable(error.reason) : error;
  } finally {
    await access.close();
  }
}

/** Not told by the other calls: what does not exist there may be a workflow or the namespace. */
async function hasNamespace(client: Client, namespace: string): Promise<boolean> {
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (grpcCode(error) === GRPC_STATUS.NOT_FOUND) return false;
    // Some may use a namespace and not look at it.
    if (grpcCode(error) !== GRPC_STATUS.PERMISSION_DENIED) throw error;
  }
  return true;
}

function unless(expected: new (...args: never[]) => Error): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof expected)) throw error;
  };
}
