import type { Client } from '@temporalio/client';
import type { OrgSyncResult } from '../../workflows/contract.js';

const LIMIT_MS = 2_000;

/** Pages of the latest sync under this id that came to its end, as far as Temporal still knows it. */
export async function pagesOfLastSync(client: Client, workflowId: string): Promise<number | undefined> {
  const id = workflowId.replaceAll("'", "''");
  const query = `WorkflowId = '${id}' AND ExecutionStatus = 'Completed'`;
  try {
    return await client.connection.withDeadline(Date.now() + LIMIT_MS, async () => {
      for await (const { runId } of client.workflow.list({ query, pageSize: 1 })) {
        const result = (await client.workflow.getHandle(workflowId, runId).result()) as OrgSyncResult;
        return typeof result.pages === 'number' && result.pages > 0 ? result.pages : undefined;
      }
      return undefined;
    });
  } catch {
    return undefined;
  }
}
