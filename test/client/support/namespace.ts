import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TemporalSettings } from '../../../src/config.js';
import { temporalAddress } from '../../support/servers.js';

/**
 * A namespace of its own on the run's server: the schedule's id and the task queue are fixed names, which other
 * test files use at the same time.
 */
export async function freshNamespace(): Promise<TemporalSettings> {
  const address = temporalAddress();
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    // Registered is not yet known everywhere in the server: wait until it answers for the new one.
    for (;;) {
      try {
        await connection.workflowService.listWorkflowExecutions({ namespace });
        await connection.workflowService.listSchedules({ namespace });
        break;
      } catch {
        await delay(50);
      }
    }
  } finally {
    await connection.close();
  }
  return { address, namespace, connectionOptions: { address } };
}
