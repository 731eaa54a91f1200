import type { SyncWindow } from '../events/window.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import { keyDigest } from '../secrets/key-digest.js';
import { isSealed, needsReseal, seal } from '../secrets/sealed-key.js';
import { argument, commandLine } from '../shell.js';
import type { ActivityDependencies } from './dependencies.js';
import { LumaCalendarChanged } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { openLumaKey } from './luma-key.js';
import { fenceIdOf } from './sync-scope.js';
import { type Wait, waitAfter } from './wait.js';

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

export interface OpenOrgSyncOutput extends Wait {
  /** `null` where Luma did not answer: ask again after the wait. */
  calendarId: string | null;
  requests: number;
}

/** A dry run that never came to its end leaves its fence for so long. */
const DRY_RUN_FENCE_MS = 2 * 86_400_000;

/**
 * Begins a sync: makes it the one that may write, opens the organization's key (sealing one that an application left
 * in clear text), asks Luma which calendar it opens, and makes sure it is the same one as before.
 */
export function openOrgSync(deps: ActivityDependencies) {
  const { luma, store, keyring } = deps;
  const now = deps.now ?? store.now;

  async function sealStoredKey(org: SyncableOrg, apiKey: string): Promise<void> {
    const { _id, storedKey } = org;
    if (storedKey === null || (isSealed(storedKey) && !needsReseal(keyring, storedKey))) return;
    await store.organizations.replaceKey(_id, storedKey, seal(keyring, String(_id), apiKey));
  }

  return async (input: OpenOrgSyncInput): Promise<OpenOrgSyncOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { orgId, syncId, workflowId, window, dryRun = false } = input;
      const startedAt = new Date(input.startedAt);
      const org = await store.organizations.get(orgId);
      const openedAt = now();
      if (!dryRun) {
        const began = { _id: syncId, kind: 'org' as const, orgId: org._id, workflowId, startedAt };
        await store.runs.begin({ ...began, ...(window === undefined ? {} : { window }) });
        // Said before anything else can fail, so that closing finds what it has to end.
        await store.organizations.beginSync(org._id, syncId, openedAt);
      }
      const apiKey = openLumaKey(deps, org);
      const expireAt = new Date(openedAt.getTime() + DRY_RUN_FENCE_MS);
      await store.fences.open(fenceIdOf(org._id, { syncId, dryRun }), {
        ...{ syncId, openedAt, keyDigest: keyDigest(apiKey, syncId) },
        ...(dryRun ? { expireAt } : {}),
      });
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
        return { calendarId: null, requests: tally.requests, ...waitAfter(error) };
      }
    });
}
