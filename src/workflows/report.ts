import { noEvents } from '../events/counts.js';
import type { OrgSyncInput, OrgSyncProgress, OrgSyncResult } from './contract.js';

/** Of a sync that begins. */
export function newProgress(
  { orgId, dryRun = false, hinted }: OrgSyncInput,
  syncId: string,
): OrgSyncProgress {
  return {
    ...{ orgId, syncId, phase: 'opening', dryRun, pages: 0, events: noEvents() },
    ...(hinted === true ? { hinted } : {}),
    ...{ detailsDue: 0, detailsAsked: 0, detailsPending: 0, unresolved: 0, requests: 0, waitedMs: 0 },
  };
}

/** What is reported of a sync, as far as it came. */
export type OrgSyncReport = Omit<
  OrgSyncResult,
  'status' | 'calendarId' | 'drift' | 'source' | 'sourceBefore'
> & {
  calendarId: string | null;
};

export function reportOf(
  progress: OrgSyncProgress,
  { calendarId, startedAt, finishedAt }: { calendarId: string | null; startedAt: string; finishedAt: string },
): OrgSyncReport {
  const { orgId, syncId, dryRun, hinted, pages, events, requests, waitedMs } = progress;
  const { detailsPending, detailsProblem, unresolved } = progress;
  return {
    ...{ orgId, syncId, calendarId, dryRun, pages, events, detailsPending, detailsProblem, unresolved },
    ...{ requests, waitedMs, startedAt, finishedAt },
    ...(hinted === undefined ? {} : { hinted }),
  };
}
