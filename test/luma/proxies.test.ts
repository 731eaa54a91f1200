import { gzipSync } from 'node:zlib';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLumaApi, type LumaApiOptions } from '../../src/luma/api.js';
import { LumaError } from '../../src/luma/errors.js';
import { fetchLumaEvents } from '../../src/luma/fetch-luma-events.js';
import { askInProcess, tlsLuma } from './support/ask-in-process.js';
import { certificateFor } from './support/certificate.js';
import { tunnelProxy } from './support/proxy.js';
import { absurdServer, json, rejection, type Handler } from './support/server.js';

const KEY = 'secret-k3y';
const LAST_PAGE = { entries: [], has_more: false };
/** A hundred megabytes in a hundred kilobytes. */
const SWELLING = gzipSync(Buffer.alloc(100_000_000, ' '));
const portOf = (url: string) => Number(new URL(url).port);

/** A Luma on a host that only the proxy knows. Over http:, so that a test sees what a tunnel carries. */
async function behindProxy(handler: Handler, answer?: (connects: number) => number) {
  const luma = await absurdServer(handler);
  const proxy = await tunnelProxy(portOf(luma.url), answer);
  const client = (options: Partial<LumaApiOptions> = {}) =>
    createLumaApi({
      baseUrl: 'http://luma.test:8080',
      allowHttp: true,
      proxies: { httpProxy: proxy.url.replace('//', '//agent:pass%40canary@') },
      ...options,
    });
  return { luma, proxy, client };
}

describe('over TLS', () => {
  it('the proxy sees a CONNECT and never the key; and NO_PROXY goes around it', async () => {
    const certificate = certificateFor('localhost');
    const port = await tlsLuma(certificate);
    const proxy = await tunnelProxy(port);
    const ask = (url: string, env: Record<string, string>) =>
      askInProcess([url], { trusted: [certificate], env });

    // Each of these processes has to end by itself, with its connections still open.
    expect(await ask('https://localhost:8443', { HTTPS_PROXY: proxy.url })).toEqual(['cal-1']);
    expect(proxy.connects).toEqual(['localhost:8443']);
    expect(proxy.plain).toEqual([]);
    expect(proxy.passed()).not.toMatch(/secret-canary|x-luma-api-key/i);

    const direct = { https_proxy: proxy.url, no_proxy: 'example, localhost' };
    expect(await ask(`https://localhost:${port}`, direct)).toEqual(['cal-1']);
    expect(proxy.connects).toHaveLength(1);
  });
});

describe('through a proxy', () => {
  it('every question of a client is asked, with the proxy’s password for the proxy alone', async () => {
    const { luma, proxy, client } = await behindProxy((_, response) => json(response, 200, LAST_PAGE));
    const asking = client();
    expect((await asking.listEvents(KEY)).value.entries).toEqual([]);
    expect((await asking.listEvents(KEY, { limit: 7 })).value.entries).toEqual([]);

    expect(new Set(proxy.connects)).toEqual(new Set(['luma.test:8080']));
    expect(proxy.headers[0]?.['proxy-authorization']).toBe(
      `Basic ${Buffer.from('agent:pass@canary').toString('base64')}`,
    );
    expect(luma.asked.map(({ headers }) => headers['x-luma-api-key'])).toEqual([KEY, KEY]);
    expect(luma.asked.some(({ headers }) => 'proxy-authorization' in headers)).toBe(false);
    expect(luma.asked[1]?.query.get('pagination_limit')).toBe('7');
  });

  it('fetchLumaEvents goes too', async () => {
    const { proxy } = await behindProxy((_, response) => json(response, 200, LAST_PAGE));
    const listing = fetchLumaEvents(KEY, {
      baseUrl: 'http://luma.test:8080',
      allowHttp: true,
      proxies: { httpProxy: proxy.url },
    });
    expect(await listing.next()).toMatchObject({ value: { hasMore: false } });
    expect(proxy.connects).toHaveLength(1);
  });

  it.each(['luma.test', '.test', '*.test', 'other, luma.test:8080', '*'])(
    'NO_PROXY=%s leaves it out',
    async (noProxy) => {
      const { proxy, client } = await behindProxy((_, response) => json(response, 200, LAST_PAGE));
      const call = client({ proxies: { httpProxy: proxy.url, noProxy } }).listEvents(KEY);
      expect(await rejection(call)).toMatchObject({ name: 'LumaUnavailable' });
      expect(proxy.connects).toEqual([]);
    },
  );

  it('this machine is asked directly over http:, so that the key does not leave it', async () => {
    const { luma, proxy, client } = await behindProxy((_, response) => json(response, 200, LAST_PAGE));
    const proxies = { httpProxy: proxy.url, httpsProxy: proxy.url };
    await client({ baseUrl: luma.url, proxies }).listEvents(KEY);
    expect(luma.asked).toHaveLength(1);
    expect(proxy.connects).toEqual([]);
  });

  it('a proxy that is not named is not used, whatever the environment says', async () => {
    const luma = await absurdServer((_, response) => json(response, 200, LAST_PAGE));
    const proxy = await tunnelProxy(portOf(luma.url));
    const proxies = { httpsProxy: proxy.url };
    const client = createLumaApi({ baseUrl: 'http://luma.invalid', allowHttp: true, proxies });
    expect(await rejection(client.listEvents(KEY))).toMatchObject({ name: 'LumaUnavailable' });
    expect(proxy.connects).toEqual([]);
  });
});

describe('trouble on the way through a proxy', () => {
  const limits = { requestTimeoutMs: 400, maxBodyBytes: 1_000_000 };

  it.each<[string, Handler, object]>([
    ['a reset', (_, response) => response.socket?.resetAndDestroy(), { name: 'LumaUnavailable' }],
    [
      'a body that is cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"entries":', () => response.destroy());
      },
      { name: 'LumaUnavailable' },
    ],
    ['an answer that does not come', () => undefined, { name: 'LumaUnavailable', code: 'TIMEOUT' }],
    [
      'a body that stalls',
      (_, response) => response.write('{"entries":'),
      { name: 'LumaUnavailable', code: 'TIMEOUT' },
    ],
    [
      'a body without an end',
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write('[' + ' '.repeat(60_000)));
        };
        response.on('drain', more);
        more();
      },
      { name: 'LumaContractBroken' },
    ],
    [
      'a body that swells',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(SWELLING);
      },
      { name: 'LumaContractBroken' },
    ],
    ['a 429', (_, response) => json(response, 429, {}), { name: 'LumaRateLimited', pauseMs: 61_000 }],
    [
      'a redirect',
      (_, response) => json(response, 302, {}, { location: 'http://elsewhere.test/' }),
      { name: 'LumaUnavailable', code: 'FOREIGN_ANSWER', status: 302 },
    ],
  ])('%s is what it is without one', async (_, handler, expected) => {
    const { client } = await behindProxy(handler);
    const error = await rejection(client(limits).listEvents(KEY));
    expect(error).toMatchObject(expected);
    expect(error).toBeInstanceOf(LumaError);
  });

  it.each([
    [407, 'PROXY_407', 'asks for a user name and a password'],
    [403, 'PROXY_403', 'does not let it through'],
    [502, 'PROXY_502', 'does not let it through'],
  ])('a proxy that refuses with %i is named, without its address', async (status, code, words) => {
    const { luma, client } = await behindProxy(
      (_, response) => json(response, 200, LAST_PAGE),
      () => status,
    );
    const error = await rejection(client().listEvents(KEY));
    expect(error).toMatchObject({ name: 'LumaUnavailable', code });
    expect(String(error)).toContain(words);
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(
      /canary|agent|luma\.test|127\.0\.0\.1/,
    );
    expect(luma.asked).toHaveLength(0);
  });

  it('a proxy that says nothing is a time limit, and a cancellation still the caller’s', async () => {
    const { client } = await behindProxy(
      (_, response) => json(response, 200, LAST_PAGE),
      () => 0,
    );
    const asking = client(limits);
    expect(await rejection(asking.listEvents(KEY))).toMatchObject({ code: 'TIMEOUT' });
    const reason = new Error('the caller has gone');
    const controller = new AbortController();
    const call = asking.listEvents(KEY, { signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
  });
});
