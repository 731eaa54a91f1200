import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Proxy {
  /** A connection string like the one of the server behind it. */
  uri: string;
  /** From now on nothing is passed on, and no connection is ended. */
  goDark(): void;
  /** From now on whoever sends something is answered with the end of the connection. */
  closeUnderCommands(): void;
}

/** A TCP proxy before a MongoDB; closed after the test. */
export async function proxyBefore(uri: string): Promise<Proxy> {
  const target = new URL(uri);
  const { hostname, port } = target;
  const sockets = new Set<Socket>();
  let state: 'open' | 'dark' | 'closing' = 'open';
  const server = createServer((client) => {
    const behind = connect(Number(port), hostname);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => {
      if (state === 'open') behind.write(data);
      if (state === 'closing') client.end();
    });
    behind.on('data', (data) => {
      if (state === 'open') client.write(data);
    });
    client.on('close', () => behind.destroy());
    behind.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  target.port = String(typeof address === 'object' ? address?.port : '');
  return {
    uri: target.href,
    goDark: () => void (state = 'dark'),
    closeUnderCommands: () => void (state = 'closing'),
  };
}
