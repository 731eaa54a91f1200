import type { Status } from '../status.js';

/** Something that waits for a person. */
export interface Need {
  kind:
    | ('no-workers' | 'stuck' | 'failing' | 'stale' | 'never-synced')
    | ('removals' | 'quarantine' | 'drift' | 'webhooks');
  /** How many: organizations, syncs, removals or entries, as the kind says. */
  count: number;
  /** The first ones. */
  orgIds: string[];
}

/** Organizations that are named of a kind whose list is not cut already. */
const NAMED = 10;

/**
 * What a person has to see to, the most urgent first. A schedule that is paused or missing is none by itself: who did
 * that meant it, and organizations that grow stale tell.
 */
export function needsOf(status: Omit<Status, 'verdict' | 'needs'>): Need[] {
  const { workers, running, organizations, removals, quarantine, webhooks } = status;
  const needs: Need[] = [];
  const add = (kind: Need['kind'], count: number, of: readonly { orgId?: string }[]) => {
    if (count > 0) needs.push({ kind, count, orgIds: of.flatMap(({ orgId }) => orgId ?? []) });
  };
  if (workers?.polling.length === 0) needs.push({ kind: 'no-workers', count: 1, orgIds: [] });
  if (running !== undefined) add('stuck', running.stuck.count, running.stuck.first);
  if (organizations !== undefined) {
    const { counts, failing, stale, neverSynced, drifting } = organizations;
    add('failing', counts.failing, failing);
    add('stale', counts.stale, stale);
    add('never-synced', neverToCome(status), neverSynced);
    if (removals !== undefined) add('removals', removals.count, removals.first);
    if (quarantine !== undefined) add('quarantine', quarantine.count, quarantine.first);
    add('drift', drifting.count, drifting.first);
  }
  if (webhooks !== undefined && webhooks !== null) {
    const { missing, moved, paused, silent } = webhooks;
    const ids = [...new Set([...missing, ...moved, ...paused, ...silent.map(({ orgId }) => orgId)])];
    if (ids.length > 0) needs.push({ kind: 'webhooks', count: ids.length, orgIds: ids.slice(0, NAMED) });
  }
  return needs;
}

/**
 * Organizations that were never synced and that nobody is about to sync. A new one waits for the next scheduled sync,
 * and that is in order.
 */
function neverToCome({ at, maxAgeMs, schedule, running, organizations }: Omit<Status, 'verdict' | 'needs'>) {
  if (organizations === undefined || schedule === undefined || running === undefined) return 0;
  const next = schedule === null || schedule.paused ? undefined : schedule.nextRuns[0];
  const isToCome = running.fullSyncs > 0 || (next !== undefined && next.getTime() <= at.getTime() + maxAgeMs);
  return isToCome ? organizations.overdue : organizations.counts.neverSynced;
}
