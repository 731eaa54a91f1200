import { Context } from '@temporalio/activity';
import type { ActivityDependencies } from './dependencies.js';

export interface GetOrgsInput {
  /** Position that an earlier call returned as `next`; `null`: from the beginning. */
  after: string | null;
  limit: number;
}

export interface GetOrgsOutput {
  orgIds: string[];
  /** `null` at the end of the list. */
  next: string | null;
}

/**
 * The next range of organizations that have a Luma key or the address of a feed, by `_id`. Those with a calendar's URL only are left alone. Once a
 * full sync, those that no sync can be of are named in the worker's log.
 */
export function getOrgsWithLumaConfig({ store }: ActivityDependencies) {
  return async ({ after, limit }: GetOrgsInput): Promise<GetOrgsOutput> => {
    if (after === null) {
      const unusable = await store.organizations.unusable();
      if (unusable.length > 0) {
        Context.current().log.warn('organizations with a key or a feed that no sync can be of', { unusable });
      }
    }
    return await store.organizations.idsToSync(after, limit);
  };
}
