import type { Collections } from './collections.js';
import type { OrgId, SyncRunDoc } from './documents.js';
import { guarded } from './errors.js';
import { orgIdsOf } from './read-organization.js';

export type OverviewStore = ReturnType<typeof overviewStore>;

/** What waits for a person, of one organization. */
export interface WaitingOfOrg {
  orgId: string;
  count: number;
  /** Of the one that waits longest. */
  since: Date;
}

/** What an operator wants to know of all organizations at once, beside how each one stands. Reads only. */
export function overviewStore({ heldRemovals, quarantinedEntries, syncRuns }: Collections) {
  return {
    /** Removals that a person has still to decide on; the longest wait first. */
    async removalsToDecide(): Promise<WaitingOfOrg[]> {
      return await guarded('count held removals', async () =>
        inOrder(
          await heldRemovals
            .aggregate<Group>([{ $match: { decision: 'waiting' } }, groupedSince('$heldAt')])
            .toArray(),
        ),
      );
    },

    /** Entries in quarantine; the longest there first. */
    async quarantined(): Promise<WaitingOfOrg[]> {
      return await guarded('count quarantined entries', async () =>
        inOrder(await quarantinedEntries.aggregate<Group>([groupedSince('$firstSeenAt')]).toArray()),
      );
    },

    /** When the first sync of an organization began that failed after its last success; `null` where none is known. */
    async failingSince(orgId: string, lastSuccessAt: Date | undefined): Promise<Date | null> {
      const first = await guarded('read sync runs', () =>
        syncRuns.findOne(
          {
            orgId: { $in: orgIdsOf(orgId) },
            ...(lastSuccessAt === undefined ? {} : { startedAt: { $gt: lastSuccessAt } }),
            ...{ kind: 'org', state: 'failed', dryRun: { $exists: false }, hinted: { $exists: false } },
          },
          { sort: { startedAt: 1 }, projection: { startedAt: 1 } },
        ),
      );
      return first?.startedAt ?? null;
    },

    /** The full sync that began last, of those that have ended; dry runs are none. */
    async lastFullSync(): Promise<SyncRunDoc | null> {
      return await guarded('read sync runs', () =>
        // Full syncs have no organization: the index on it finds them.
        syncRuns.findOne(
          { orgId: { $exists: false }, kind: 'full', dryRun: { $exists: false } },
          { sort: { startedAt: -1 } },
        ),
      );
    },
  };
}

interface Group {
  _id: OrgId;
  count: number;
  since: Date;
}

function groupedSince(field: string) {
  return { $group: { _id: '$orgId', count: { $sum: 1 }, since: { $min: field } } };
}

function inOrder(groups: readonly Group[]): WaitingOfOrg[] {
  return groups
    .map(({ _id, count, since }) => ({ orgId: String(_id), count, since }))
    .sort((a, b) => a.since.getTime() - b.since.getTime());
}
