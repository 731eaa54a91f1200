import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { ORG_ID_ATTRIBUTE } from '../../../../src/workflows/contract.js';
import { dataPlace } from './data.js';
import { findProgram } from './find.js';
import { startGuarded } from './guarded.js';
import type { LocalServerOptions, ServerSource } from './options.js';
import { freePort, LOOPBACK } from './ports.js';
import { launchUntilReady } from './ready.js';
import { TEMPORAL } from './recipes.js';

const ANSWER_LIMIT_MS = 5_000;

export interface TemporalOptions extends LocalServerOptions {
  /** A server that runs already, `host:port`: it is used and nothing is started. */
  address?: string;
  /** With the web UI. Default false. */
  ui?: boolean;
  /** Tried first, as `port`. */
  uiPort?: number;
  /** More of the server's dynamic configuration, e.g. `{'limit.historyCount.suggestContinueAsNew': 40}`. */
  dynamicConfig?: Record<string, string | number | boolean>;
}

export interface TemporalServer {
  /** `host:port` of the gRPC endpoint. */
  address: string;
  /** Only with `ui`. */
  uiUrl?: string;
  namespace: 'default';
  source: ServerSource;
  /** The server's process; absent for an external one. */
  pid?: number;
  /** Settles once the server's processes are gone and its temporary data is removed. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal's development server, with this project's search attribute registered. It keeps the process
 * alive until stopped. Throws LocalServerUnavailable or LocalServerFailed.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const namespace = 'default';
  if (options.address !== undefined) {
    return { address: options.address, namespace, source: 'external', stop: () => Promise.resolve() };
  }
  const program = await findProgram(TEMPORAL, options);
  let uiPort = 0;

  const { server, port } = await launchUntilReady(
    'The Temporal server',
    async () => {
      const grpcPort = await freePort(options.port);
      uiPort = options.ui ? await freePort(options.uiPort) : 0;
      const { folder, job } = dataPlace('temporal', options.dataDir);
      const args = [...program.args, ...serverArgs(options, folder, grpcPort, uiPort)];
      const server = startGuarded(
        { ...job, file: program.file, args, folders: [folder], emptyFiles: [] },
        options.env,
      );
      return { port: grpcPort, server };
    },
    askTemporal,
  );

  const pid = await server.pid;
  options.onProgress?.(`Temporal: ready at ${LOOPBACK}:${port}`);
  return {
    address: `${LOOPBACK}:${port}`,
    ...(options.ui && { uiUrl: `http://${LOOPBACK}:${uiPort}` }),
    namespace,
    source: program.source,
    ...(pid !== undefined && { pid }),
    stop: () => server.stop(),
  };
}

function serverArgs(options: TemporalOptions, folder: string, port: number, uiPort: number): string[] {
  const dynamicConfig = {
    // With the default of 20, a finished activity waits some 25 ms for its next workflow task.
    'history.transferProcessorMaxPollRPS': 1000,
    ...options.dynamicConfig,
  };
  const keep = options.dataDir !== undefined;
  return [
    ...['server', 'start-dev', '--log-level', 'warn'],
    ...['--ip', LOOPBACK, '--port', String(port)],
    ...(options.ui ? ['--ui-ip', LOOPBACK, '--ui-port', String(uiPort)] : ['--headless']),
    ...['--search-attribute', `${ORG_ID_ATTRIBUTE}=Keyword`],
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...(keep ? ['--db-filename', join(folder, 'temporal.db')] : []),
    ...(keep ? ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'] : []),
  ];
}

async function askTemporal(port: number): Promise<void> {
  const connection = await Connection.connect({
    address: `${LOOPBACK}:${port}`,
    connectTimeout: ANSWER_LIMIT_MS,
  });
  try {
    await connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}
