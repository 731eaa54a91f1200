import type { Collections } from './collections.js';
import type { OrgId, SyncRunDoc } from './documents.js';
import { guarded } from './errors.js';

export type PastRun = Pick<
  SyncRunDoc,
  'startedAt' | 'finishedAt' | 'pages' | 'requests' | 'waitedMs' | 'events' | 'unresolved'
>;

/** What is stored about the work that syncs make. */
export function loadFigures({ syncRuns, events, eventStates }: Collections) {
  return {
    /** Syncs of the whole calendar that came to their end, the latest first. */
    async recentRuns(orgId: OrgId, limit: number): Promise<PastRun[]> {
      const whole = { orgId, kind: 'org' as const, state: 'complete' as const };
      return await guarded('read sync runs', () =>
        syncRuns
          .find({
            ...whole,
            ...{ dryRun: { $exists: false }, window: { $exists: false }, hinted: { $exists: false } },
          })
          .project<PastRun>({
            ...{ _id: 0, startedAt: 1, finishedAt: 1, pages: 1, requests: 1, waitedMs: 1 },
            ...{ events: 1, unresolved: 1 },
          })
          .sort({ startedAt: -1 })
          .limit(limit)
          .toArray(),
      );
    },

    /** Upcoming events whose details were asked for, so that they are asked for again. @param most not counted further */
    async upcomingAsked(orgId: OrgId, now: Date, most: number): Promise<number> {
      return await guarded('count upcoming events', async () => {
        const upcoming = await events
          .find({ orgId, startAt: { $gte: now } })
          .project<{ lumaEventId: string }>({ _id: 0, lumaEventId: 1 })
          .sort({ startAt: 1 })
          .limit(most)
          .toArray();
        const ids = upcoming.map(({ lumaEventId }) => lumaEventId);
        if (ids.length === 0) return 0;
        return await eventStates.countDocuments({
          ...{ orgId, lumaEventId: { $in: ids } },
          detailsAt: { $exists: true },
        });
      });
    },
  };
}
