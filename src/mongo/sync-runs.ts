import type { Collections } from './collections.js';
import type { DryRunPreview, OrgId, SyncRunDoc } from './documents.js';
import { guarded } from './errors.js';

export type SyncRunStore = ReturnType<typeof syncRunStore>;

/** `sync_runs`: one report a sync, kept 90 days. */
export function syncRunStore({ syncRuns }: Collections) {
  return {
    /** Idempotent: a retry finds the run begun. */
    async begin(
      run: Pick<SyncRunDoc, '_id' | 'kind' | 'orgId' | 'workflowId' | 'window' | 'hinted' | 'startedAt'>,
    ): Promise<void> {
      const { _id, ...rest } = run;
      await guarded('begin sync run', () =>
        syncRuns.updateOne({ _id }, { $setOnInsert: { ...rest, state: 'running' } }, { upsert: true }),
      );
    },

    /** Writes the report, over whatever was there: the last word of a workflow about itself is the whole one. */
    async end({ _id, ...report }: SyncRunDoc): Promise<void> {
      await guarded('end sync run', () => syncRuns.updateOne({ _id }, { $set: report }, { upsert: true }));
    },

    /** Adds to what a dry run would do. Each part is written once, so that a retry repeats itself. */
    async preview(_id: string, part: Partial<DryRunPreview>): Promise<void> {
      const set = Object.fromEntries(Object.entries(part).map(([name, value]) => [`preview.${name}`, value]));
      await guarded('keep dry run', () => syncRuns.updateOne({ _id }, { $set: set }, { upsert: true }));
    },

    /** Ids of the organizations' syncs that a full sync started, in the order they began. */
    async partsOf({ _id, startedAt }: Pick<SyncRunDoc, '_id' | 'startedAt'>): Promise<string[]> {
      const parts = await guarded('read sync runs', () =>
        // What it started began after it: the index on the start finds them.
        syncRuns
          .find({ partOf: _id, startedAt: { $gte: startedAt } })
          .project<{ _id: string }>({ _id: 1 })
          .sort({ startedAt: 1, _id: 1 })
          .toArray(),
      );
      return parts.map((part) => part._id);
    },

    /** Of one organization or all, full syncs included, the latest first. A dry run's differences are left out. */
    async list(orgId: OrgId | undefined, limit: number): Promise<SyncRunDoc[]> {
      return await guarded('read sync runs', () =>
        syncRuns
          .find(orgId === undefined ? {} : { orgId }, { projection: { preview: 0 } })
          .sort({ startedAt: -1 })
          .limit(limit)
          .toArray(),
      );
    },

    /** An organization's syncs that began at or after an instant, by their begin; dry runs are none. */
    async since(orgId: OrgId, startedAt: Date): Promise<SyncRunDoc[]> {
      return await guarded('read sync runs', () =>
        syncRuns
          .find(
            { orgId, startedAt: { $gte: startedAt }, dryRun: { $exists: false } },
            { projection: { preview: 0 } },
          )
          .sort({ startedAt: 1 })
          .toArray(),
      );
    },

    /** Those whose id begins so, two at most. */
    async beginningWith(prefix: string): Promise<SyncRunDoc[]> {
      return await guarded('read sync runs', () =>
        syncRuns
          .find({ _id: { $gte: prefix, $lt: `${prefix}\uffff` } }, { projection: { preview: 0 } })
          .limit(2)
          .toArray(),
      );
    },

    async get(_id: string): Promise<SyncRunDoc | null> {
      return await guarded('read sync run', () => syncRuns.findOne({ _id }));
    },
  };
}
