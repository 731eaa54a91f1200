/**
 * The worker process: connects, takes work until it is told to stop, and drains. Any number of them may run; they
 * hold no state.
 */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { ActivityDependencies } from './activities/dependencies.js';
import { namedFailures } from './activities/failures.js';
import { type Activities, createActivities } from './activities/index.js';
import { ensureSearchAttribute } from './client/search-attribute.js';
import { registerCommand } from './client/search-attribute-commands.js';
import { unreachable } from './client/unreachable.js';
import type { Config, TemporalSettings } from './config.js';
import { drainOnSignals } from './drain-on-signals.js';
import { createLogger, type Logger } from './logger.js';
import { createLumaApi } from './luma/api.js';
import { connectStore } from './mongo/store.js';
import { noticeSender } from './notices/send-notice.js';
import { checkBeforeStart } from './worker/check-before-start.js';
import { collectEarly } from './worker/collect-early.js';
import { deploymentOf } from './worker/deployment.js';
import { takeOverIfFirst } from './worker/first-build.js';
import type { Monitoring } from './worker/monitoring.js';
import { installRuntime } from './worker/runtime.js';
import { workerError } from './worker/worker-error.js';
import { deploymentNames, TASK_QUEUE } from './workflows/contract.js';

const NAMESPACE_LIMIT_MS = 10_000;
/** Work under way gets this long to end before it is cancelled and left to another worker. */
const DRAIN_LIMIT = '30 s';
/** What has not ended some time after its cancellation is cut off. */
const FORCED_LIMIT = '45 s';
/** Otherwise a heartbeat is held back for 80 % of the time after which it is missed. */
const HEARTBEAT_INTERVAL = '2 s';

export interface StartWorkerOptions {
  temporal: TemporalSettings;
  activities: ActivityDependencies;
  logger: Logger;
  /** File made by `npm run build`. Default: the one beside this file. */
  workflowBundlePath?: string;
  taskQueue?: string;
  /** Temporal keeps every sync on the build that began it. Off: any worker goes on with any sync. */
  versioning?: boolean;
  /** Workflows kept in memory; fewer than are running makes each task replay. For tests. */
  maxCachedWorkflows?: number;
  /** Puts something around the activities, such as what counts them. */
  observe?: (activities: Activities) => Activities;
}

export interface RunningWorker {
  /** Rejects when the worker dies, resolves when it has drained. */
  readonly ended: Promise<void>;
  /** Takes no more work, waits for what is under way, closes the connection. */
  stop(): Promise<void>;
  /** Whether it takes work: not while it drains, nor after. */
  isPolling(): boolean;
  /** Asks Temporal for the description of the namespace. Rejects where it does not answer. */
  askTemporal(): Promise<void>;
}

/**
 * Starts a worker in this process. The store in `activities` stays the caller's to close, after the worker.
 * @throws TemporalUnavailable
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { temporal, activities, logger, taskQueue = TASK_QUEUE } = options;
  const { observe = asTheyAre, versioning = false } = options;
  const codePath =
    options.workflowBundlePath ?? fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  const { address, namespace } = temporal;
  const connection = await connect(temporal);
  try {
    await checkNamespace(connection, namespace);
    if (!(await ensureSearchAttribute(connection, temporal))) {
      logger.warn(
        { command: registerCommand(namespace) },
        'cannot see whether the search attribute is there: if not, run',
      );
    }
    const deployment = deploymentOf(taskQueue, codePath);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: { codePath },
      activities: observe(createActivities(activities)),
      interceptors: { activity: [namedFailures] },
      workerDeploymentOptions: versioning
        ? { version: deployment, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' }
        : { version: deployment, useWorkerVersioning: false },
      shutdownGraceTime: DRAIN_LIMIT,
      shutdownForceTime: FORCED_LIMIT,
      maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    });
    const stopping = new AbortController();
    const ended = worker.run().finally(() => {
      stopping.abort();
      return connection.close();
    });
    // Whoever waits for `stop` hears of it there.
    ended.catch(() => undefined);
    logger.info({ address, namespace, taskQueue, build: deployment.buildId }, 'worker ready');
    if (versioning) {
      void takeOverIfFirst(connection, { namespace, deployment, signal: stopping.signal }, logger);
    }
    return {
      ended,
      stop: async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended;
      },
      isPolling: () => {
        const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
        return (
          runState === 'RUNNING' && workflowPollerState === 'POLLING' && activityPollerState === 'POLLING'
        );
      },
      askTemporal: () => checkNamespace(connection, namespace),
    };
  } catch (error) {
    await connection.close();
    throw workerError(error, temporal);
  }
}

type WorkerConfig = Config & Partial<Config<'lumaProxies' | 'notices'>>;

/**
 * Runs a worker until SIGTERM or Ctrl-C. A second signal ends the process at once; Temporal gives what was under
 * way to another worker.
 * @returns the exit code: 0 drained, 1 died
 */
export async function runWorker({
  config,
  logger,
}: {
  config: WorkerConfig;
  logger?: Logger;
}): Promise<number> {
  const log = logger ?? createLogger(config.logLevel);
  collectEarly();
  const monitoring = await monitored(config, log);
  try {
    return await runMonitored(config, log, monitoring);
  } finally {
    await monitoring?.close();
  }
}

async function runMonitored(
  config: WorkerConfig,
  log: Logger,
  monitoring: Monitoring | null,
): Promise<number> {
  const store = await connectStore(config.mongo);
  try {
    if (monitoring !== null) monitoring.watched.store = store;
    await checkBeforeStart(store, config, log);
    await store.ensureIndexes();
    // Not earlier: without a connection that closes, the SDK's runtime keeps the process alive.
    installRuntime(log, monitoring?.sdkAddress);
    const luma = createLumaApi({
      baseUrl: config.lumaBaseUrl,
      allowHttp: config.lumaAllowHttp,
      proxies: config.lumaProxies,
    });
    const worker = await startWorker({
      temporal: config.temporal,
      activities: {
        ...{ luma: monitoring?.ofLuma(luma) ?? luma, store, keyring: config.keyring },
        ...(config.notices === undefined
          ? {}
          : { notify: noticeSender(config.notices, { proxies: config.lumaProxies }) }),
      },
      logger: log,
      taskQueue: deploymentNames(config.scope ?? null).taskQueue,
      versioning: config.versioning,
      ...(monitoring === null ? {} : { observe: (each) => monitoring.ofActivities(each) }),
    });
    if (monitoring !== null) monitoring.watched.worker = worker;
    const stopListening = drainOnSignals(
      log,
      'draining: no more work is taken, what is under way is finished',
      () => void worker.stop().catch(() => undefined),
    );
    try {
      await worker.ended;
      log.info('worker stopped');
      return 0;
    } catch (error) {
      const { name, message } = workerError(error, config.temporal);
      // Only a message of ours: the native ones quote what the server sent.
      log.error({ error: { name, ...(name === 'TemporalUnavailable' ? { message } : {}) } }, 'worker died');
      return 1;
    } finally {
      stopListening();
    }
  } finally {
    await store.close();
  }
}

/** Loaded where it is used only. */
async function monitored(config: WorkerConfig, log: Logger): Promise<Monitoring | null> {
  if (config.httpAddress === undefined && config.metricsAddress === undefined) return null;
  const { startMonitoring } = await import('./worker/monitoring.js');
  return await startMonitoring(config, log);
}

async function connect(settings: TemporalSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(settings.connectionOptions);
  } catch (error) {
    const known = workerError(error, settings);
    throw known.name === 'TemporalUnavailable' ? known : await unreachable(settings);
  }
}

/** Before a worker is created: one that cannot be would keep the process alive, and its error quotes the answer. */
async function checkNamespace(connection: NativeConnection, namespace: string): Promise<void> {
  await connection.withDeadline(Date.now() + NAMESPACE_LIMIT_MS, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
}

function asTheyAre(activities: Activities): Activities {
  return activities;
}
