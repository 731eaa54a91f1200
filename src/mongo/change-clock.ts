import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';

/**
 * The instant of an organization's next change: now, or just after its newest change where a clock stepped back or
 * another worker's runs ahead. Changes of one organization are written one batch after the other, so that a reader
 * who follows `changedAt` and `removedAt` meets every change.
 */
export function changeClock({ events, removedEvents }: Pick<Collections, 'events' | 'removedEvents'>) {
  return async (orgId: OrgId, now: Date): Promise<Date> => {
    const newest = await guarded('read newest change', () =>
      Promise.all([
        events
          .find({ orgId })
          .project<{ changedAt: Date }>({ changedAt: 1 })
          .sort({ changedAt: -1 })
          .limit(1)
          .next(),
        removedEvents
          .find({ orgId })
          .project<{ removedAt: Date }>({ removedAt: 1 })
          .sort({ removedAt: -1 })
          .limit(1)
          .next(),
      ]),
    );
    const newestMs = Math.max(newest[0]?.changedAt.getTime() ?? 0, newest[1]?.removedAt.getTime() ?? 0);
    return new Date(Math.max(now.getTime(), newestMs + 1));
  };
}
