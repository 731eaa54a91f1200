import { noEvents } from '../events/counts.js';
import type { DryRunPreview, SyncRunDoc } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import type { EventCounts } from '../workflows/contract.js';
import { checkId } from './arguments.js';

/** What a sync of one organization would have done. */
export interface OrgDryRun {
  orgId: string;
  syncId: string;
  state: 'complete' | 'failed' | 'canceled';
  /** Why it did not complete, `Type: message`. */
  reason?: string;
  events: EventCounts;
  preview: DryRunPreview;
}

/** A dry run left no report in this database. */
export class DryRunNotFound extends Error {
  override readonly name = 'DryRunNotFound';
}

/** The differences that dry runs found; kept 90 days. All throw InvalidArgument, DryRunNotFound and StoreUnavailable. */
export interface DryRuns {
  /** @param syncId of the result */
  ofOrganization(syncId: string): Promise<OrgDryRun>;
  /** One organization after the other, as their syncs began. @param runId of the full sync */
  ofFullSync(runId: string): AsyncIterable<OrgDryRun>;
}

export function dryRunsOf(store: () => Promise<Store>): DryRuns {
  async function report(id: string): Promise<SyncRunDoc> {
    checkId(id, 'the id of a sync');
    const run = await (await store()).runs.get(id);
    if (run?.dryRun !== true) {
      throw new DryRunNotFound(
        "the dry run's differences are not in this database – check that MONGODB_URI and MONGODB_DB are the worker's",
      );
    }
    return run;
  }

  return {
    ofOrganization: async (syncId) => dryRunOf(await report(syncId)),
    async *ofFullSync(runId) {
      checkId(runId, 'runId');
      const { runs } = await store();
      // One at a time: together they may be many.
      for (const syncId of await runs.partsOf(await report(runId))) yield dryRunOf(await report(syncId));
    },
  };
}

function dryRunOf({ _id, orgId, state, reason, events, preview }: SyncRunDoc): OrgDryRun {
  const nothing = { inserted: [], changed: [], hidden: [], removed: [], held: [], unknown: [] };
  return {
    orgId: String(orgId),
    syncId: _id,
    state: state === 'complete' || state === 'canceled' ? state : 'failed',
    reason,
    events: events ?? noEvents(),
    preview: { ...nothing, ...preview },
  };
}
