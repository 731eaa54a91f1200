import { DEFAULT_DETAILS } from '../../activities/dependencies.js';
import type { OrgSyncProgress, StatedLimit } from '../../workflows/contract.js';
import type { PendingActivity } from '../described-workflow.js';

/**
 * Progress with what the activities under way have told by their heartbeats: a workflow hears of an activity's work only at
 * its end, which may be 20 s away.
 * @param before the progress at the look before: where it has changed since, a heartbeat may be of an activity that ended
 */
export function withHeartbeats(
  progress: OrgSyncProgress,
  activities: readonly PendingActivity[],
  before: OrgSyncProgress | undefined,
): OrgSyncProgress {
  if (before !== undefined && before.requests !== progress.requests) return progress;
  let { pages, detailsAsked, requests, limit } = progress;
  for (const { type, heartbeat } of activities) {
    const made = requestsOf(heartbeat);
    if (type === 'fetchLumaPages') pages += made;
    else if (type === 'fetchEventDetails')
      detailsAsked = Math.min(detailsAsked + made, detailsToAsk(progress));
    else if (type !== 'openOrgSync' && type !== 'settleRemovals') continue;
    requests += made;
    const said = limitOf(heartbeat);
    if (said !== undefined) limit = { windowMs: limit?.windowMs, ...said };
  }
  return { ...progress, pages, detailsAsked, requests, ...(limit === undefined ? {} : { limit }) };
}

function requestsOf(heartbeat: unknown): number {
  const { requests } = (heartbeat ?? {}) as { requests?: unknown };
  return typeof requests === 'number' && requests > 0 ? requests : 0;
}

function limitOf(heartbeat: unknown): StatedLimit | undefined {
  const { limit } = (heartbeat ?? {}) as { limit?: Partial<StatedLimit> };
  const requests = limit?.requests;
  return requests === null || typeof requests === 'number' ? { ...limit, requests } : undefined;
}

/** Details that this sync asks for: what is due, less what is left to a later one. */
export function detailsToAsk({ detailsDue, detailsPending, detailsAsked }: OrgSyncProgress): number {
  return Math.max(detailsAsked, Math.min(detailsDue - detailsPending, DEFAULT_DETAILS.requests));
}

/**
 * Requests that bring a sync on: made, and still to make.
 * @param pagesBefore pages of the last complete sync: how long a listing gets is not known before its end
 */
export function workOf(
  progress: OrgSyncProgress,
  pagesBefore: number | undefined,
): { done: number; left: number | null } {
  const { phase, pages, detailsAsked, events } = progress;
  const done = pages + detailsAsked;
  switch (phase) {
    case 'opening':
    case 'listing': {
      // Which details are due is known as far as the listing was applied.
      const isApplied = pages > 0 && events.seen > 0;
      if (pagesBefore === undefined || pages >= pagesBefore || !isApplied) return { done, left: null };
      const due = Math.min((progress.detailsDue * pagesBefore) / pages, DEFAULT_DETAILS.requests);
      return { done, left: Math.round(pagesBefore - pages + (progress.dryRun ? 0 : due)) };
    }
    case 'details':
      return { done, left: detailsToAsk(progress) - detailsAsked };
    case 'closing':
    case 'done':
      return { done, left: 0 };
    default:
      return { done, left: null };
  }
}
