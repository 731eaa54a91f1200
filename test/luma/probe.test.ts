import { expect, test } from 'vitest';
import { LumaContractBroken, LumaUnavailable } from '../../src/luma/errors.js';
import { probeLuma } from '../../src/luma/probe.js';
import { absurdServer, type Handler, json, rejection } from './support/server.js';

async function probe(handler: Handler, timeoutMs = 5_000) {
  const server = await absurdServer(handler);
  const answer = await probeLuma({ baseUrl: server.url, proxies: undefined, timeoutMs });
  return { answer, asked: server.asked };
}

const NOT_SIGNED_IN = { message: 'Not signed in', code: null };

test('Luma is asked once, without a key, and its refusal is the answer; the header tells its clock', async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const { answer, asked } = await probe((_, response) => json(response, 401, NOT_SIGNED_IN, { date }));
  expect(asked).toHaveLength(1);
  expect(asked[0]?.path).toBe('/v1/calendars/get');
  expect(asked[0]?.headers).not.toHaveProperty('x-luma-api-key');
  expect(asked[0]?.headers['user-agent']).toMatch(/^luma-sync\//);
  expect(Math.abs((answer.aheadMs ?? 0) - 3_600_000)).toBeLessThan(5_000);
});

test.each([200, 403, 429])('%s is an answer too', async (status) => {
  const { answer } = await probe((_, response) => json(response, status, NOT_SIGNED_IN));
  expect(answer.tookMs).toBeGreaterThan(0);
});

test.each<[string, Handler, unknown, RegExp]>([
  [
    'a page of a gateway',
    (_, response) => json(response, 401, '<html>'),
    LumaUnavailable,
    /something else than Luma/,
  ],
  [
    'a redirect',
    (_, response) => json(response, 302, '', { location: 'https://x' }),
    LumaUnavailable,
    /something else/,
  ],
  ['an outage', (_, response) => json(response, 503, ''), LumaUnavailable, /503/],
  ['another API', (_, response) => json(response, 404, NOT_SIGNED_IN), LumaContractBroken, /no such path/],
  ['a reset', (_, response) => response.destroy(), LumaUnavailable, /ECONNRESET|UND_ERR_SOCKET/],
])('%s is none', async (_, handler, kind, message) => {
  const error = await rejection(probe(handler));
  expect(error).toBeInstanceOf(kind);
  expect(String(error)).toMatch(message);
});

test('silence ends with the time limit', async () => {
  expect(String(await rejection(probe(() => undefined, 200)))).toContain('TIMEOUT');
});
