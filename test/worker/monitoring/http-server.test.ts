import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type HttpServer, type Page, startHttpServer } from '../../../src/worker/monitoring/http-server.js';

const page: Page = () => ({ status: 200, contentType: 'text/plain', body: 'hello\n' });

async function serve(pages: Record<string, Page>, host = '127.0.0.1'): Promise<HttpServer> {
  const server = await startHttpServer({ host, port: 0 }, 'LUMA_SYNC_HTTP_ADDR', pages);
  onTestFinished(() => server.close().catch(() => undefined));
  return server;
}

test('a page is there for GET and HEAD, whatever the query', async () => {
  const { url } = await serve({ '/livez': page });
  for (const path of ['/livez', '/livez?verbose']) {
    const response = await fetch(url + path);
    expect([response.status, await response.text()]).toEqual([200, 'hello\n']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
  const head = await fetch(`${url}/livez`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', '']);
});

test('everything else is refused: other paths, other methods', async () => {
  const { url } = await serve({ '/livez': page });
  for (const path of ['/', '/livez/', '/constructor', '/__proto__', '//livez']) {
    expect((await fetch(url + path)).status).toBe(404);
  }
  const post = await fetch(`${url}/livez`, { method: 'POST', body: 'x' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('a page that cannot be made is an error of that page, without the reason', async () => {
  const { url } = await serve({ '/metrics': () => Promise.reject(new Error('hunter2')), '/livez': page });
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('hunter2');
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test('an address that is taken is named, with the setting', async () => {
  const { url } = await serve({});
  const { hostname: host, port } = new URL(url);
  await expect(startHttpServer({ host, port: Number(port) }, 'LUMA_SYNC_HTTP_ADDR', {})).rejects.toThrow(
    `cannot listen at ${host}:${port} (EADDRINUSE) – set LUMA_SYNC_HTTP_ADDR to`,
  );
});

test('closing ends connections that are kept open', async () => {
  const server = await serve({ '/livez': page });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.resume();
  await once(socket, 'connect');
  const gone = once(socket, 'close');
  await server.close();
  await gone;
});
