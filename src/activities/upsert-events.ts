import { Context } from '@temporalio/activity';
import type { EventCounts } from '../events/counts.js';
import { mergePages } from '../events/merge-pages.js';
import type { ActivityDependencies } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';

export interface UpsertEventsInput {
  orgId: string;
  syncId: string;
  /** Staged pages to apply, both ends included. */
  fromSeq: number;
  throughSeq: number;
}

/**
 * Applies staged pages to `events`: reads what is held, writes only what differs, in one unordered bulk a chunk.
 * Applying a page twice, or an older one after a newer one, changes nothing.
 */
export function upsertEvents({ store, now = () => new Date() }: ActivityDependencies) {
  return async ({ orgId, syncId, fromSeq, throughSeq }: UpsertEventsInput): Promise<EventCounts> =>
    underHeartbeat(async () => {
      const { _id } = await store.organizations.get(orgId);
      const pages = await store.stagedPages.range(syncId, fromSeq, throughSeq);
      const [oldest] = pages;
      if (oldest === undefined || pages.length !== throughSeq - fromSeq + 1) {
        throw new StagedPagesMissing(
          `staged pages ${fromSeq} to ${throughSeq} of sync ${syncId} are not all there: start the sync again`,
        );
      }
      const merged = mergePages(pages, await store.stagedPages.appliedAfter(_id, oldest.observedAt));
      const at = now();
      const since = new Date(Math.min(at.getTime(), Context.current().info.scheduledTimestampMs));
      const applied = await store.events.apply(_id, merged, { now: at, since });
      const quarantined = [...applied.unusable, ...merged.quarantined];
      await store.quarantine.record(_id, quarantined, at);
      const untrusted = new Set(quarantined.map((entry) => entry.lumaEventId));
      const inOrder = [...merged.visible.keys(), ...merged.hidden.keys()].filter((id) => !untrusted.has(id));
      await store.quarantine.release(_id, new Set(inOrder));
      await store.stagedPages.markApplied(pages, now());
      return {
        seen: pages.reduce((sum, page) => sum + page.entries, 0),
        inserted: applied.inserted,
        changed: applied.changed,
        unchanged: applied.unchanged,
        removed: applied.removed,
        held: 0,
        quarantined: quarantined.length,
      };
    });
}
