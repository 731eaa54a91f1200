import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import { GRPC_STATUS } from '../client/temporal-errors.js';
import type { Logger } from '../logger.js';
import { commandLine } from '../shell.js';
import type { Deployment } from './deployment.js';

const LOOK_EVERY_MS = 500;
/** Temporal knows a build once one of its workers polls. */
const LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 5_000;

/**
 * Makes this build the current one where the deployment has none: the first worker on a fresh server would otherwise
 * wait for a command. Where another build is current, that stays so, and the log says how this one gets work.
 * Never rejects.
 */
export async function takeOverIfFirst(
  connection: NativeConnection,
  { namespace, deployment, signal }: { namespace: string; deployment: Deployment; signal: AbortSignal },
  logger: Logger,
): Promise<void> {
  const { deploymentName, buildId } = deployment;
  const command = setCurrentCommand(namespace, deployment);
  const isKnown = async () => {
    const { workerDeploymentInfo, conflictToken } = await connection.workflowService.describeWorkerDeployment(
      {
        namespace,
        deploymentName,
      },
    );
    const builds = workerDeploymentInfo?.versionSummaries ?? [];
    const known = builds.some((one) => one.deploymentVersion?.buildId === buildId);
    const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? null;
    return known ? { current, conflictToken } : null;
  };
  try {
    const found = await untilKnown(connection, isKnown, signal);
    if (found === null) {
      logger.warn(
        { ...deployment, command },
        'Temporal does not list this build yet; to give it new syncs, run',
      );
    } else if (found.current === buildId) {
      logger.info(deployment, 'this build is current: it takes new syncs');
    } else if (found.current !== null) {
      logger.warn(
        { ...deployment, current: found.current, command },
        'another build is current: this one takes no new syncs until you run',
      );
    } else {
      const { conflictToken } = found;
      await connection.withDeadline(Date.now() + CALL_LIMIT_MS, () =>
        connection.workflowService.setWorkerDeploymentCurrentVersion({
          ...{ namespace, deploymentName, buildId, conflictToken, identity: 'luma-sync worker' },
        }),
      );
      logger.info(deployment, 'the first build: it is current now, and takes new syncs');
    }
  } catch (error) {
    if (signal.aborted) return;
    const status = isGrpcServiceError(error) ? error.code : undefined;
    logger.warn(
      { ...deployment, status, command },
      'cannot see to it that this build is current; if not, run',
    );
  }
}

/** What an operator runs to give new syncs to a build; with the one before, it takes a deployment back. */
export function setCurrentCommand(namespace: string, { deploymentName, buildId }: Deployment): string {
  return commandLine(
    ...['temporal', 'worker', 'deployment', 'set-current-version', '--namespace', namespace],
    ...['--deployment-name', deploymentName, '--build-id', buildId],
  );
}

async function untilKnown<T>(
  connection: NativeConnection,
  look: () => Promise<T | null>,
  signal: AbortSignal,
): Promise<T | null> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    try {
      const found = await connection.withDeadline(Date.now() + CALL_LIMIT_MS, look);
      if (found !== null) return found;
    } catch (error) {
      if (!isGrpcServiceError(error) || (error.code as number) !== GRPC_STATUS.NOT_FOUND) throw error;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
  return null;
}
