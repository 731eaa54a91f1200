import type { Db } from 'mongodb';
import type { OrgId } from '../mongo/documents.js';
import { guarded } from '../mongo/errors.js';
import { newestInstants } from '../mongo/newest-instants.js';

/** Differs whenever what a feed shows may differ; `null`: there is nothing, and there never was. */
export type FeedVersion = string | null;

/**
 * Every write of a sync has an instant later than all before it of its organization (see mongo/changes.ts). So the
 * newest instant of each organization only grows, and so does their sum. One command, which reads one entry of an index
 * for each organization and collection.
 *
 * @param orgIds the ids that the organization may have; `null`: of all organizations
 * @throws StoreUnavailable
 */
export async function readFeedVersion(db: Db, orgIds: readonly OrgId[] | null): Promise<FeedVersion> {
  const parts = (orgIds ?? [null]).flatMap((orgId) => [
    { collection: 'events', pipeline: newestInstants('changedAt', orgId) },
    { collection: 'removed_events', pipeline: newestInstants('removedAt', orgId) },
  ]);
  const [first, ...others] = parts;
  const found = await guarded('read the version of a feed', () =>
    db
      .collection(first?.collection ?? 'events')
      .aggregate<{ orgs: number; sum: string }>([
        ...(first?.pipeline ?? []),
        ...others.map(({ collection: coll, pipeline }) => ({ $unionWith: { coll, pipeline } })),
        { $match: { newest: { $type: 'date' } } },
        { $group: { _id: '$_id', at: { $max: '$newest' } } },
        { $group: { _id: null, orgs: { $sum: 1 }, sum: { $sum: { $toLong: '$at' } } } },
        // Beyond what a number of JavaScript holds exactly, where there are thousands of organizations.
        { $project: { _id: 0, orgs: 1, sum: { $toString: '$sum' } } },
      ])
      .next(),
  );
  return found === null ? null : `${found.orgs}-${found.sum}`;
}
