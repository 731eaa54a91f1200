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
import { type RequestTally, underHeartbeat } from './heartbeat.js';
import { openLumaKey } from './luma-key.js';
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
}

export interface OpenOrgSyncOutput extends Wait {
  /** `null` where Luma did not answer: ask again after the wait. */
  calendarId: string | null;
  requests: number;
}

/** A dry run that never came to its end leaves its fence for so long. */
const DRY_RUN_FENCE_MS = 2 * 86_400_000;

/** So long after the last one, a sync compares every event, whatever the fingerprints say: documents may be edited. */
const FULL_EVERY_MS = 7 * 86_400_000;

/**
 * Begins a sync: makes it the one that may write, opens the organization's key (sealing one that an application left
 * in clear text), asks Luma which calendar it opens, and makes sure it is the same one as before.
 */
export function openOrgSync(deps: ActivityDependencies) {
  return async (input: OpenOrgSyncInput): Promise<OpenOrgSyncOutput> =>
    underHeartbeat(
      async (tally, signal) => (await beginSync(deps, input, { tally, signal, by: 'open' })).opened,
    );
}

export interface BeginOptions {
  tally: RequestTally;
  signal: AbortSignal;
  by: NewFence['openedBy'];
}

export async function beginSync(
  deps: ActivityDependencies,
  input: OpenOrgSyncInput,
  { tally, signal, by }: BeginOptions,
): Promise<{ opened: OpenOrgSyncOutput; scope: SyncScope }> {
  const { luma, store } = deps;
  const now = deps.now ?? store.now;
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
  const fenceId = fenceIdOf(org._id, { syncId, dryRun });
  const expireAt = new Date(openedAt.getTime() + DRY_RUN_FENCE_MS);
  const fullAt = await store.fences.open(fenceId, {
    ...{ syncId, openedAt, openedBy: by, keyDigest: keyDigest(apiKey, syncId) },
    ...(dryRun ? { expireAt } : {}),
  });
  const full = input.full === true || openedAt.getTime() - fullAt.getTime() > FULL_EVERY_MS;
  if (full) await store.fences.compareAll(fenceId, syncId);
  if (!dryRun) await sealStoredKey(deps, org, apiKey);
  const allowed = allowedVisibilities(org.visibilityWish);
  const scope = { org, syncId, apiKey, allowed, fenceId, dryRun, full };
  try {
    tally.requests++;
    const { value: calendar, budget } = await luma.getCalendar(apiKey, { signal });
    if (org.calendarId !== null && org.calendarId !== calendar.id) {
      throw new LumaCalendarChanged(
        `the key opens calendar ${calendar.id}, earlier syncs were of ${org.calendarId}: if that is meant, ${commandLine('luma-sync', 'orgs', 'rebind', ...argument(orgId))}`,
      );
    }
    if (!dryRun) await store.organizations.bindCalendar(org, calendar);
    const opened = { calendarId: calendar.id, requests: tally.requests, pauseMs: pauseBeforeNext(budget) };
    return { opened, scope };
  } catch (error) {
    return { opened: { calendarId: null, requests: tally.requests, ...waitAfter(error) }, scope };
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
