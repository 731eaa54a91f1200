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
          .find({ orgId, changedAt: { $type: 'date' } })
          .project<{ changedAt?: unknown }>({ changedAt: 1 })
          .sort({ changedAt: -1 })
          .limit(1)
          .next(),
        removedEvents
          .find({ orgId, removedAt: { $type: 'date' } })
          .project<{ removedAt?: unknown }>({ removedAt: 1 })
          .sort({ removedAt: -1 })
          .limit(1)
          .next(),
      ]),
    );
    const newestMs = Math.max(msOf(newest[0]?.changedAt), msOf(newest[1]?.removedAt));
    return new Date(Math.max(now.getTime(), newestMs + 1));
  };
}

/** Instants before or after all that a `Date` can hold are possible in MongoDB. */
function msOf(at: unknown): number {
  return at instanceof Date && !Number.isNaN(at.getTime()) ? at.getTime() : 0;
}
