import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync } from '../../src/client.js';
import { createLogger } from '../../src/logger.js';
import { createPages } from '../../src/pages/create-pages.js';
import { boundedTries } from '../../src/pages/status/tries.js';
import { freshDatabase } from '../support/servers.js';
import { addOrganization } from './support/seed.js';
import { servePages, type ServedPages } from './support/serve.js';
import { Visitor } from './support/visitor.js';

const { db, uri, name } = freshDatabase();
const token = 'kN4m7Qx2vT9pLr5sWz8bYc3dFg6hJa1e';
const logger = createLogger('silent');
let operations: LumaSync;
let served: ServedPages;
let visitor: Visitor;
let now = new Date();

beforeAll(async () => {
  await addOrganization(db, 'harbour', 'Harbour Makers Guild');
  operations = connectLumaSync({ mongo: { uri, db: name } });
});
beforeEach(async () => {
  now = new Date();
  // A server for each test: wrong tokens count for a while.
  served = await servePages(createPages({ db, operations, token, logger, now: () => now }));
  visitor = new Visitor(served.url);
  return () => served.close();
});
afterAll(() => operations.close());

test('without the token there is a form, and nothing of what is behind it', async () => {
  for (const path of [
    '/status',
    '/status?q=x',
    '/status/removals?org=harbour',
    '/status/events',
    '/status/x',
  ]) {
    const { response, html, document } = await visitor.get(path);
    expect([path, response.status]).toEqual([path, 401]);
    expect(html).not.toContain('Harbour');
    expect(document.errors).toEqual([]);
    expect(document.all('input', { type: 'password' })).toHaveLength(1);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-robots-tag')).toContain('noindex');
  }
  expect((await visitor.post('/status/removals', { org: 'harbour' })).response.status).toBe(401);
});

test('a wrong token opens nothing', async () => {
  for (const wrong of ['', 'x', token.slice(1), `${token}x`, token.toLowerCase()]) {
    const { response, html, document } = await visitor.post('/status', { token: wrong });
    expect([wrong, response.status]).toEqual([wrong, 401]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(document.text).toContain('This is not the access token.');
    expect(html).not.toContain('Harbour');
    if (wrong.length > 5) expect(html).not.toContain(wrong);
  }
});

test('the token opens the page, for twelve hours, by a cookie that does not hold it', async () => {
  const { response } = await visitor.post('/status', { token: ` ${token}\n` });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/status']);
  const [cookie = ''] = response.headers.getSetCookie();
  expect(cookie).toMatch(/; Max-Age=43200; Path=\/status; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(token);
  expect((await visitor.get('/status')).html).toContain('Harbour Makers Guild');

  now = new Date(now.getTime() + 12 * 3_600_000);
  expect((await visitor.get('/status')).response.status).toBe(401);
});

test('a cookie that was changed, or made for another token, opens nothing', async () => {
  const other = await servePages(createPages({ db, operations, token: token.replace('k', 'K'), logger }));
  const elsewhere = new Visitor(other.url);
  await elsewhere.signIn(token.replace('k', 'K'));
  await other.close();
  await visitor.signIn(token);
  const { cookie } = visitor;
  const [cookieName = '', value = ''] = cookie.split('=');
  const [payload = '', signature = ''] = value.split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace('"name":""', '"name":"Ann"');
  for (const bad of [
    elsewhere.cookie,
    `${cookieName}=${payload}`,
    `${cookieName}=${payload}.`,
    `${cookieName}=.${signature}`,
    `${cookieName}=${Buffer.from(forged).toString('base64url')}.${signature}`,
    `${cookie}x`,
    `${cookie}.x`,
    `x${cookie}`,
  ]) {
    visitor.cookie = bad;
    expect([bad, (await visitor.get('/status')).response.status]).toEqual([bad, 401]);
  }
  visitor.cookie = `other=1; ${cookie}; more=2`;
  expect((await visitor.get('/status')).response.status).toBe(200);
});

test('the cookie is sent over TLS only where the browser uses it, and to the pages’ own path', async () => {
  const pages = createPages({ db, operations, token, logger, publicUrl: 'https://example.org/calendar' });
  const behind = await servePages(pages);
  const { response } = await new Visitor(behind.url).post(
    '/status',
    { token },
    { origin: 'https://example.org' },
  );
  await behind.close();
  expect(response.headers.get('location')).toBe('/calendar/status');
  expect(response.headers.getSetCookie()[0]).toMatch(
    /; Path=\/calendar\/status; HttpOnly; SameSite=Strict; Secure$/,
  );
});

test('no other site can sign somebody in; a program without an origin can', async () => {
  const foreign = await visitor.post('/status', { token }, { origin: 'https://evil.example' });
  expect([foreign.response.status, foreign.response.headers.getSetCookie()]).toEqual([403, []]);
  const body = new URLSearchParams({ token });
  const plain = await fetch(`${served.url}/status`, { method: 'POST', body, redirect: 'manual' });
  expect(plain.status).toBe(303);
});

test('after twenty wrong tokens no more are looked at for a while; sessions go on', async () => {
  await visitor.signIn(token);
  const guesser = new Visitor(served.url);
  const answers: number[] = [];
  for (let n = 0; n < 21; n++) answers.push((await guesser.post('/status', { token: 'x' })).response.status);
  expect(answers).toEqual([...Array<number>(20).fill(401), 429]);
  const { response } = await guesser.post('/status', { token });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await visitor.get('/status')).response.status).toBe(200);
});

test('a try comes back every three seconds', () => {
  let ms = 0;
  const tries = boundedTries(() => ms);
  for (let n = 0; n < 20; n++) {
    expect(tries.waitMs()).toBe(0);
    tries.failed();
  }
  expect(tries.waitMs()).toBe(3_000);
  ms = 2_999;
  expect(tries.waitMs()).toBe(1);
  ms = 3_000;
  expect(tries.waitMs()).toBe(0);
  tries.failed();
  expect(tries.waitMs()).toBe(3_000);
  ms = 1e9;
  for (let n = 0; n < 20; n++) tries.failed();
  expect(tries.waitMs()).toBe(3_000);
});

test('signing out ends the session in this browser', async () => {
  await visitor.signIn(token);
  const { response } = await visitor.post('/status/sign-out', { form: await visitor.formToken() });
  expect(response.status).toBe(303);
  expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0');
  expect((await visitor.get('/status')).response.status).toBe(401);
});
