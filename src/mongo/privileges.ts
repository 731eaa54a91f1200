import type { Db, Document } from 'mongodb';
import { guarded } from './errors.js';

const CHANGE = ['find', 'insert', 'update', 'remove'];
const INDEX = ['createIndex', 'listIndexes'];

/**
 * What workers and commands may not do without, by collection: deploy/mongodb-role.js grants it. `orgs add` needs more
 * of `organizations`, where the application does not add them.
 */
export const NEEDED_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  organizations: ['find', 'update'],
  events: [...CHANGE, ...INDEX],
  removed_events: [...CHANGE, ...INDEX],
  held_removals: [...CHANGE, ...INDEX],
  quarantined_entries: [...CHANGE, ...INDEX],
  event_states: [...CHANGE, ...INDEX],
  calendar_shapes: [...CHANGE, ...INDEX],
  staged_pages: [...CHANGE, ...INDEX],
  sync_fences: [...CHANGE, ...INDEX],
  sync_runs: [...CHANGE, ...INDEX],
  keyring_checks: ['find', 'insert', 'update', ...INDEX],
  decisions: ['find', 'insert', ...INDEX],
  webhook_deliveries: ['find', 'insert', ...INDEX],
};

/** `missing`: by collection, empty where nothing is. `open`: MongoDB asks nobody to log in. `unknown`: it does not tell. */
export type PrivilegesFound = { missing: Record<string, string[]> } | 'open' | 'unknown';

/** What the user of the connection string lacks. @throws StoreUnavailable where not even a read is allowed */
export async function lookAtPrivileges(db: Db): Promise<PrivilegesFound> {
  await guarded('read organizations', () =>
    db.collection('organizations').findOne({}, { projection: { _id: 1 } }),
  );
  let authInfo: Document | undefined;
  try {
    const status = await db.command({ connectionStatus: 1, showPrivileges: true });
    authInfo = status.authInfo as Document | undefined;
  } catch {
    return 'unknown';
  }
  const users: unknown = authInfo?.authenticatedUsers;
  if (!Array.isArray(users)) return 'unknown';
  if (users.length === 0) return 'open';
  const privileges: unknown = authInfo?.authenticatedUserPrivileges;
  return Array.isArray(privileges)
    ? { missing: missingPrivileges(privileges as Privilege[], db.databaseName) }
    : 'unknown';
}

/** As `connectionStatus` lists them. */
export interface Privilege {
  resource: { db?: string; collection?: string; anyResource?: boolean; cluster?: boolean };
  actions: readonly string[];
}

/** @returns the actions that no privilege allows, by collection */
export function missingPrivileges(
  privileges: readonly Privilege[],
  database: string,
): Record<string, string[]> {
  const missing = Object.entries(NEEDED_PRIVILEGES).map(([collection, needed]): [string, string[]] => {
    const allowed = new Set(
      privileges
        .filter(({ resource }) => covers(resource, database, collection))
        .flatMap(({ actions }) => actions),
    );
    return [collection, allowed.has('anyAction') ? [] : needed.filter((action) => !allowed.has(action))];
  });
  return Object.fromEntries(missing.filter(([, actions]) => actions.length > 0));
}

/** An empty name stands for every database, or every collection. */
function covers(
  { db, collection: name, anyResource }: Privilege['resource'],
  database: string,
  collection: string,
): boolean {
  if (anyResource === true) return true;
  if (db === undefined || name === undefined) return false;
  return (db === '' || db === database) && (name === '' || name === collection);
}
