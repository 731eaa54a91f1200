import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { connectLumaSync } from '../src/client.js';
import { readConfig } from '../src/config.js';
import type { LocalServers } from '../packages/playground/src/servers/index.js';
import { connectStore } from '../src/mongo/store.js';
import { generateKeyring, parseKeyring } from '../src/secrets/keyring.js';
import { seal } from '../src/secrets/sealed-key.js';
import type { FullSyncInput, FullSyncResult } from '../src/workflows/contract.js';
import type { Luma } from './luma.js';
import { type Program, startProgram } from './programs.js';
import { countTemporal, type TemporalCounts } from './temporal-counts.js';
import { cpuMs, memoryMb } from './usage.js';

export interface SyncFigures {
  ms: number;
  /** CPU time of all workers, of Temporal's server and of MongoDB's. */
  cpu: { workers: number; temporal: number; mongo: number };
  result: FullSyncResult;
  temporal(): Promise<TemporalCounts>;
}

/** luma-sync as it is deployed: worker processes of the built program, and a client that starts syncs and waits. */
export interface Product {
  sync(input?: FullSyncInput): Promise<SyncFigures>;
  /** Resident memory of each worker, MB. */
  memory(): { now: number; most: number }[];
  stop(): Promise<void>;
}

export async function startProduct(
  servers: LocalServers,
  luma: Luma,
  { mongoUri = servers.mongo.uri, workers = 1, profileTo = '' } = {},
): Promise<Product> {
  const keyringText = generateKeyring();
  const { address, namespace } = servers.temporal;
  const db = `bench_${randomUUID().replaceAll('-', '')}`;
  const store = await connectStore({ uri: mongoUri, db });
  await store.ensureIndexes();
  const keyring = parseKeyring(keyringText);
  for (const [nth, { key }] of luma.calendars.entries()) {
    const id = `org-${String(nth).padStart(5, '0')}`;
    await store.organizations.add({ id, name: `Organization ${nth}`, sealedKey: seal(keyring, id, key) });
  }
  const env = {
    // As the image and the unit file set it.
    MALLOC_ARENA_MAX: '2',
    ...{
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      LUMA_SYNC_SCOPE: db.slice(0, 12).replace('_', '-'),
    },
    ...{ MONGODB_URI: mongoUri, MONGODB_DB: db, LUMA_BASE_URL: luma.url, LUMA_SYNC_KEYRING: keyringText },
  };
  const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
  const profile = profileTo === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
  const isReady = (line: string) => line.includes('worker ready');
  const running: Program[] = await Promise.all(
    Array.from({ length: workers }, () => startProgram([...profile, main, 'worker'], env, isReady)),
  );
  const lumaSync = connectLumaSync(readConfig(env, ['temporal']));
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });

  const cpu = () => ({
    workers: running.reduce((sum, { pid }) => sum + cpuMs(pid), 0),
    temporal: cpuMs(servers.temporal.pid ?? 0),
    mongo: cpuMs(servers.mongo.pid ?? 0),
  });
  return {
    async sync(input = {}) {
      const before = cpu();
      const began = performance.now();
      const run = await lumaSync.runFullEventSync(input);
      const result = await run.result();
      const ms = performance.now() - began;
      const after = cpu();
      if (result.status !== 'complete')
        throw new Error(`the sync ended ${result.status}: ${JSON.stringify(result.failures[0])}`);
      return {
        ms,
        result,
        cpu: {
          workers: after.workers - before.workers,
          temporal: after.temporal - before.temporal,
          mongo: after.mongo - before.mongo,
        },
        temporal: () => countTemporal(client, run.workflowId, run.runId),
      };
    },
    memory: () => running.map(({ pid }) => memoryMb(pid)),
    async stop() {
      await lumaSync.close();
      await connection.close();
      await Promise.all(running.map((worker) => worker.stop()));
      await store.close();
    },
  };
}
