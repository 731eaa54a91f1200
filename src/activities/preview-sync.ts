import type { EventCounts } from '../events/counts.js';
import { mergePages } from '../events/merge-pages.js';
import { planChanges } from '../events/plan.js';
import type { PreviewEntry } from '../mongo/documents.js';
import type { ActivityDependencies } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
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

/** Entries told one by one; the rest is counted. */
const MAX_ENTRIES = 200;

/** What the staged listing would change: the same plan as a real sync's, written into the report and nowhere else. */
export function previewSync(deps: ActivityDependencies) {
  const { store } = deps;

  return async (input: PreviewSyncInput): Promise<PreviewSyncOutput> =>
    underHeartbeat(async () => {
      const { syncId, throughSeq } = input;
      const { org } = await enterSync(deps, input);
      const pages = await store.stagedPages.range(syncId, 'listing', 1, throughSeq);
      const merged = mergePages(pages);
      const ids = [...merged.visible.keys(), ...merged.hidden.keys()];
      const known = await store.events.known(org._id, ids);
      const plan = planChanges(merged.visible.values(), merged.hidden.keys(), known);
      const inserted = plan.inserts.map(({ lumaEventId, fields }) => ({ lumaEventId, title: fields.title }));
      const changed = plan.updates.map(({ stored, change }): PreviewEntry => {
        const { set, unset } = change;
        const names = [...Object.keys(set), ...unset] as (keyof typeof set)[];
        const differences = names.map((name) => [
          name,
          { from: stored[name] ?? null, to: set[name] ?? null },
        ]);
        const { lumaEventId, title } = stored;
        return { lumaEventId, title, fields: Object.fromEntries(differences) as never };
      });
      for (const { odd, takeOver } of plan.takeOvers) {
        changed.push({ lumaEventId: odd.lumaEventId, title: takeOver.set.title });
      }
      const hidden = plan.hides.map((one): PreviewEntry => {
        const title = ('considered' in one ? one.fields.title : one.title) ?? '';
        return { lumaEventId: one.lumaEventId, title, reason: 'not-public' };
      });

      const asked = new Set(pages.flatMap((page) => page.undescribed.map(({ lumaEventId }) => lumaEventId)));
      const same = pages.reduce((sum, page) => sum + (page.same?.length ?? 0), 0);
      const sameUndescribed = same - pages.reduce((sum, page) => sum + (page.sameDescribed?.length ?? 0), 0);
      const toAsk = asked.size + sameUndescribed;
      const unknown = [
        ...(toAsk > 0 ? [`descriptions: ${toAsk} events would be asked for alone where they are due`] : []),
        ...(inserted.length > MAX_ENTRIES
          ? [`${inserted.length - MAX_ENTRIES} more new events are not shown`]
          : []),
        ...(changed.length > MAX_ENTRIES
          ? [`${changed.length - MAX_ENTRIES} more changes are not shown`]
          : []),
      ];
      await store.runs.preview(syncId, {
        inserted: inserted.slice(0, MAX_ENTRIES),
        changed: changed.slice(0, MAX_ENTRIES),
        hidden,
        unknown,
      });
      return {
        counts: {
          seen: pages.reduce((sum, page) => sum + page.entries, 0),
          inserted: inserted.length,
          changed: changed.length,
          unchanged: plan.unchanged + same,
          removed: hidden.length,
          held: 0,
          quarantined: merged.quarantined.length + plan.unusable.length,
        },
        detailsDue: toAsk,
      };
    });
}
