import type { Client } from '@temporalio/client';
import { PROGRESS_QUERY } from '../workflows/contract.js';

/**
 * How far the latest sync with this id is; `undefined`: no worker tells in time. Without a run's id: a sync that
 * continued as new goes on under another one.
 */
export async function queryProgress<Progress>(
  client: Client,
  workflowId: string,
  limitMs: number,
): Promise<Progress | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + limitMs, () =>
      client.workflow.getHandle(workflowId).query<Progress>(PROGRESS_QUERY),
    );
  } catch {
    return undefined;
  }
}
