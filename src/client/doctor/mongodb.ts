import type { IndexesFound } from '../../mongo/collections.js';
import { DocumentsInTheWay, IndexInTheWay } from '../../mongo/in-the-way.js';
import { StoreUnavailable } from '../../mongo/errors.js';
import { lookAtPrivileges } from '../../mongo/privileges.js';
import { hostsOf, requireTransactions, type Store, TransactionsMissing } from '../../mongo/store.js';
import { divided, fail, firstOf, pass, type PartCheck, warn } from './check.js';
import { checkClock } from './clock.js';

const REMEDY = 'check MONGODB_URI, and that MongoDB runs and lets this program in';

/** MongoDB: answers, may be used, and is as the syncs need it. */
export async function checkMongo(
  connecting: Promise<Store>,
  { fix }: { fix: boolean },
): Promise<PartCheck[]> {
  let store: Store;
  try {
    store = await connecting;
  } catch (error) {
    const notChecked = ['replica set', 'permissions', 'indexes', 'clock'];
    return [{ ...failure('server', error), notChecked }];
  }
  const { db } = store;
  const aheadMs = store.now().getTime() - Date.now();
  const checks = await Promise.all([
    attempt('server', async () => {
      const { version } = await db.command({ buildInfo: 1 });
      const where = `${hostsOf(db.client)}, database ${db.databaseName}`;
      return [
        pass('server', `MongoDB ${typeof version === 'string' ? version : 'of unknown version'} at ${where}`),
      ];
    }),
    attempt('replica set', async () => {
      await requireTransactions(db);
      return [pass('replica set', 'it can do transactions')];
    }),
    attempt('permissions', () => checkPermissions(store)),
    attempt('indexes', () => checkIndexes(store, fix)),
  ]);
  return [...checks.flat(), checkClock("MongoDB's clock", aheadMs)];
}

async function attempt(name: string, check: () => Promise<PartCheck[]>): Promise<PartCheck[]> {
  try {
    return await check();
  } catch (error) {
    return [failure(name, error)];
  }
}

function failure(name: string, error: unknown): PartCheck {
  if (error instanceof StoreUnavailable || error instanceof TransactionsMissing || isInTheWay(error)) {
    const { message, ...remedy } = divided(error.message, REMEDY);
    return fail(name, message, remedy);
  }
  throw error;
}

function isInTheWay(error: unknown): error is IndexInTheWay | DocumentsInTheWay {
  return error instanceof IndexInTheWay || error instanceof DocumentsInTheWay;
}

async function checkPermissions({ db }: Store): Promise<PartCheck[]> {
  const name = 'permissions';
  const found = await lookAtPrivileges(db);
  if (found === 'open') return [pass(name, 'MongoDB asks nobody to log in: everything is allowed')];
  if (found === 'unknown') {
    return [
      warn(name, 'MongoDB does not tell what this user may do', {
        remedy: 'compare its roles with deploy/mongodb-role.js',
      }),
    ];
  }
  const missing = Object.entries(found.missing);
  if (missing.length === 0) return [pass(name, 'the user may do all that is needed')];
  const list = missing.map(([collection, actions]) => `${actions.join(', ')} on ${collection}`).join('; ');
  return [
    fail(name, `the user lacks ${list}`, { remedy: 'give it the role that deploy/mongodb-role.js creates' }),
  ];
}

async function checkIndexes(store: Store, fix: boolean): Promise<PartCheck[]> {
  const name = 'indexes';
  const before = await store.lookAtIndexes();
  const found = fix && before.missing.length > 0 ? await createMissing(store) : before;
  const { missing, inTheWay, expected } = found;
  if (inTheWay.length > 0) return inTheWay.map((error) => failure(name, error));
  if (missing.length === 0) {
    const created = before.missing.length;
    return created === 0
      ? [pass(name, `${expected} as expected`)]
      : [pass(name, `${expected} as expected, ${created} of them created just now`, { fixed: true })];
  }
  return [
    fail(name, `${missing.length} of ${expected} are missing: ${firstOf(missing)}`, {
      remedy: 'create them; a worker does so when it starts',
      command: 'luma-sync doctor --fix',
      fixable: true,
    }),
  ];
}

async function createMissing(store: Store): Promise<IndexesFound> {
  try {
    await store.ensureIndexes();
  } catch (error) {
    // Another look tells all of them.
    if (!isInTheWay(error)) throw error;
  }
  return await store.lookAtIndexes();
}
