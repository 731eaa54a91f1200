import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import type { TemporalSettings } from '../../../src/config.js';

/** Runs the stand-in workflows, and an activity that always fails, until `stop`. */
export async function startStandInWorker({
  address,
  namespace,
}: TemporalSettings): Promise<{ stop: () => Promise<void> }> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const connection = await NativeConnection.connect({ address });
  const activities = {
    alwaysFails: () =>
      Promise.reject(ApplicationFailure.retryable('nothing\u001b[2J will do', 'LumaUnavailable')),
  };
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue: 'luma-sync', workflowBundle, activities },
  });
  const ended = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
