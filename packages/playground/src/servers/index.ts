/**
 * Embedded servers for development: a real Temporal and a MongoDB over the wire, without Docker and without
 * anything installed by hand. Production names servers of its own instead.
 */
import { LocalServerUnavailable } from './errors.js';
import { type MongoOptions, type MongoServer, startMongo } from './mongo.js';
import type { LocalServerOptions } from './options.js';
import { startTemporal, type TemporalOptions, type TemporalServer } from './temporal.js';

export { defaultCacheDir } from './cache-dir.js';
export { LocalServerFailed, LocalServerUnavailable } from './errors.js';
export { type MongoOptions, type MongoServer, startMongo } from './mongo.js';
export { type LocalServerOptions, type ServerSource } from './options.js';
export { startTemporal, type TemporalOptions, type TemporalServer } from './temporal.js';
export { findTestServer } from './test-server.js';

export interface LocalServersOptions extends Omit<LocalServerOptions, 'port'> {
  temporal?: Pick<TemporalOptions, 'address' | 'port' | 'ui' | 'uiPort' | 'dynamicConfig'>;
  mongo?: Pick<MongoOptions, 'uri' | 'port'>;
}

export interface LocalServers {
  temporal: TemporalServer;
  mongo: MongoServer;
  stop(): Promise<void>;
}

/**
 * Both servers, installed and started side by side. Where one fails the other is stopped again; where neither can
 * be had, one LocalServerUnavailable speaks of both.
 */
export async function startLocalServers(options: LocalServersOptions): Promise<LocalServers> {
  const { temporal: temporalOptions, mongo: mongoOptions, ...shared } = options;
  const [temporal, mongo] = await Promise.allSettled([
    startTemporal({ ...shared, ...temporalOptions }),
    startMongo({ ...shared, ...mongoOptions }),
  ]);
  if (temporal.status === 'fulfilled' && mongo.status === 'fulfilled') {
    return {
      temporal: temporal.value,
      mongo: mongo.value,
      async stop() {
        await Promise.all([temporal.value.stop(), mongo.value.stop()]);
      },
    };
  }
  const failures: unknown[] = [];
  for (const result of [temporal, mongo]) {
    if (result.status === 'fulfilled') await result.value.stop();
    else failures.push(result.reason);
  }
  const unavailable = failures.filter((failure) => failure instanceof LocalServerUnavailable);
  throw unavailable.length > 1
    ? new LocalServerUnavailable(unavailable.flatMap(({ servers }) => servers))
    : failures[0];
}
