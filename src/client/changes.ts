import type { ChangePage } from '../mongo/changes.js';
import type { Store } from '../mongo/store.js';
import { type ChangesQuery as AnyChangesQuery, readChanges } from '../read/changes.js';
import { checkFields, checkOptionalId } from './arguments.js';

export interface ChangesQuery extends AnyChangesQuery {
  orgId?: string;
}

/** The changes of `events`, each told once; see docs/changes.md. */
export interface ChangeFeed {
  /** @throws InvalidArgument, PositionInvalid, RangeError, OrgNotFound, StoreUnavailable */
  read(query?: ChangesQuery): Promise<ChangePage>;
}

export function changeFeedOf(store: () => Promise<Store>): ChangeFeed {
  return {
    async read(query = {}) {
      checkFields(query, 'the query', ['since', 'orgId', 'limit']);
      const { orgId } = query;
      checkOptionalId(orgId, 'orgId');
      const { db, organizations } = await store();
      if (orgId === undefined) return await readChanges(db, query);
      return await readChanges(db, { ...query, orgId: (await organizations.get(orgId))._id });
    },
  };
}
