import type { ChangePage } from '../mongo/changes.js';
import type { Store } from '../mongo/store.js';
import { checkFields, checkLimit, checkOptionalId, checkTextOrNull } from './arguments.js';

export interface ChangesQuery {
  /** `position` of the page before. Absent or `null`: from the beginning. */
  since?: string | null;
  /** Of one organization only. A position may be used with and without. */
  orgId?: string;
  /** Changes a page, 1 to 10,000. Default 500. */
  limit?: number;
}

/** The changes of `events`, each told once; see docs/changes.md. */
export interface ChangeFeed {
  /** @throws InvalidArgument, PositionInvalid, RangeError, OrgNotFound, StoreUnavailable */
  read(query?: ChangesQuery): Promise<ChangePage>;
}

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 10_000;

export function changeFeedOf(store: () => Promise<Store>): ChangeFeed {
  return {
    async read(query = {}) {
      checkFields(query, 'the query', ['since', 'orgId', 'limit']);
      const { since = null, orgId, limit = DEFAULT_LIMIT } = query;
      checkTextOrNull(since, 'since');
      checkOptionalId(orgId, 'orgId');
      checkLimit(limit, MAX_LIMIT);
      const { organizations, changes } = await store();
      const _id = orgId === undefined ? null : (await organizations.get(orgId))._id;
      return await changes.read({ orgId: _id, since, limit });
    },
  };
}
