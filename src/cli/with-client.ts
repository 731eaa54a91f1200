import type { ConnectOptions, LumaSync, LumaSyncConfig } from '../client/connect.js';
import { type ConfigPart, processEnvironment, readConfig } from '../config.js';
import { say } from './output/io.js';

type ClientPart = Extract<ConfigPart, keyof LumaSyncConfig>;

/**
 * Reads the settings a command needs, runs it, and closes what was opened. The client is loaded only here, so
 * that help and usage errors come at once.
 */
export async function withClient<T>(
  needs: readonly ClientPart[],
  work: (lumaSync: LumaSync) => Promise<T>,
  options: Pick<ConnectOptions, 'connectTimeoutMs' | 'outageLimitMs'> = {},
): Promise<T> {
  const { warnings = [], ...config } = readConfig(processEnvironment(), needs);
  for (const warning of warnings) say(`warning: ${warning}`);
  const { connectLumaSync } = await import('../client/connect.js');
  const lumaSync = connectLumaSync(config, options);
  try {
    return await work(lumaSync);
  } finally {
    await lumaSync.close();
  }
}
