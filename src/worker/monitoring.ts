/**
 * What a worker shows of itself over HTTP: `/livez`, `/readyz` and `/metrics`. Off unless an address is set.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Activities } from '../activities/index.js';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { LumaApi } from '../luma/api.js';
import { readStanding } from '../mongo/standing.js';
import { countedSyncs } from './monitoring/ended-syncs.js';
import { type Answer, type HttpServer, type Page, startHttpServer } from './monitoring/http-server.js';
import { countedRequests } from './monitoring/luma-requests.js';
import { type Readiness, readinessOf, type Watched } from './monitoring/readiness.js';
import { sdkMetrics } from './monitoring/sdk-metrics.js';
import { shared } from './monitoring/shared.js';
import { standingGauges } from './monitoring/standing-gauges.js';
import { within } from '../within.js';

export interface Monitoring {
  /** Where the SDK's runtime is to serve its metrics. */
  sdkAddress: string;
  /** What is looked at, set as the start comes to it. */
  watched: Watched;
  /** A client whose requests are counted. */
  ofLuma(luma: LumaApi): LumaApi;
  /** Activities that count what they end. */
  ofActivities(activities: Activities): Activities;
  close(): Promise<void>;
}

/** Organizations with series of their own: Prometheus keeps a few for each, from every worker. */
const NAMED_ORGANIZATIONS = 500;
/** Below the ten seconds that Prometheus waits. */
const STANDING_LIMIT_MS = 5_000;
/** No more than a twentieth of the time goes into reading how the organizations stand, however often it is asked. */
const STANDING_SHARE = 20;
/** Of prom-client's own, these are gauges whose names say that they were counters. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/**
 * Listens at the addresses that are set. To be started first, so that it can be seen how the start goes.
 * @returns `null` where none is set
 * @throws CannotListen
 */
export async function startMonitoring(
  { httpAddress, metricsAddress }: Pick<Config, 'httpAddress' | 'metricsAddress'>,
  log: Logger,
): Promise<Monitoring | null> {
  if (httpAddress === undefined && metricsAddress === undefined) return null;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);

  const watched: Watched = {};
  const sdk = await sdkMetrics();
  const readiness = readinessOf(watched);
  const showReadiness = readinessGauges(registry);
  const showStanding = standingGauges(registry);
  const standing = shared(
    async () =>
      watched.store === undefined ? null : await readStanding(watched.store.db, NAMED_ORGANIZATIONS),
    (tookMs) => tookMs * STANDING_SHARE,
  );

  const metrics = shared(
    async (): Promise<string> => {
      const [stands, ready, ofSdk] = await Promise.all([
        within(STANDING_LIMIT_MS, standing()).catch(() => null),
        readiness(),
        sdk.read(),
      ]);
      showStanding(ready.mongodb ? stands : null);
      showReadiness(ready);
      return `${await registry.metrics()}${ofSdk}`;
    },
    () => 0,
  );

  const metricsPage: Page = async () => ({
    status: 200,
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    body: await metrics(),
  });
  const pages: Record<string, Page> = {
    '/livez': () => json(200, { status: 'alive' }),
    '/readyz': async () => {
      const { ready, reasons } = await readiness();
      return ready ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', reasons });
    },
    '/metrics': metricsPage,
  };

  const servers: HttpServer[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    if (httpAddress !== undefined) {
      const server = await startHttpServer(httpAddress, 'LUMA_SYNC_HTTP_ADDR', pages);
      servers.push(server);
      log.info({ url: server.url }, 'serving health and metrics');
    }
    if (metricsAddress !== undefined) {
      const server = await startHttpServer(metricsAddress, 'LUMA_SYNC_METRICS_ADDR', {
        '/metrics': metricsPage,
      });
      servers.push(server);
      log.info({ url: server.url }, 'serving metrics');
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    sdkAddress: sdk.bindAddress,
    watched,
    ofLuma: (luma) => countedRequests(luma, registry),
    ofActivities: (activities) => countedSyncs(activities, registry),
    close,
  };
}

function readinessGauges(registry: Registry): (readiness: Readiness) => void {
  const ready = new Gauge({
    name: 'luma_sync_worker_ready',
    help: '1 while this worker takes work, and Temporal and MongoDB answer.',
    registers: [registry],
  });
  const up = new Gauge({
    name: 'luma_sync_dependency_up',
    help: '1 while what this worker depends on answers it.',
    labelNames: ['dependency'],
    registers: [registry],
  });
  return (readiness) => {
    ready.set(readiness.ready ? 1 : 0);
    up.set({ dependency: 'mongodb' }, readiness.mongodb ? 1 : 0);
    up.set({ dependency: 'temporal' }, readiness.temporal ? 1 : 0);
  };
}

function json(status: number, body: object): Answer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` };
}
