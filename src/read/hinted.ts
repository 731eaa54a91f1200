import type { OrgId } from '../mongo/documents.js';
import { guarded } from '../mongo/errors.js';
import type { CheckedQuery } from './query.js';

/** Keys of an index: whatever its name is, MongoDB finds it by them. */
export type IndexKeys = Readonly<Record<string, 1>>;

/** What of a query an index helps with. */
interface IndexedBy extends Partial<Pick<CheckedQuery, 'tags' | 'city'>> {
  orgIds?: readonly OrgId[] | null | undefined;
}

/**
 * The index by which events are read, said and not left to the planner: no statistics, and no event that happens to be
 * rare, makes a page read a whole collection.
 */
export function indexFor({ orgIds, tags, city }: IndexedBy): IndexKeys {
  if (orgIds !== undefined && orgIds !== null) return { orgId: 1, startAt: 1 };
  if (tags !== undefined) return { tags: 1, startAt: 1, _id: 1 };
  return city === undefined ? { startAt: 1, _id: 1 } : { city: 1, startAt: 1, _id: 1 };
}

/** For what runs at an instant: what has ended before is passed over, what has not begun is told by its key. */
export const RUNNING_INDEX: IndexKeys = { endAt: 1, startAt: 1 };

/** BadValue and NoQueryExecutionPlans: there is no such index, or it cannot be used. */
const NO_INDEX: readonly unknown[] = [2, 291];

/**
 * Reads by an index. Where it is not there yet, because no worker has started since it is wanted, MongoDB chooses
 * another way.
 *
 * @throws StoreUnavailable
 */
export async function readBy<T>(
  index: IndexKeys,
  operation: string,
  call: (hint: { hint?: Record<string, 1> }) => Promise<T>,
): Promise<T> {
  return await guarded(operation, async () => {
    try {
      return await call({ hint: { ...index } });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && NO_INDEX.includes(error.code))) throw error;
      return await call({});
    }
  });
}
