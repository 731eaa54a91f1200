import { Client, Connection } from '@temporalio/client';
import { onTestFinished } from 'vitest';
import type { OrganizationDoc } from '../../../src/mongo/documents.js';
import { findProgram } from '../../../packages/playground/src/servers/find.js';
import { defaultCacheDir } from '../../../packages/playground/src/servers/index.js';
import { TEMPORAL } from '../../../packages/playground/src/servers/recipes.js';
import { generateKeyring } from '../../../src/secrets/keyring.js';
import { freshNamespace } from '../../client/support/namespace.js';
import type { Rig } from '../../support/rig.js';
import { mongoUri } from '../../support/servers.js';
import { type Ended, type Executable, startExecutable, startProcess } from './executable.js';

/** What an operator has: settings, servers that somebody else runs, Temporal's own command line. */
export interface Deployment {
  /** The settings of every `luma-sync` process of it. */
  env: Record<string, string>;
  client: Client;
  /** An organization as an application writes one: the key of the fake's nth calendar in clear text. */
  addOrganization: (id: string, calendar: number) => Promise<void>;
  /** Starts `luma-sync worker`, and waits until it takes work. */
  startWorker: (env?: Record<string, string>) => Promise<Executable>;
  /** Runs Temporal's command line on the deployment's namespace. */
  temporal: (...args: string[]) => Promise<Ended>;
}

/** A namespace of its own, because the task queue has a fixed name. The rig's MongoDB and fake Luma. */
export async function deploy(rig: Rig): Promise<Deployment> {
  const { address, namespace } = await freshNamespace();
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    MONGODB_URI: mongoUri(),
    MONGODB_DB: rig.store.db.databaseName,
    LUMA_BASE_URL: rig.luma.url,
    LUMA_SYNC_KEYRING: generateKeyring(),
  };
  return {
    env,
    client: new Client({ connection, namespace }),
    async addOrganization(id, calendar) {
      await rig.store.db.collection<OrganizationDoc>('organizations').insertOne({
        _id: id,
        name: `Organization ${id}`,
        lumaApiKey: rig.luma.calendars[calendar]?.key ?? '',
      });
    },
    async startWorker(extra = {}) {
      const worker = startExecutable(['worker'], { ...env, ...extra });
      await worker.saw('worker ready');
      return worker;
    },
    async temporal(...args) {
      const { file } = await findProgram(TEMPORAL, { cacheDir: defaultCacheDir(), env: process.env });
      return await startProcess(file, [...args, '--address', address, '--namespace', namespace], {}).ended;
    },
  };
}
