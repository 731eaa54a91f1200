import { Client, Connection } from '@temporalio/client';
import { connectLumaSync, type LumaSync } from '../../../src/client.js';
import type { TemporalSettings } from '../../../src/config.js';
import { freshNamespace } from './namespace.js';

export interface Connected {
  temporal: TemporalSettings;
  lumaSync: LumaSync;
  /** For what the product's client does not offer. */
  client: Client;
  close(): Promise<void>;
}

/** The product's client and Temporal's own, on a namespace of the test's own. */
export async function connectedToFreshNamespace(): Promise<Connected> {
  const temporal = await freshNamespace();
  const lumaSync = connectLumaSync({ temporal });
  const connection = await Connection.connect({ address: temporal.address });
  return {
    temporal,
    lumaSync,
    client: new Client({ connection, namespace: temporal.namespace }),
    async close() {
      await lumaSync.close();
      await connection.close();
    },
  };
}
