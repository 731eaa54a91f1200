import { Client, Connection } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { createLogger } from '../../src/logger.js';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import { type FakeLuma, type FakeLumaOptions, startFakeLuma } from '../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../src/luma/api.js';
import { type Store, storeOf } from '../../src/mongo/store.js';
import { generateKeyring, type Keyring, parseKeyring } from '../../src/secrets/keyring.js';
import { keyDigest } from '../../src/secrets/key-digest.js';
import { open, seal } from '../../src/secrets/sealed-key.js';
import { type RunningWorker, startWorker } from '../../src/worker.js';
import { installRuntime } from '../../src/worker/runtime.js';
import { freshDatabase, temporalAddress } from './servers.js';

/** A MongoDB database, a key ring, and a fake Luma: what activities run on. */
export interface Rig {
  readonly store: Store;
  readonly keyring: Keyring;
  /** For another process. */
  readonly keyringText: string;
  readonly luma: FakeLuma;
  dependencies(extra?: Partial<ActivityDependencies>): ActivityDependencies;
  /** Starts a fake Luma; the one before is closed. */
  startLuma(options: FakeLumaOptions): Promise<FakeLuma>;
  /** An organization with the key of the fake's nth calendar, sealed. Ids are unique in the run. */
  addOrganization(calendar?: number): Promise<string>;
  /** Opens a sync as its first activity does. */
  openSync(orgId: string, syncId?: string): Promise<{ orgId: string; syncId: string }>;
}

/** Call at the top of a test file or a `describe`. Everything is closed after it. */
export function useRig(): Rig {
  const { db } = freshDatabase();
  const store = storeOf(db, { now: () => new Date() });
  const keyringText = generateKeyring();
  const keyring = parseKeyring(keyringText);
  let luma: FakeLuma | undefined;

  beforeAll(() => store.ensureIndexes());
  afterEach(async () => {
    await luma?.close();
    luma = undefined;
    for (const { name } of await db.listCollections().toArray()) await db.collection(name).deleteMany({});
  });

  const current = (): FakeLuma => {
    if (luma === undefined) throw new Error('start a fake Luma first');
    return luma;
  };
  return {
    store,
    keyring,
    keyringText,
    get luma() {
      return current();
    },
    dependencies: (extra = {}) => ({
      luma: createLumaApi({ baseUrl: current().url }),
      store,
      keyring,
      ...extra,
    }),
    async startLuma(options) {
      await luma?.close();
      luma = await startFakeLuma(options);
      return luma;
    },
    async openSync(orgId, syncId = randomUUID()) {
      const { _id, storedKey } = await store.organizations.get(orgId);
      const digest = keyDigest(open(keyring, orgId, storedKey ?? ''), syncId);
      await store.fences.open(_id, { syncId, openedAt: store.now(), openedBy: 'open', keyDigest: digest });
      return { orgId, syncId };
    },
    async addOrganization(calendar = 0) {
      const id = `org-${randomUUID().slice(0, 8)}`;
      const key = current().calendars[calendar]?.key ?? '';
      return await store.organizations.add({ id, name: `Org ${id}`, sealedKey: seal(keyring, id, key) });
    },
  };
}

export interface WorkerOfTest {
  taskQueue?: string;
  maxCachedWorkflows?: number;
  versioning?: boolean;
  /** Default: the workflows as they stand in src/. */
  workflowBundlePath?: string;
}

export interface TemporalRig {
  readonly client: Client;
  readonly address: string;
  /** Starts a worker on a task queue of its own; stopped after the test. */
  startWorker(
    activities: ActivityDependencies,
    options?: WorkerOfTest,
  ): Promise<{ taskQueue: string; worker: RunningWorker }>;
}

/** The run's Temporal server. Call at the top of a test file or a `describe`. */
export function useTemporal(address: () => string = temporalAddress): TemporalRig {
  let connection: Connection;
  let client: Client | undefined;
  const running: RunningWorker[] = [];
  let isUsed = false;
  installRuntime(createLogger('silent'));

  beforeAll(async () => {
    connection = await Connection.connect({ address: address() });
    client = new Client({ connection });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((worker) => worker.stop()));
  });
  afterAll(async () => {
    await connection.close();
    // It ends with the last worker: without any it would be there when the next file in this process installs its own.
    if (!isUsed) await Runtime.instance().shutdown();
  });

  return {
    get client() {
      if (client === undefined) throw new Error('not connected yet');
      return client;
    },
    get address() {
      return address();
    },
    async startWorker(activities, { taskQueue = `test-${randomUUID()}`, ...options } = {}) {
      isUsed = true;
      const worker = await startWorker({
        temporal: { address: address(), namespace: 'default', connectionOptions: { address: address() } },
        activities,
        logger: createLogger('silent'),
        workflowBundlePath: inject('workflowBundlePath'),
        taskQueue,
        ...options,
      });
      running.push(worker);
      return { taskQueue, worker };
    },
  };
}
