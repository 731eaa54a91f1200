import { fileURLToPath } from 'node:url';
import type { Config } from '../../../src/config.js';
import type { Logger } from '../../../src/logger.js';
import { createLumaApi } from '../../../src/luma/api.js';
import { connectStore } from '../../../src/mongo/store.js';
import { startWorker } from '../../../src/worker.js';
import { installRuntime } from '../../../src/worker/runtime.js';
import { endAll } from './end-all.js';

export interface InProcessWorker {
  /** Aborts when the worker dies: nothing would go on. */
  died: AbortSignal;
  /** Drains it. */
  stop(): Promise<void>;
}

/** What `npm run build` makes. */
const WORKFLOW_BUNDLE = fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url));

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
    const luma = createLumaApi({
      baseUrl: config.lumaBaseUrl,
      allowHttp: config.lumaAllowHttp,
      proxies: config.lumaProxies,
    });
    const worker = await startWorker({
      temporal: config.temporal,
      activities: { luma, store, keyring: config.keyring },
      logger,
      workflowBundlePath: WORKFLOW_BUNDLE,
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
