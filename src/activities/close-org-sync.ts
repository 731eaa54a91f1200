import type { OrgSyncEnd } from '../mongo/organizations.js';
import { OrgNotFound } from '../mongo/errors.js';
import type { OrgId, SyncRunDoc } from '../mongo/documents.js';
import type { OrgSyncResult, SyncFailure, SyncWindow } from '../workflows/contract.js';
import type { ActivityDependencies } from './dependencies.js';

export interface CloseOrgSyncInput {
  workflowId: string;
  window?: SyncWindow;
  end: { state: 'complete' } | { state: 'failed' | 'canceled'; failure: SyncFailure };
  /** As far as the sync came. */
  report: Omit<OrgSyncResult, 'status' | 'calendarId'> & { calendarId: string | null };
}

/** Ends a sync, however it went: the report is stored, and the organization says how it stands. */
export function closeOrgSync({ store, now = () => new Date() }: ActivityDependencies) {
  return async ({ workflowId, window, end, report }: CloseOrgSyncInput): Promise<void> => {
    const reason = end.state === 'complete' ? undefined : `${end.failure.type}: ${end.failure.message}`;
    // An organization that is gone meanwhile, or never was: its run is still reported.
    const _id = await organizationId(report.orgId);
    if (_id !== null) await store.organizations.endSync(_id, orgEnd(), now());

    const { orgId, syncId, calendarId, startedAt, finishedAt, detailsPending, ...counters } = report;
    const run: SyncRunDoc = {
      _id: syncId,
      kind: 'org',
      orgId: _id ?? orgId,
      workflowId,
      state: end.state,
      ...counters,
      detailsPending,
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
    };
    if (window !== undefined) run.window = window;
    if (calendarId !== null) run.calendarId = calendarId;
    if (reason !== undefined) run.reason = reason;
    await store.runs.end(run);

    function orgEnd(): OrgSyncEnd {
      if (end.state === 'complete') return { state: 'ok', whole: window === undefined };
      return { state: end.state, reason: reason ?? end.state };
    }
  };

  async function organizationId(orgId: string): Promise<OrgId | null> {
    try {
      return (await store.organizations.get(orgId))._id;
    } catch (error) {
      if (error instanceof OrgNotFound) return null;
      throw error;
    }
  }
}
