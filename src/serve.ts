/**
 * The serving process: takes what Luma tells of changes, and shows events, until it is told to stop. Any number of them
 * may run; they hold no state.
 */
import { lumaSyncOver } from './client/connect.js';
import { temporalAccess } from './client/temporal.js';
import type { Config } from './config.js';
import { drainOnSignals } from './drain-on-signals.js';
import { createLogger, type Logger } from './logger.js';
import { connectStore } from './mongo/store.js';
import { type Serving, startServing } from './serve/serving.js';
import { deploymentNames } from './workflows/contract.js';

const CONNECT_LIMIT_MS = 5_000;
/** Nobody but this machine, unless another address is set. */
const DEFAULT_ADDRESS = { host: '127.0.0.1', port: 8080 };

export type ServeConfig = Config & Partial<Config<'lumaProxies' | 'statusToken'>>;

/**
 * Serves until SIGTERM or Ctrl-C. A second signal ends the process at once.
 * @returns the exit code
 * @throws StoreUnavailable, KeyringMismatch, CannotListen
 */
export async function runServe({
  config,
  logger,
}: {
  config: ServeConfig;
  logger?: Logger;
}): Promise<number> {
  const log = logger ?? createLogger(config.logLevel);
  for (const warning of config.warnings ?? []) log.warn(warning);
  const store = await connectStore(config.mongo);
  const temporal = temporalAccess(config.temporal, CONNECT_LIMIT_MS);
  try {
    await store.keyringChecks.ensure(config.keyring);
    await store.ensureIndexes();
    const serving = await startServing({
      ...{ store, temporal, keyring: config.keyring, log },
      operations: lumaSyncOver({ temporal, store: () => Promise.resolve(store) }, config),
      ...{ statusToken: config.statusToken, publicUrl: config.publicUrl },
      address: config.httpAddress ?? DEFAULT_ADDRESS,
      taskQueue: deploymentNames(config.scope ?? null).taskQueue,
    });
    log.info({ url: serving.url }, 'serving');
    await untilStopped(serving, log);
    return 0;
  } finally {
    await Promise.all([temporal.close(), store.close()]);
  }
}

async function untilStopped(serving: Serving, log: Logger): Promise<void> {
  await new Promise<void>((resolve) => {
    drainOnSignals(log, 'draining: no more requests are taken, those under way are finished', resolve);
  });
  await serving.close();
  log.info('stopped');
}
