import { Client, Connection } from '@temporalio/client';
import { setMaxListeners } from 'node:events';
import type { TemporalSettings } from '../config.js';
import { isConnectFailure, temporalError } from './temporal-errors.js';
import { endableRetries } from './retries.js';
import { tlsRefused, unreachable } from './unreachable.js';

/** An outage of a minute, and what Temporal takes to be there again. */
export const OUTAGE_LIMIT_MS = 90_000;
/** Otherwise attempts to reconnect get up to two minutes apart. */
const CHANNEL = { 'grpc.max_reconnect_backoff_ms': 3_000 };

/** A Temporal client that connects when it is first needed. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
  /** How long a Temporal that does not answer any more is waited for. */
  readonly outageLimitMs: number;
  /** Runs calls on the client. @throws TemporalUnavailable where Temporal cannot be reached or refuses */
  use<T>(calls: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function temporalAccess(
  settings: TemporalSettings,
  connectTimeoutMs: number,
  outageLimitMs = OUTAGE_LIMIT_MS,
): TemporalAccess {
  const { address, namespace, connectionOptions } = settings;
  let connecting: Promise<Client> | undefined;
  let closed = false;
  const underWay = new Set<AbortController>();
  const retries = endableRetries();

  async function connect(): Promise<Client> {
    try {
      const { tls, apiKey, metadata } = connectionOptions;
      const where = { address, tls, apiKey, metadata, channelArgs: CHANNEL };
      const connection = await Connection.connect({
        ...where,
        interceptors: retries.interceptors,
        connectTimeout: connectTimeoutMs,
      });
      return new Client({ connection, namespace });
    } catch (error) {
      const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
      // What OpenSSL says of a certificate or key that cannot be read.
      if (typeof code === 'string' && code.startsWith('ERR_OSSL')) throw tlsRefused(address, code);
      throw isConnectFailure(error) ? await unreachable(settings) : error;
    }
  }

  return {
    address,
    namespace,
    outageLimitMs,
    async use(calls) {
      const ending = new AbortController();
      if (closed) throw new Error('the connection to Temporal was closed');
      try {
        // A failed attempt is not kept: the next call tries again.
        connecting ??= connect().catch((error: unknown) => {
          connecting = undefined;
          throw error;
        });
        const client = await connecting;
        // One signal for each, any number of requests on it: the SDK never takes its listeners off again.
        setMaxListeners(0, ending.signal);
        underWay.add(ending);
        return await client.connection.withAbortSignal(ending.signal, () => calls(client));
      } catch (error) {
        throw temporalError(error, address, namespace);
      } finally {
        underWay.delete(ending);
      }
    },
    async close() {
      closed = true;
      // Closing the connection alone would leave a long poll, and so the process, waiting for its answer.
      for (const ending of underWay) ending.abort();
      await retries.end();
      const client = await connecting?.catch(() => undefined);
      await client?.connection.close();
    },
  };
}

/** A worker that polls a task queue. */
export interface Poller {
  /** As Temporal knows it, `process@host`. */
  identity: string;
  /** When it last asked for work: at least once a minute. */
  lastSeenAt: Date;
}

/**
 * The workers that poll a task queue now. Temporal lists pollers for minutes after they are gone; a live one asks
 * anew at least once a minute.
 */
export async function pollersOf(temporal: TemporalAccess, taskQueue: string): Promise<Poller[]> {
  return await temporal.use(async (client) => {
    // Without a type the server tells of workflow tasks.
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: taskQueue },
    });
    const oldest = Date.now() - 90_000;
    return pollers
      .map(({ identity, lastAccessTime }) => ({
        identity: identity ?? '',
        lastSeenAt: new Date(Number(lastAccessTime?.seconds ?? 0) * 1000),
      }))
      .filter(({ lastSeenAt }) => lastSeenAt.getTime() >= oldest);
  });
}

/** Whether a worker polls a task queue now. */
export async function hasWorkers(temporal: TemporalAccess, taskQueue: string): Promise<boolean> {
  return (await pollersOf(temporal, taskQueue)).length > 0;
}
