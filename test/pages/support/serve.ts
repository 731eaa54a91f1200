import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PagesHandler } from '../../../src/pages/create-pages.js';

export interface ServedPages {
  url: string;
  close(): Promise<void>;
}

/** Serves the pages over sockets, as `luma-sync serve` does. */
export async function servePages(pages: PagesHandler, wanted = 0): Promise<ServedPages> {
  const server = createAdaptorServer({ fetch: pages }) as Server;
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
