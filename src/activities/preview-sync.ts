import type { EventCounts } from '../events/counts.js';
import { mergePages } from '../events/merge-pages.js';
import { planEvent } from '../events/plan.js';
import type { PreviewEntry } from '../mongo/documents.js';
import type { ActivityDependencies } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';

export interface PreviewSyncInput {
  orgId: string;
  syncId: string;
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
export function previewSync({ store }: ActivityDependencies) {
  return async ({ orgId, syncId, throughSeq }: PreviewSyncInput): Promise<PreviewSyncOutput> =>
    underHeartbeat(async () => {
      const { _id } = await store.organizations.get(orgId);
      const pages = await store.stagedPages.range(syncId, 'listing', 1, throughSeq);
      const merged = mergePages(pages);
      const ids = [...merged.visible.keys(), ...merged.hidden.keys()];
      const held = new Map((await store.events.held(_id, ids)).map((doc) => [doc.lumaEventId, doc]));
      const gone = new Map((await store.events.gone(_id, ids)).map((doc) => [doc.lumaEventId, doc]));

      const inserted: PreviewEntry[] = [];
      const changed: PreviewEntry[] = [];
      let unchanged = 0;
      let unusable = 0;
      for (const { lumaEventId, fields } of merged.visible.values()) {
        const doc = held.get(lumaEventId);
        const plan = planEvent(doc, gone.get(lumaEventId), fields);
        if (plan.kind === 'insert') inserted.push({ lumaEventId, title: plan.fields.title });
        else if (plan.kind === 'unusable') unusable++;
        else if (plan.kind === 'same' || doc === undefined) unchanged++;
        else {
          const { set, unset } = plan.change;
          const names = [...Object.keys(set), ...unset] as (keyof typeof set)[];
          const differences = names.map((name) => [name, { from: doc[name] ?? null, to: set[name] ?? null }]);
          changed.push({ lumaEventId, title: doc.title, fields: Object.fromEntries(differences) as never });
        }
      }
      const hidden = [...merged.hidden.keys()].flatMap((id): PreviewEntry[] => {
        const doc = held.get(id);
        return doc === undefined ? [] : [{ lumaEventId: id, title: doc.title, reason: 'not-public' }];
      });

      const asked = new Set(pages.flatMap((page) => page.undescribed));
      const unknown = [
        ...(asked.size > 0
          ? [`descriptions: ${asked.size} events would be asked for alone where they are due`]
          : []),
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
          unchanged,
          removed: hidden.length,
          held: 0,
          quarantined: merged.quarantined.length + unusable,
        },
        detailsDue: asked.size,
      };
    });
}
