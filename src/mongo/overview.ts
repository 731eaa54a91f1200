import type { Collections } from './collections.js';
import type { OrgId, SyncRunDoc } from './documents.js';
import { guarded } from './errors.js';
import { TO_JUDGE, TO_LIST } from './organization-lists.js';
import {
  type OrganizationSummary,
  orgIdsOf,
  type StoredOrganization,
  summaryOf,
  type TypesOnly,
} from './read-organization.js';
import { webhookOf, type WebhookOfOrg } from './webhooks.js';

export type OverviewStore = ReturnType<typeof overviewStore>;

/** What waits for a person, of one organization. */
export interface WaitingOfOrg {
  orgId: string;
  count: number;
  /** Of the one that waits longest. */
  since: Date;
}

export interface OrganizationsRead {
  summaries: OrganizationSummary[];
  webhooks: WebhookOfOrg[];
}

/** What an operator wants to know of all organizations at once, beside how each one stands. Reads only. */
export function overviewStore({ organizations, heldRemovals, quarantinedEntries, syncRuns }: Collections) {
  return {
    /**
     * All organizations by `_id`, and the webhooks of those that have a key, by one read.
     * @param listed with what only lists show: names, addresses, the calendar
     */
    async organizations(listed: boolean): Promise<OrganizationsRead> {
      const docs = await guarded('list organizations', () =>
        organizations
          .find()
          .project<StoredOrganization & TypesOnly>({ ...(listed ? TO_LIST : TO_JUDGE), lumaWebhook: 1 })
          .sort({ _id: 1 })
          .toArray(),
      );
      const summaries = docs.map(summaryOf);
      return { summaries, webhooks: docs.filter((_, nth) => summaries[nth]?.hasKey).flatMap(webhookOf) };
    },

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
        // Full syncs have no organization: the index finds them under `null`, the latest first.
        syncRuns.findOne({ orgId: null, kind: 'full', dryRun: { $exists: false } } as object, {
          sort: { startedAt: -1 },
        }),
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
