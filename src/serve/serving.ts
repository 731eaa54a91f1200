import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { TemporalAccess } from '../client/temporal.js';
import type { ListenAddress } from '../config/listen-address.js';
import type { Logger } from '../logger.js';
import { feeds } from '../feeds/index.js';
import { StoreUnavailable } from '../mongo/errors.js';
import type { Store } from '../mongo/store.js';
import { createPages } from '../pages/create-pages.js';
import type { StatusOperations } from '../pages/status/means.js';
import type { Keyring } from '../secrets/keyring.js';
import { listenAt } from '../worker/monitoring/http-server.js';
import { readinessOf } from '../worker/monitoring/readiness.js';
import { createApp } from './app.js';
import { signalSync } from './signal-sync.js';
import { HintSender } from './webhooks/hint-sender.js';
import { webhookReceiver } from './webhooks/receive.js';

export interface ServingOptions {
  address: ListenAddress;
  store: Store;
  temporal: TemporalAccess;
  taskQueue: string;
  keyring: Keyring;
  /** What the status page shows and does. */
  operations: StatusOperations;
  /** Who knows it may see and decide on the status page. Absent: there is none. */
  statusToken: string | undefined;
  /** How the world reaches this server. */
  publicUrl: string | undefined;
  log: Logger;
}

export interface Serving {
  /** With the port that it has really got. */
  url: string;
  /** Takes no more requests, and ends those that are under way. */
  close(): Promise<void>;
}

/** Whoever is slower than this with a request holds no connection. */
const REQUEST_LIMIT_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
/** What has not ended by then is cut off: Luma sends it again. */
const DRAIN_MS = 8_000;

/**
 * Serves health, webhooks, feeds and pages over HTTP. Holds no state: any number may run, and each is as good as the
 * other.
 * @throws CannotListen
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { address, store, temporal, taskQueue, keyring, operations, statusToken, publicUrl, log } = options;
  let isOpen = true;
  const closing = new AbortController();
  const sender = new HintSender({
    signal: (orgId, changed) => signalSync(temporal, taskQueue, { orgId, changed }),
    repeated: (orgId, deliveryIds) => store.webhooks.repeated(orgId, deliveryIds),
    remember: (orgId, deliveryIds) => store.webhooks.remember(orgId, deliveryIds, store.now()),
  });
  const watched = {
    store,
    worker: { isPolling: () => isOpen, askTemporal: () => askTemporal(temporal) },
  };
  const app = createApp({
    readiness: readinessOf(watched, 'server'),
    receive: webhookReceiver({ webhooks: store.webhooks, keyring, sender, now: store.now, log }),
    feeds: feeds(store.db, {
      ...{ now: store.now, pageUrl: publicUrl, baseUrl: publicUrl },
      onError: (error) => log.warn({ reason: reasonOf(error) }, 'a feed cannot be shown now'),
    }),
    pages: createPages({
      ...{ db: store.db, operations, token: statusToken, publicUrl, now: store.now, logger: log },
      signal: closing.signal,
    }),
    log,
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      ...{ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS },
      ...{ maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: REQUEST_LIMIT_MS / 2 },
    },
  }) as Server;
  const url = await listenAt(server, address, 'LUMA_SYNC_HTTP_ADDR');
  server.on('error', (error) => log.error({ type: error.name }, 'the HTTP server failed'));
  return {
    url,
    async close() {
      isOpen = false;
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(cut);
      await sender.settled();
    },
  };
}

/** Only a message of ours: others quote what they read. */
function reasonOf(error: unknown): string {
  if (error instanceof StoreUnavailable) return error.message;
  return error instanceof Error ? error.name : typeof error;
}

async function askTemporal(temporal: TemporalAccess): Promise<void> {
  const { namespace } = temporal;
  await temporal.use((client) => client.workflowService.describeNamespace({ namespace }));
}
