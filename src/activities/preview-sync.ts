import type { EventCounts } from '../events/counts.js';
import type { PreviewEntry } from '../mongo/documents.js';
import { planStaged } from './apply-pages.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { changedEntries, hiddenEntries, insertedEntries, MAX_ENTRIES } from './preview-entries.js';
import { enterSync, type SyncIds } from './sync-scope.js';

export interface PreviewSyncInput extends SyncIds {
  /** Staged pages of the listing. */
  throughSeq: number;
}

export interface PreviewSyncOutput {
  counts: EventCounts;
  /** Events whose details a real sync would ask for. */
  detailsDue: number;
}

/**
 * What the staged listing would change: the same plan as a real sync's, written into the report and nowhere else. What
 * the end of the listing decides is told by `settleRemovals`.
 */
export function previewSync(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { maxAgeMs } = { ...DEFAULT_DETAILS, ...deps.details };

  return async (input: PreviewSyncInput): Promise<PreviewSyncOutput> =>
    underHeartbeat(async () => {
      const { syncId, throughSeq } = input;
      const { org } = await enterSync(deps, input);
      const pages = await store.stagedPages.range(syncId, 'listing', 1, throughSeq);
      const plan = await planStaged(store, org._id, pages, { now: now(), maxAgeMs });
      const [inserted, changed, hidden] = [insertedEntries(plan), changedEntries(plan), hiddenEntries(plan)];

      const asked = new Set(pages.flatMap((page) => page.undescribed.map(({ lumaEventId }) => lumaEventId)));
      const same = pages.reduce((sum, page) => sum + (page.same?.length ?? 0), 0);
      const sameUndescribed = same - pages.reduce((sum, page) => sum + (page.sameDescribed?.length ?? 0), 0);
      const toAsk = asked.size + sameUndescribed;
      await store.runs.preview(syncId, {
        inserted: inserted.slice(0, MAX_ENTRIES),
        changed: changed.slice(0, MAX_ENTRIES),
        hidden,
        unknown: [
          ...(toAsk > 0 ? [`descriptions: ${toAsk} events would be asked for alone where they are due`] : []),
          ...notShown(inserted, 'new events'),
          ...notShown(changed, 'changes'),
        ],
      });
      return {
        counts: {
          seen: pages.reduce((sum, page) => sum + page.entries, 0),
          inserted: inserted.length,
          changed: changed.length,
          unchanged: plan.unchanged + same,
          removed: hidden.length,
          held: 0,
          quarantined: plan.quarantined.length,
        },
        detailsDue: toAsk,
      };
    });
}

function notShown({ length }: readonly PreviewEntry[], what: string): string[] {
  return length > MAX_ENTRIES ? [`${length - MAX_ENTRIES} more ${what} are not shown`] : [];
}
