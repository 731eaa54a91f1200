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

/** The next range of organizations that have a Luma key, by `_id`. Those with a calendar's URL only are left alone. */
export function getOrgsWithLumaConfig({ store }: ActivityDependencies) {
  return async ({ after, limit }: GetOrgsInput): Promise<GetOrgsOutput> =>
    await store.organizations.idsWithKey(after, limit);
}
