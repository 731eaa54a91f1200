import type { OrganizationSummary } from '../../mongo/organizations.js';
import type { SyncingOrgs } from './running.js';

/**
 * `fresh`: wholly synced within the promised age. `stale`: not since then. `failing`: its last syncs failed, or none can
 * be of it. `neverSynced`: no sync of its whole calendar has been complete yet. `stuck`: its sync runs and does not get
 * on. Each is in one state; of more than one that apply the first of stuck, failing, never synced, stale.
 */
export type OrgCondition = 'fresh' | 'stale' | 'failing' | 'neverSynced' | 'stuck';

export interface FailingOrg {
  orgId: string;
  /** `Type: message`. */
  reason: string;
  /** When the first sync began that failed after the last success. Absent: not known. */
  since?: Date;
  /** How often in a row. */
  failures: number;
  lastSuccessAt?: Date;
  /** A sync of it is under way. */
  syncing: boolean;
  /** What to do. */
  remedy: string;
}

export interface LateOrg {
  orgId: string;
  /** When its whole calendar was last synced. Absent: never. */
  lastSyncedAt?: Date;
  lastAttemptAt?: Date;
  syncing: boolean;
  /** What is odd about it. */
  remark?: string;
}

export interface DriftingOrg {
  orgId: string;
  /** How Luma's answers differ from the last good ones. */
  drift: string[];
}

export interface OrganizationsStatus {
  /** Organizations that have a key, or a feed in its place. */
  total: number;
  withoutKey: number;
  counts: Record<OrgCondition, number>;
  /** The first ones, the longest first, as all lists here. */
  failing: FailingOrg[];
  stale: LateOrg[];
  neverSynced: LateOrg[];
  drifting: { count: number; first: DriftingOrg[] };
  /** Of the organizations that were never synced, those whose last attempt is older than the promised age. */
  overdue: number;
}

export interface ClassifyOptions {
  now: Date;
  maxAgeMs: number;
  /** How many to name of each kind. */
  limit: number;
  /** `null`: not known. */
  running: SyncingOrgs | null;
  remedy: (reason: string, orgId: string) => string;
}

/** How organizations stand, by what their documents say. */
export function organizationsStatus(
  summaries: readonly OrganizationSummary[],
  { now, maxAgeMs, limit, running, remedy }: ClassifyOptions,
): OrganizationsStatus {
  const counts = { fresh: 0, stale: 0, failing: 0, neverSynced: 0, stuck: 0 };
  const found = { stale: [] as OrganizationSummary[], failing: [] as OrganizationSummary[] };
  const never: OrganizationSummary[] = [];
  const drifting: DriftingOrg[] = [];
  const oldest = now.getTime() - maxAgeMs;
  let withoutKey = 0;
  let overdue = 0;
  for (const organization of summaries) {
    const { id, hasKey, source, unusable, drift = [] } = organization;
    if (!hasKey && source === undefined && unusable === undefined) {
      withoutKey++;
      continue;
    }
    if (drift.length > 0) drifting.push({ orgId: id, drift });
    const condition = conditionOf(organization, oldest, running?.stuck);
    counts[condition]++;
    if (condition === 'failing') found.failing.push(organization);
    if (condition === 'stale') found.stale.push(organization);
    if (condition === 'neverSynced') {
      never.push(organization);
      if ((organization.lastAttemptAt?.getTime() ?? Infinity) < oldest) overdue++;
    }
  }
  const isRunning = (id: string) => running?.running.has(id) ?? false;
  const late = (organization: OrganizationSummary): LateOrg => {
    const { id, lastAttemptAt } = organization;
    const syncing = isRunning(id);
    const remark = remarkOf(organization, running === null ? null : syncing);
    return { orgId: id, lastSyncedAt: syncedAt(organization), lastAttemptAt, syncing, remark };
  };
  return {
    total: summaries.length - withoutKey,
    withoutKey,
    counts,
    failing: longest(found.failing, (one) => one.lastSuccessAt, limit).map((organization) => {
      const { id, consecutiveFailures = 0, lastSuccessAt } = organization;
      const reason = organization.unusable ?? organization.reason ?? 'no reason was given';
      return {
        ...{ orgId: id, reason, failures: consecutiveFailures, lastSuccessAt, syncing: isRunning(id) },
        remedy: remedy(reason, id),
      };
    }),
    stale: longest(found.stale, syncedAt, limit).map(late),
    neverSynced: longest(never, (one) => one.lastAttemptAt, limit).map(late),
    drifting: { count: drifting.length, first: drifting.slice(0, limit) },
    overdue,
  };
}

function conditionOf(
  organization: OrganizationSummary,
  oldest: number,
  stuck: ReadonlySet<string> | undefined,
): OrgCondition {
  const { id, unusable, state, consecutiveFailures = 0 } = organization;
  if (stuck?.has(id)) return 'stuck';
  // A sync under way does not make up for those that failed: only its success does.
  if (unusable !== undefined || state === 'failed' || consecutiveFailures > 0) return 'failing';
  const at = syncedAt(organization);
  if (at === undefined) return 'neverSynced';
  return at.getTime() < oldest ? 'stale' : 'fresh';
}

/** Only a complete sync without a window says that everything is as at Luma. */
function syncedAt({ eventsLastSynced, lastSuccessAt }: OrganizationSummary): Date | undefined {
  if (eventsLastSynced === undefined || lastSuccessAt === undefined) return eventsLastSynced;
  return eventsLastSynced < lastSuccessAt ? eventsLastSynced : lastSuccessAt;
}

function remarkOf(
  { state, reason, eventsLastSynced, lastSuccessAt }: OrganizationSummary,
  isSyncing: boolean | null,
): string | undefined {
  if (state === 'canceled') return reason ?? 'its last sync was canceled';
  if (state === 'syncing' && isSyncing === false) return 'its last sync ended without a report';
  if (eventsLastSynced === undefined && lastSuccessAt !== undefined) return 'synced in part only';
  return undefined;
}

/** By how long ago; never comes first. */
function longest(
  organizations: readonly OrganizationSummary[],
  since: (organization: OrganizationSummary) => Date | undefined,
  limit: number,
): OrganizationSummary[] {
  return organizations
    .toSorted((a, b) => (since(a)?.getTime() ?? 0) - (since(b)?.getTime() ?? 0))
    .slice(0, limit);
}
