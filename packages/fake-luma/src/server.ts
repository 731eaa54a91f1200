import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi, type ApiContext } from './api.js';
import { answerControl, CONTROL_PREFIX } from './control.js';
import type { FakeLuma } from './handle.js';

export interface Listening {
  /** `http://host:port`, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** Listens and answers until closed. Rejects when the address cannot be had. */
export async function listen(
  address: { host: string; port: number },
  context: Omit<ApiContext, 'closing'>,
  fake: () => FakeLuma,
): Promise<Listening> {
  const closing = new AbortController();
  // One listener for every answer that takes its time.
  setMaxListeners(0, closing.signal);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(`http://fake${request.url ?? '/'}`);
    if (url.pathname.startsWith(CONTROL_PREFIX)) await answerControl(request, response, url, fake());
    else await answerApi(request, response, url, { ...context, closing: closing.signal });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Closing drops answers that are being held back; anything else is a mistake of the fake's, and said.
      if (closing.signal.aborted || response.headersSent) return void request.socket.destroy();
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`the fake itself failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  await bound(server, address);
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}`,
    close: () => {
      closing.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function bound(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
