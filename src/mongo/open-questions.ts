import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';

/**
 * Events of which nothing is settled by what a listing says of them again: removals that wait for a person, and what
 * listings have put into quarantine. Mostly there are none: both collections are read by one command.
 */
export async function openQuestions(
  { heldRemovals, quarantinedEntries }: Collections,
  orgId: OrgId,
): Promise<Set<string>> {
  const ids = { $project: { _id: 0, lumaEventId: 1 } };
  const listed = [{ $match: { orgId, source: 'listing' } }, ids];
  const found = await guarded('read open questions', () =>
    heldRemovals
      .aggregate<{ lumaEventId: string | null }>([
        { $match: { orgId } },
        ids,
        { $unionWith: { coll: quarantinedEntries.collectionName, pipeline: listed } },
      ])
      .toArray(),
  );
  return new Set(found.flatMap(({ lumaEventId }) => lumaEventId ?? []));
}
