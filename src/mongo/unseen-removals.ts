import type { ClientSession } from 'mongodb';
import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';

/**
 * How many events went without a person's word since one last decided on removals of the organization. Those that
 * stopped being public are not among them: they are weighed by themselves.
 * @param since what went before it does not count, whenever a person looked
 */
export async function countUnseenRemovals(
  { decisions, removedEvents }: Pick<Collections, 'decisions' | 'removedEvents'>,
  orgId: OrgId,
  { since, session }: { since: Date; session?: ClientSession | undefined },
): Promise<number> {
  return await guarded('count removals', async () => {
    const look = await decisions
      .find(
        { orgId, at: { $gt: since }, kind: { $in: ['removals-approved', 'removals-rejected'] } },
        { session, projection: { _id: 0, at: 1 } },
      )
      .sort({ at: -1 })
      .limit(1)
      .next();
    const gone = await removedEvents
      .find(
        { orgId, removedAt: { $gt: look?.at ?? since }, removalReason: { $ne: 'not-public' } },
        { session, projection: { _id: 0, lumaEventId: 1 } },
      )
      .toArray();
    if (gone.length === 0) return 0;
    const ids = gone.map(({ lumaEventId }) => lumaEventId);
    const approvals = await decisions
      .find(
        { orgId, kind: 'removals-approved', lumaEventIds: { $in: ids } },
        { session, projection: { _id: 0, lumaEventIds: 1 } },
      )
      .toArray();
    const approved = new Set(approvals.flatMap(({ lumaEventIds = [] }) => lumaEventIds));
    return ids.filter((id) => !approved.has(id)).length;
  });
}
