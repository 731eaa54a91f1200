import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Where the SDK is to serve its own metrics, and how to read them there. */
export interface SdkMetrics {
  /** For the SDK: an address of this machine only. */
  bindAddress: string;
  /** What the SDK has measured, in Prometheus' text format; empty while it serves nothing. */
  read(): Promise<string>;
}

const READ_LIMIT_MS = 2_000;

/**
 * The SDK serves its metrics by itself or not at all, and nothing else on the same port. So it serves them on a port that
 * only this machine reaches, and the worker's own server hands them on.
 */
export async function sdkMetrics(): Promise<SdkMetrics> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  return {
    bindAddress,
    async read() {
      try {
        const response = await fetch(`http://${bindAddress}/metrics`, {
          signal: AbortSignal.timeout(READ_LIMIT_MS),
        });
        return response.ok ? await response.text() : '';
      } catch {
        // Before the SDK's first connection and after its last one.
        return '';
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
