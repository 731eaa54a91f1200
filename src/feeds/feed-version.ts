import type { Db, Document } from 'mongodb';
import type { OrgId } from '../mongo/documents.js';
import { guarded } from '../mongo/errors.js';

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
    { collection: 'events', pipeline: newestOf('changedAt', orgId) },
    { collection: 'removed_events', pipeline: newestOf('removedAt', orgId) },
  ]);
  const [first, ...others] = parts;
  const found = await guarded('read the version of a feed', () =>
    db
      .collection(first?.collection ?? 'events')
      .aggregate<{ orgs: number; sum: string }>([
        ...(first?.pipeline ?? []),
        ...others.map(({ collection: coll, pipeline }) => ({ $unionWith: { coll, pipeline } })),
        { $match: { at: { $type: 'date' } } },
        { $group: { _id: '$_id', at: { $max: '$at' } } },
        { $group: { _id: null, orgs: { $sum: 1 }, sum: { $sum: { $toLong: '$at' } } } },
        // Beyond what a number of JavaScript holds exactly, where there are thousands of organizations.
        { $project: { _id: 0, orgs: 1, sum: { $toString: '$sum' } } },
      ])
      .next(),
  );
  return found === null ? null : `${found.orgs}-${found.sum}`;
}

function newestOf(field: string, orgId: OrgId | null): Document[] {
  return [
    ...(orgId === null ? [] : [{ $match: { orgId } }]),
    { $sort: { orgId: -1, [field]: -1 } },
    ...(orgId === null ? [] : [{ $limit: 1 }]),
    { $group: { _id: '$orgId', at: { $first: `$${field}` } } },
  ];
}
