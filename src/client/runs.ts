import type { SyncRunDoc } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import { checkFields, checkId, checkLimit, checkOptionalId } from './arguments.js';
import { type RunDay, runDays } from './runs-days.js';

/** What a sync of one organization, or a full sync, did: docs/operating.md tells the fields. */
export interface RunSummary extends Omit<SyncRunDoc, '_id' | 'orgId' | 'preview'> {
  id: string;
  /** Absent: a full sync. */
  orgId?: string;
  /** From its begin to its end. Absent: it has not ended, or never said so. */
  durationMs?: number;
}

/** No sync of the last 90 days has this id, or more than one has an id that begins so. */
export class RunNotFound extends Error {
  override readonly name = 'RunNotFound';
}

/** What syncs did; kept 90 days. All throw InvalidArgument and StoreUnavailable. */
export interface SyncRuns {
  /** The latest first, dry runs too. @param query.limit default 20 @throws OrgNotFound, RangeError */
  list(query?: { orgId?: string; limit?: number }): Promise<RunSummary[]>;
  /** @param id the beginning is enough, where only one begins so. @throws RunNotFound */
  show(id: string): Promise<RunSummary>;
  /** The last 30 days in UTC, the oldest first; dry runs are left out. @throws OrgNotFound */
  days(orgId: string): Promise<RunDay[]>;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 10_000;
const DAYS = 30;

export function syncRunsOf(store: () => Promise<Store>): SyncRuns {
  return {
    async list(query = {}) {
      checkFields(query, 'the query', ['orgId', 'limit']);
      const { orgId, limit = DEFAULT_LIMIT } = query;
      checkOptionalId(orgId, 'orgId');
      checkLimit(limit, MAX_LIMIT);
      const { organizations, runs } = await store();
      const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
      return (await runs.list(_id, limit)).map(runSummary);
    },

    async show(id) {
      checkId(id, 'id');
      const { runs } = await store();
      const found = await runs.beginningWith(id);
      const [first, ...more] = found;
      const run = found.find(({ _id }) => _id === id) ?? (more.length === 0 ? first : undefined);
      if (run !== undefined) return runSummary(run);
      throw new RunNotFound(
        more.length > 0
          ? `more than one sync has an id that begins with ${JSON.stringify(id)} – write more of it`
          : `there is no sync with the id ${JSON.stringify(id)} – see them with: luma-sync runs list`,
      );
    },

    async days(orgId) {
      checkId(orgId, 'orgId');
      const { organizations, runs, now } = await store();
      const { _id } = await organizations.get(orgId);
      const today = now();
      const from = new Date(
        Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() - DAYS + 1),
      );
      return runDays((await runs.since(_id, from)).map(runSummary), from, DAYS);
    },
  };
}

/** A stored report as programs see it. */
export function runSummary({ _id, orgId, ...report }: SyncRunDoc): RunSummary {
  const { startedAt, finishedAt } = report;
  return {
    id: _id,
    ...(orgId === undefined ? {} : { orgId: String(orgId) }),
    ...report,
    durationMs: finishedAt === undefined ? undefined : finishedAt.getTime() - startedAt.getTime(),
  };
}
