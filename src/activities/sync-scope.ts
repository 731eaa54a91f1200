import { allowedVisibilities } from '../events/visibility.js';
import type { CalendarSource } from '../luma/calendar-source.js';
import type { OrgId } from '../mongo/documents.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import { keyDigest } from '../secrets/key-digest.js';
import type { ActivityDependencies } from './dependencies.js';
import { LumaKeyChanged } from './failures.js';
import { openSource } from './open-source.js';

/** Which sync an activity belongs to. */
export interface SyncIds {
  orgId: string;
  syncId: string;
  /** Changes nothing. */
  dryRun?: boolean;
}

/** What an activity of a sync works with. */
export interface SyncScope {
  org: SyncableOrg;
  syncId: string;
  /** With the key, or the feed's address, that the sync was opened with. */
  source: CalendarSource;
  allowed: ReadonlySet<string>;
  /** Where the sync's fence is: of a dry run, a fence of its own. */
  fenceId: OrgId;
  dryRun: boolean;
  /** Every event is compared, whatever its fingerprint says. */
  full: boolean;
  /** The sync before has verified the same key: it opens the organization's calendar. Of a sync that is opened only. */
  isVerified?: boolean;
}

/**
 * Enters a sync that was opened: it is still under way, and the organization's key, or its feed's address, is still the
 * one that it was opened with.
 * @throws OrgNotFound, OrgHasNoKey, KeyUnreadable, LumaKeyChanged, SyncOvertaken, StoreUnavailable
 */
export async function enterSync(
  deps: Pick<ActivityDependencies, 'store' | 'keyring' | 'luma'>,
  { orgId, syncId, dryRun = false }: SyncIds,
): Promise<SyncScope> {
  const org = await deps.store.organizations.get(orgId);
  const fenceId = fenceIdOf(org._id, { syncId, dryRun });
  const fence = await deps.store.fences.current(fenceId, syncId);
  const source = openSource(deps, org);
  if (fence.keyDigest !== keyDigest(source.credential, syncId)) throw new LumaKeyChanged(orgId);
  const allowed = allowedVisibilities(org.visibilityWish);
  return { org, syncId, source, allowed, fenceId, dryRun, full: fence.full === true };
}

/** A dry run takes the organization's fence from nobody. */
export function fenceIdOf(
  orgId: OrgId,
  { syncId, dryRun = false }: Pick<SyncIds, 'syncId' | 'dryRun'>,
): OrgId {
  return dryRun ? syncId : orgId;
}
