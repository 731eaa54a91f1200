/** How far a sync came, by its result: a query of one that has ended needs a worker that is there, and in time. */

import type {
  FullSyncProgress,
  FullSyncResult,
  OrgSyncProgress,
  OrgSyncResult,
} from '../../workflows/contract.js';

export function fullSyncAtEnd({ orgs, events, requests, waitedMs }: FullSyncResult): FullSyncProgress {
  return { phase: 'done', orgs: { ...orgs, running: 0 }, running: [], events, requests, waitedMs };
}

/** @param before what was last known of it: only that tells of the details */
export function orgSyncAtEnd(result: OrgSyncResult, before: OrgSyncProgress | undefined): OrgSyncProgress {
  const { detailsDue = 0, detailsAsked = 0 } = before ?? {};
  const { orgId, syncId, dryRun, hinted, pages, events } = result;
  const { detailsPending, detailsProblem, unresolved, requests, waitedMs } = result;
  return {
    ...{ phase: 'done', orgId, syncId, dryRun, hinted, pages, events, detailsDue, detailsAsked },
    ...{ detailsPending, detailsProblem, unresolved, requests, waitedMs },
  };
}
