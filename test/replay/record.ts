/**
 * Records the histories that `replay.test.ts` replays, for the version in package.json: `npm run record-histories`.
 * Those of other versions are left alone, and a version that is released is not recorded again. Nothing is deleted.
 * CONTRIBUTING.md says when a change needs new histories, and when it needs more.
 *
 * The files hold nothing of the machine: identities are fixed, and stack traces are left out.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import { namedFailures } from '../../src/activities/failures.js';
import { createActivities } from '../../src/activities/index.js';
import { type CalendarSpec, startFakeLuma } from '../../packages/fake-luma/src/index.js';
import { defaultCacheDir, startMongo, startTemporal } from '../../packages/playground/src/servers/index.js';
import { createLogger } from '../../src/logger.js';
import { createLumaApi } from '../../src/luma/api.js';
import { connectStore } from '../../src/mongo/store.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { installRuntime } from '../../src/worker/runtime.js';
import { bundleWorkflows } from '../support/workflow-bundle.js';
import { folderToRecord, VersionIsReleased } from './history-folders.js';
import { type Scenario, scenarios } from './scenarios.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const IDENTITY = 'recorder';

const folder = folderOrEnd();
const place = { cacheDir: defaultCacheDir(), env: process.env };
installRuntime(createLogger('error'));
const bundleFolder = await mkdtemp(join(tmpdir(), 'luma-sync-bundle-'));
const [bundle, mongo, usual, impatient] = await Promise.all([
  bundleWorkflows(bundleFolder),
  startMongo(place),
  startTemporal(place),
  // Every history is long already there.
  startTemporal({ ...place, dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 30 } }),
]);
try {
  await mkdir(folder, { recursive: true });
  for (const [name, { impatiently = false, notices = false, calendars, slice = {}, play }] of Object.entries(
    scenarios,
  )) {
    const { address } = impatiently ? impatient : usual;
    const extra = { slice, ...(notices ? { notify: () => Promise.resolve() } : {}) };
    const history = withoutMachine(await historyOf(address, calendars, extra, play));
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
    process.stderr.write(`recorded ${name}\n`);
  }
} finally {
  await Promise.all([usual.stop(), impatient.stop(), mongo.stop()]);
  await rm(bundleFolder, { recursive: true });
}

function folderOrEnd(): string {
  try {
    return folderToRecord(ROOT);
  } catch (error) {
    if (!(error instanceof VersionIsReleased)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** Plays a scenario with a worker, a fake Luma and a database of its own. */
async function historyOf(
  address: string,
  calendars: CalendarSpec[],
  extra: Pick<ActivityDependencies, 'slice' | 'notify'>,
  play: Scenario['play'],
): Promise<unknown> {
  const luma = await startFakeLuma({ calendars, maxPageSize: 10, limit: 10_000 });
  const store = await connectStore({ uri: mongo.uri, db: `record_${randomUUID().replaceAll('-', '')}` });
  await store.ensureIndexes();
  const keyring = parseKeyring(generateKeyring());
  const orgIds: string[] = [];
  for (const [nth, { key }] of luma.calendars.entries()) {
    const id = `org-${randomUUID().slice(0, 8)}`;
    await store.organizations.add({ id, name: `Organization ${nth}`, sealedKey: seal(keyring, id, key) });
    orgIds.push(id);
  }
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, identity: IDENTITY });
  const nativeConnection = await NativeConnection.connect({ address });
  const taskQueue = `record-${randomUUID()}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    identity: IDENTITY,
    taskQueue,
    workflowBundle: { codePath: bundle },
    activities: createActivities({ luma: createLumaApi({ baseUrl: luma.url }), store, keyring, ...extra }),
    interceptors: { activity: [namedFailures] },
  });
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!(await holds())) await delay(10);
  };
  try {
    return await worker.runUntil(async () => {
      const handle = await play({ client, taskQueue, luma, orgIds, until });
      return JSON.parse(historyToJSON(await handle.fetchHistory())) as unknown;
    });
  } finally {
    await Promise.all([connection.close(), nativeConnection.close()]);
    await Promise.all([store.close(), luma.close()]);
  }
}

/** Stack traces name the folders of whoever bundled; a replay does not look at them. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value === 'string' && value.includes(hostname())) {
    throw new Error(`the history names this machine: ${value}`);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'stackTrace')
      .map(([name, inner]) => [name, withoutMachine(inner)]),
  );
}
