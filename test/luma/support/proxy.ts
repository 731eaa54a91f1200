/** An HTTP proxy that opens tunnels (CONNECT) to one upstream, whatever host is asked for, and keeps what passes. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TunnelProxy {
  url: string;
  /** `host:port` of each CONNECT, in order. */
  connects: string[];
  headers: IncomingMessage['headers'][];
  /** Requests that were not a CONNECT: what a tunnel hides. */
  plain: string[];
  /** Every byte that clients sent, the heads of CONNECTs aside. */
  passed: () => string;
}

/**
 * Listens on a free port until the test ends.
 * @param answer 200 opens a tunnel, another status refuses it, 0 says nothing
 */
export async function tunnelProxy(
  upstreamPort: number,
  answer: (connects: number) => number = () => 200,
): Promise<TunnelProxy> {
  const proxy: Omit<TunnelProxy, 'url'> = { connects: [], headers: [], plain: [], passed: () => passed };
  let passed = '';
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    proxy.plain.push(request.url ?? '');
    response.writeHead(502).end();
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    proxy.connects.push(request.url ?? '');
    proxy.headers.push(request.headers);
    client.on('error', () => undefined);
    const status = answer(proxy.connects.length);
    if (status === 0) return;
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(upstreamPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.on('data', (bytes: Buffer) => (passed += bytes.toString('latin1')));
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.resetAndDestroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { ...proxy, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
