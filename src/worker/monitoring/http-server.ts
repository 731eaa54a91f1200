import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { ListenAddress } from '../../config/listen-address.js';

export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** What is at a path. */
export type Page = () => Answer | Promise<Answer>;

export interface HttpServer {
  /** With the port that it has really got. */
  url: string;
  /** Ends at once, answers under way included. */
  close(): Promise<void>;
}

/** An address cannot be listened at. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';

  constructor(setting: string, at: string, code: string) {
    super(
      `cannot listen at ${at} (${code}) – set ${setting} to an address of this machine whose port is free`,
    );
  }
}

/** Whoever is slower than this with asking holds no connection. */
const REQUEST_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 100;

/**
 * Serves pages by their paths: to GET and HEAD, without reading a body.
 * @param setting names the address in the error
 * @throws CannotListen
 */
export async function startHttpServer(
  address: ListenAddress,
  setting: string,
  pages: Readonly<Record<string, Page>>,
): Promise<HttpServer> {
  const server = createServer(
    { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, maxHeaderSize: 8_192 },
    (request, response) => {
      const path = (request.url ?? '').replace(/\?.*$/s, '');
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (page === undefined)
        send(response, text(404, `not here; there is: ${Object.keys(pages).join(' ')}`));
      else if (!isRead) send(response.setHeader('allow', 'GET, HEAD'), text(405, 'GET and HEAD only'));
      else void answer(response, page);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const url = await listenAt(server, address, setting);
  // One that breaks later is nothing to the syncs.
  server.on('error', () => undefined);
  return {
    url,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Lets a server listen.
 * @param setting names the address in the error
 * @returns its address, with the port that it has really got
 * @throws CannotListen
 */
export async function listenAt(
  server: Server,
  { host, port }: ListenAddress,
  setting: string,
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new CannotListen(setting, printed(host, port), code);
  }
  return `http://${printed(host, (server.address() as AddressInfo).port)}`;
}

async function answer(response: ServerResponse, page: Page): Promise<void> {
  let said: Answer;
  try {
    said = await page();
  } catch {
    said = text(500, 'this page cannot be made now');
  }
  send(response, said);
}

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  // Node leaves the body away where a HEAD asked.
  response.end(body);
}

function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function printed(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
