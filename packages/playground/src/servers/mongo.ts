import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { dataPlace } from './data.js';
import { findProgram } from './find.js';
import { startGuarded } from './guarded.js';
import type { Program } from './installer.js';
import type { LocalServerOptions, ServerSource } from './options.js';
import { freePort, LOOPBACK } from './ports.js';
import { launchUntilReady } from './ready.js';
import { MONGO } from './recipes.js';
import { leadReplicaSet, REPLICA_SET } from './replica-set.js';

const ANSWER_LIMIT_MS = 5_000;

export interface MongoOptions extends LocalServerOptions {
  /** A server that runs already: it is used and nothing is started. */
  uri?: string;
}

export interface MongoServer {
  uri: string;
  source: ServerSource;
  /** Which program plays MongoDB; absent for an external one. */
  kind?: 'mongod' | 'secantusdb';
  /** The server's process; absent for an external one. */
  pid?: number;
  /** Settles once the server's processes are gone and its temporary data is removed. */
  stop(): Promise<void>;
}

/**
 * Starts a MongoDB, or a program that speaks its wire protocol, as a replica set of one: transactions and change
 * streams work. It keeps the process alive until stopped. Throws LocalServerUnavailable or LocalServerFailed.
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  if (options.uri !== undefined) {
    return { uri: options.uri, source: 'external', stop: () => Promise.resolve() };
  }
  const program = await findProgram(MONGO, options);
  const kind = program.kind === 'mongod' ? 'mongod' : 'secantusdb';

  const { server, port } = await launchUntilReady(
    'The MongoDB server',
    async () => {
      const wirePort = await freePort(options.port);
      // Their files differ: data kept by one is not for the other.
      const { folder, job } = dataPlace(kind, options.dataDir);
      const data = join(folder, 'data');
      const emptyConfig = join(folder, 'empty.toml');
      const args = [...program.args, ...serverArgs(kind, data, emptyConfig, wirePort)];
      const server = startGuarded(
        { ...job, file: program.file, args, folders: [data], emptyFiles: [emptyConfig] },
        options.env,
      );
      return { port: wirePort, server };
    },
    (wirePort) => askMongo(kind, wirePort),
  );

  const pid = await server.pid;
  options.onProgress?.(`MongoDB: ready at ${LOOPBACK}:${port}`);
  return {
    uri: uriOf(port),
    source: program.source,
    kind,
    ...(pid !== undefined && { pid }),
    stop: () => server.stop(),
  };
}

function serverArgs(kind: Program['kind'], data: string, emptyConfig: string, port: number): string[] {
  if (kind === 'mongod') {
    return [
      '--dbpath',
      data,
      '--bind_ip',
      LOOPBACK,
      '--port',
      String(port),
      '--replSet',
      REPLICA_SET,
      '--quiet',
    ];
  }
  return [
    ...['--host', LOOPBACK, '--port', String(port), '--storage-path', data, '--log-level', 'WARNING'],
    // An explicit empty file: otherwise settings are taken from whatever file a home folder holds.
    ...['--config', emptyConfig, '--cache-size', '256M'],
  ];
}

/** Direct, because a set of one names a member that the driver need not look for. */
function uriOf(port: number): string {
  return `mongodb://${LOOPBACK}:${port}/?directConnection=true`;
}

async function askMongo(kind: Program['kind'], port: number): Promise<void> {
  const client = new MongoClient(uriOf(port), {
    serverSelectionTimeoutMS: ANSWER_LIMIT_MS,
    connectTimeoutMS: ANSWER_LIMIT_MS,
    // Whatever MONGODB_LOG_ALL says: what the driver prints is not for the terminal of a demo.
    mongodbLogComponentSeverities: {
      ...{ command: 'off', topology: 'off', serverSelection: 'off', connection: 'off', client: 'off' },
      default: 'off',
    },
    mongodbLogPath: { write: () => undefined },
  });
  try {
    const admin = client.db('admin');
    if (kind === 'mongod') await leadReplicaSet(admin, `${LOOPBACK}:${port}`);
    await admin.command({ ping: 1 });
  } finally {
    await client.close();
  }
}
