import { checkFields, checkLimit, checkTextOrNull } from '../arguments.js';
import { changeStore, type ChangePage } from '../mongo/changes.js';
import { collectionsOf } from '../mongo/collections.js';
import { asDb, type EventsDb } from './db.js';
import { idsMeant, type OrgObjectId } from './query.js';

export interface ChangesQuery {
  /** `position` of the page before. Absent or `null`: from the beginning. */
  since?: string | null;
  /** Of one organization only. A position may be used with and without. */
  orgId?: string | OrgObjectId;
  /** Changes a page, 1 to 10,000. Default 500. */
  limit?: number;
}

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 10_000;

/**
 * The changes of `events`, each told once; see docs/changes.md.
 *
 * @throws InvalidArgument, PositionInvalid, RangeError (the limit), StoreUnavailable
 */
export async function readChanges(db: EventsDb, query: ChangesQuery = {}): Promise<ChangePage> {
  checkFields(query, 'the query', ['since', 'orgId', 'limit']);
  const { since = null, orgId, limit = DEFAULT_LIMIT } = query;
  checkTextOrNull(since, 'since');
  checkLimit(limit, MAX_LIMIT);
  const orgIds = orgId === undefined ? null : idsMeant(orgId);
  return await changeStore(collectionsOf(asDb(db))).read({ orgIds, since, limit });
}
