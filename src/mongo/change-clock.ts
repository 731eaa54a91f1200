import type { Collections } from './collections.js';
import type { FencedWrite } from './fence.js';

/**
 * The instant of an organization's next change: now, or just after its newest change where a clock stepped back.
 * Changes of one organization are written one batch after the other, so that a reader who follows `changedAt` and
 * `removedAt` meets every change.
 */
export function changeClock({ events, removedEvents }: Pick<Collections, 'events' | 'removedEvents'>) {
  return async ({ session, orgId }: FencedWrite, now: Date): Promise<Date> => {
    const changed = await events
      .find({ orgId, changedAt: { $type: 'date' } }, { session, projection: { _id: 0, changedAt: 1 } })
      .sort({ changedAt: -1 })
      .limit(1)
      .next();
    const removed = await removedEvents
      .find({ orgId, removedAt: { $type: 'date' } }, { session, projection: { _id: 0, removedAt: 1 } })
      .sort({ removedAt: -1 })
      .limit(1)
      .next();
    const newestMs = Math.max(changed?.changedAt.getTime() ?? 0, removed?.removedAt.getTime() ?? 0);
    return new Date(Math.max(now.getTime(), newestMs + 1));
  };
}
