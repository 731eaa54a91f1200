import type { Client } from '@temporalio/client';
import type { FullSyncResult, OrgSyncResult } from '../../workflows/contract.js';
import { quoted, syncsQuery } from '../running-syncs.js';

const LIMIT_MS = 2_000;

/** Pages of the latest sync under this id that came to its end, as far as Temporal still knows it. Never rejects. */
export async function pagesOfLastSync(client: Client, workflowId: string): Promise<number | undefined> {
  const query = `WorkflowId = ${quoted(workflowId)} AND ExecutionStatus = 'Completed'`;
  return positive((await latest<OrgSyncResult>(client, query))?.pages);
}

/** Organizations of the latest full sync that came to its end, as far as Temporal still knows it. Never rejects. */
export async function organizationsOfLastFullSync(
  client: Client,
  taskQueue: string,
): Promise<number | undefined> {
  const query = syncsQuery('FullSyncWorkflow', taskQueue, ['Completed']);
  return positive((await latest<FullSyncResult>(client, query))?.orgs.total);
}

async function latest<Result extends object>(client: Client, query: string): Promise<Result | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + LIMIT_MS, async () => {
      for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: 1 })) {
        return (await client.workflow.getHandle(workflowId, runId).result()) as Result;
      }
      return undefined;
    });
  } catch {
    return undefined;
  }
}

/** What a workflow of another version answered may be anything. */
function positive(number: unknown): number | undefined {
  return typeof number === 'number' && number > 0 ? number : undefined;
}
