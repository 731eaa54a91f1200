import type { Config } from '../../config.js';
import type { Logger } from '../../logger.js';
import { createLumaClient } from '../../luma/client.js';
import { connectStore } from '../../mongo/store.js';
import { startWorker } from '../../worker.js';
import { installRuntime } from '../../worker/runtime.js';
import { endAll } from './end-all.js';

export interface InProcessWorker {
  /** Aborts when the worker dies: nothing would go on. */
  died: AbortSignal;
  /** Drains it. */
  stop(): Promise<void>;
}

/** A worker in this process, as `demo` and `dev` have one. */
export async function startInProcessWorker(
  config: Pick<Config, 'temporal' | 'mongo' | 'keyring' | 'lumaBaseUrl' | 'lumaAllowHttp'> &
    Partial<Pick<Config<'lumaProxies'>, 'lumaProxies'>>,
  { logger, taskQueue }: { logger: Logger; taskQueue: string },
): Promise<InProcessWorker> {
  const store = await connectStore(config.mongo);
  try {
    await store.ensureIndexes();
    // Not earlier: without a connection that closes, the SDK's runtime keeps the process alive.
    installRuntime(logger);
    const luma = createLumaClient({
      baseUrl: config.lumaBaseUrl,
      allowHttp: config.lumaAllowHttp,
      proxies: config.lumaProxies,
    });
    const worker = await startWorker({
      temporal: config.temporal,
      activities: { luma, store, keyring: config.keyring },
      logger,
      taskQueue,
    });
    const death = new AbortController();
    worker.ended.catch((error: unknown) => {
      death.abort(new Error(`the worker died (${error instanceof Error ? error.name : 'unknown'})`));
    });
    return { died: death.signal, stop: () => endAll([() => store.close(), () => worker.stop()]) };
  } catch (error) {
    await store.close();
    throw error;
  }
}
