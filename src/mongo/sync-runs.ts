import type { Collections } from './collections.js';
import type { SyncRunDoc } from './documents.js';
import { guarded } from './errors.js';

export type SyncRunStore = ReturnType<typeof syncRunStore>;

/** `sync_runs`: one report a sync, kept 90 days. */
export function syncRunStore({ syncRuns }: Collections) {
  return {
    /** Idempotent: a retry finds the run begun. */
    async begin(
      run: Pick<SyncRunDoc, '_id' | 'kind' | 'orgId' | 'workflowId' | 'window' | 'startedAt'>,
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
  };
}
