import { allowedVisibilities } from '../events/visibility.js';
import type { SyncWindow } from '../events/window.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { NewFence } from '../mongo/fence.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import { keyDigest } from '../secrets/key-digest.js';
import { isSealed, needsReseal, seal } from '../secrets/sealed-key.js';
import { argument, commandLine } from '../shell.js';
import type { ActivityDependencies } from './dependencies.js';
import { LumaCalendarChanged } from './failures.js';
import { countedIn, type RequestTally, underHeartbeat } from './heartbeat.js';
import { openSource } from './open-source.js';
import { fenceIdOf, type SyncScope } from './sync-scope.js';
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
  /** Compares every event with what is stored, whatever the fingerprints say. */
  full?: boolean;
  /** Looks at single events only: the organization stands as the last sync of its calendar left it. */
  hinted?: boolean;
}

export interface OpenOrgSyncOutput extends Wait, RequestTally {
  /** `null` where Luma did not answer: ask again after the wait. */
  calendarId: string | null;
}

/** A dry run that never came to its end leaves its fence for so long. */
const DRY_RUN_FENCE_MS = 2 * 86_400_000;

/**
 * Begins a sync: makes it the one that may write, opens the organization's key (sealing one that an application left
 * in clear text) or its calendar's feed, and makes sure that the calendar is the same one as before.
 */
export function openOrgSync(deps: ActivityDependencies) {
  return async (input: OpenOrgSyncInput): Promise<OpenOrgSyncOutput> =>
    underHeartbeat(async (tally, signal) => {
      const org = await deps.store.organizations.get(input.orgId);
      const scope = await claimSync(deps, org, input, 'open');
      if (input.dryRun !== true) await announceSync(deps, org, input);
      if (input.hinted === true && scope.isVerified === true && org.calendarId !== null) {
        return { calendarId: org.calendarId, ...tally, pauseMs: 0 };
      }
      return await openCalendar(deps, scope, { tally, signal });
    });
}

/** Says that the sync is under way: in its report, and on the organization. */
export async function announceSync(
  { store, now = store.now }: ActivityDependencies,
  org: SyncableOrg,
  { syncId, workflowId, window, hinted, startedAt }: OpenOrgSyncInput,
): Promise<void> {
  const began = { kind: 'org' as const, orgId: org._id, workflowId, startedAt: new Date(startedAt) };
  await store.runs.begin({ _id: syncId, ...began, window, hinted: hinted === true ? hinted : undefined });
  if (hinted !== true) await store.organizations.beginSync(org, syncId, now());
}

/** Makes the sync the one of the organization that may write, with the key that is stored now. */
export async function claimSync(
  deps: ActivityDependencies,
  org: SyncableOrg,
  { syncId, dryRun = false, full: asked = false }: OpenOrgSyncInput,
  openedBy: NewFence['openedBy'],
): Promise<SyncScope> {
  const { store, now = store.now } = deps;
  const openedAt = now();
  const source = openSource(deps, org);
  const fenceId = fenceIdOf(org._id, { syncId, dryRun });
  const expireAt = new Date(openedAt.getTime() + DRY_RUN_FENCE_MS);
  const digest = (ofSyncId: string) => keyDigest(source.credential, ofSyncId);
  const { full, before } = await store.fences.open(fenceId, {
    ...{ syncId, openedAt, openedBy, keyDigest: digest(syncId) },
    ...(asked ? { full: true } : {}),
    ...(dryRun ? { expireAt } : {}),
  });
  if (!dryRun) await sealStoredKey(deps, org, source.credential);
  const isVerified =
    before?.verified !== undefined &&
    before.verified === org.calendarId &&
    before.keyDigest === digest(before.syncId);
  const allowed = allowedVisibilities(org.visibilityWish);
  return { org, syncId, source, allowed, fenceId, dryRun, full, isVerified };
}

/** Asks Luma which calendar the key opens; the address of a feed says it. @throws LumaCalendarChanged */
export async function openCalendar(
  { store }: ActivityDependencies,
  { org, source, dryRun }: SyncScope,
  { tally, signal }: { tally: RequestTally; signal: AbortSignal },
): Promise<OpenOrgSyncOutput> {
  try {
    const { value: calendar, budget } = await source.getCalendar({ signal, ...countedIn(tally) });
    if (org.calendarId !== null && org.calendarId !== calendar.id) {
      throw new LumaCalendarChanged(
        `the ${source.kind === 'api' ? 'key opens' : 'feed is of'} calendar ${calendar.id}, earlier syncs were of ${org.calendarId}: if that is meant, ${commandLine('luma-sync', 'orgs', 'rebind', ...argument(String(org._id)))}`,
      );
    }
    if (!dryRun) await store.organizations.bindCalendar(org, calendar);
    return { calendarId: calendar.id, ...tally, pauseMs: pauseBeforeNext(budget) };
  } catch (error) {
    return { calendarId: null, ...tally, ...waitAfter(error) };
  }
}

async function sealStoredKey(
  { store, keyring }: ActivityDependencies,
  { _id, storedKey }: SyncableOrg,
  apiKey: string,
): Promise<void> {
  if (storedKey === null || (isSealed(storedKey) && !needsReseal(keyring, storedKey))) return;
  await store.organizations.replaceKey(_id, storedKey, seal(keyring, String(_id), apiKey));
}
