import {
  defaultCacheDir,
  type LocalServers,
  startLocalServers,
} from '../packages/playground/src/servers/index.js';

/** Starts servers for one measurement: what an earlier one left in them would slow it. */
export async function withServers<T>(use: (servers: LocalServers) => Promise<T>): Promise<T> {
  const servers = await startLocalServers({ cacheDir: defaultCacheDir(), env: process.env });
  try {
    return await use(servers);
  } finally {
    await servers.stop();
  }
}
