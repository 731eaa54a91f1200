import { HINTED_SYNC_DETAILS } from '../client/descriptions.js';
import type { TemporalAccess } from '../client/temporal.js';
import { within } from '../within.js';
import { type EventsChanged, EVENTS_CHANGED_SIGNAL, orgSyncWorkflowId } from '../workflows/contract.js';
import { shortened } from '../printable.js';

/** Luma waits five seconds for an answer. */
const LIMIT_MS = 4_000;

/**
 * Tells the sync of an organization which events have changed, or starts one of just these.
 * @throws TemporalUnavailable, TookTooLong
 */
export async function signalSync(
  temporal: TemporalAccess,
  taskQueue: string,
  { orgId, changed }: { orgId: string; changed: EventsChanged },
): Promise<void> {
  await within(
    LIMIT_MS,
    temporal.use((client) =>
      client.workflow.signalWithStart('OrgSyncWorkflow', {
        workflowId: orgSyncWorkflowId(orgId, taskQueue),
        taskQueue,
        args: [{ orgId, hinted: true }],
        signal: EVENTS_CHANGED_SIGNAL,
        signalArgs: [changed],
        staticSummary: `Changes that Luma told of, organization ${shortened(orgId, 60)}`,
        staticDetails: HINTED_SYNC_DETAILS,
      }),
    ),
  );
}
