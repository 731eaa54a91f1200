import type { SyncWindow } from '../events/window.js';
import { LumaRateLimited } from '../luma/errors.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import { isSealed, needsReseal, seal } from '../secrets/sealed-key.js';
import { argument, commandLine } from '../shell.js';
import type { ActivityDependencies } from './dependencies.js';
import { LumaCalendarChanged } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { openLumaKey } from './luma-key.js';

export interface OpenOrgSyncInput {
  orgId: string;
  syncId: string;
  workflowId: string;
  window?: SyncWindow;
  /** ISO 8601. */
  startedAt: string;
  /** Writes nothing: no state, no key, no binding. */
  dryRun?: boolean;
}

export interface OpenOrgSyncOutput {
  /** `null` where Luma asked for a pause before it answered: ask again after it. */
  calendarId: string | null;
  requests: number;
  /** How long to leave the calendar alone, ms; 0: go on. */
  pauseMs: number;
}

/**
 * Begins a sync: opens the organization's key (sealing one that an application left in clear text), asks Luma
 * which calendar it opens, and makes sure it is the same one as before.
 */
export function openOrgSync(deps: ActivityDependencies) {
  const { luma, store, keyring, now = () => new Date() } = deps;

  async function sealStoredKey(org: SyncableOrg, apiKey: string): Promise<void> {
    const { _id, storedKey } = org;
    if (storedKey === null || (isSealed(storedKey) && !needsReseal(keyring, storedKey))) return;
    await store.organizations.replaceKey(_id, storedKey, seal(keyring, String(_id), apiKey));
  }

  return async (input: OpenOrgSyncInput): Promise<OpenOrgSyncOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { orgId, syncId, workflowId, window, startedAt, dryRun = false } = input;
      const org = await store.organizations.get(orgId);
      if (!dryRun) {
        await Promise.all([
          store.organizations.beginSync(org._id, now()),
          store.runs.begin({
            _id: syncId,
            kind: 'org',
            orgId: org._id,
            workflowId,
            ...(window === undefined ? {} : { window }),
            startedAt: new Date(startedAt),
          }),
        ]);
      }
      const apiKey = openLumaKey(deps, org);
      if (!dryRun) await sealStoredKey(org, apiKey);
      try {
        tally.requests++;
        const { value: calendar, budget } = await luma.getCalendar(apiKey, { signal });
        if (org.calendarId !== null && org.calendarId !== calendar.id) {
          throw new LumaCalendarChanged(
            `the key opens calendar ${calendar.id}, earlier syncs were of ${org.calendarId}: if that is meant, ${commandLine('luma-sync', 'orgs', 'rebind', ...argument(orgId))}`,
          );
        }
        if (!dryRun) await store.organizations.bindCalendar(org._id, calendar);
        return { calendarId: calendar.id, requests: tally.requests, pauseMs: pauseBeforeNext(budget) };
      } catch (error) {
        if (!(error instanceof LumaRateLimited)) throw error;
        return { calendarId: null, requests: tally.requests, pauseMs: error.pauseMs };
      }
    });
}
