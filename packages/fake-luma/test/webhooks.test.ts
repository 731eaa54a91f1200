import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { FakeCalendar, FakeLuma, FakeLumaOptions } from '../src/index.js';
import { calendarAt, fakeLuma } from './support/ask.js';

const ALL = ['event.created', 'event.updated', 'event.canceled', 'calendar.event.added'];

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An endpoint that answers with these statuses in turn, and with the last of them from then on. */
async function receiver(...statuses: number[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(statuses[received.length - 1] ?? statuses.at(-1) ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

async function call(fake: FakeLuma, path: string, body?: unknown) {
  const response = await fetch(fake.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'user-agent': 'fake-luma-test', 'x-luma-api-key': calendarAt(fake, 0).key },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const event = { id: 'evt-1', name: 'One', start_at: '2026-11-02T12:00:00Z' };

async function heard(
  options: FakeLumaOptions,
  { statuses = [200], types = ALL }: { statuses?: number[]; types?: string[] } = {},
): Promise<{ fake: FakeLuma; calendar: FakeCalendar; secret: string; received: Received[] }> {
  const { fake, calendar } = await fakeLuma({ calendars: [{ events: [event] }], ...options });
  const { url, received } = await receiver(...statuses);
  return { fake, calendar, secret: calendar.webhooks.create(url, types).secret, received };
}

const typesOf = (received: readonly Received[]) =>
  received.map(({ body }) => (JSON.parse(body) as { type: string }).type);

describe('the endpoints of webhooks', () => {
  test('create, get, update, list and delete one; the address cannot be changed', async () => {
    const { fake } = await fakeLuma({ calendars: 1 });
    const url = 'https://example.org/hook';
    const created = await call(fake, '/v2/webhooks/create', { url, event_types: ALL });
    expect(created).toMatchObject({ status: 200, json: { url, event_types: ALL, status: 'active' } });
    expect(created.json.secret).toMatch(/^whsec_\w{20,}$/);
    const id = created.json.id as string;
    expect((await call(fake, `/v2/webhooks/get?id=${id}`)).json).toEqual(created.json);
    const changes = { status: 'paused', event_types: ['event.created'], url: 'https://elsewhere.example' };
    const updated = await call(fake, '/v2/webhooks/update', { id, ...changes });
    expect(updated.json).toEqual({ ...created.json, ...changes, url });
    expect((await call(fake, '/v1/webhooks/list')).json).toEqual({ entries: [updated.json] });
    expect((await call(fake, '/v1/webhooks/delete', { id })).status).toBe(200);
    expect((await call(fake, '/v1/webhooks/list')).json).toEqual({ entries: [] });
  });

  test.each<[string, unknown, number]>([
    ['/v2/webhooks/create', { url: 'no address', event_types: ALL }, 400],
    ['/v2/webhooks/create', { url: 'https://example.org/taken', event_types: ALL }, 400],
    ['/v2/webhooks/create', { url: 'https://example.org', event_types: [] }, 400],
    ['/v2/webhooks/update', { id: 'wh-none', status: 'paused' }, 404],
    ['/v1/webhooks/delete', { id: 'wh-none' }, 404],
    ['/v2/webhooks/get?id=wh-none', undefined, 404],
    ['/v2/webhooks/create', undefined, 404],
  ])('%s with %j is answered with %i', async (path, body, status) => {
    const { fake, calendar } = await fakeLuma({ calendars: 1 });
    calendar.webhooks.create('https://example.org/taken', ALL);
    expect((await call(fake, path, body)).status).toBe(status);
  });

  test('faults and the rate limit apply to them', async () => {
    const { fake, calendar } = await fakeLuma({ calendars: 1, limit: 2 });
    calendar.setFault({ kind: 'server-error', endpoint: 'webhooks', times: 1 });
    const statuses = [];
    for (let nth = 0; nth < 3; nth++) statuses.push((await list(fake)).status);
    expect(statuses).toEqual([503, 200, 429]);
  });
});

function list(fake: FakeLuma): Promise<Response> {
  return fetch(`${fake.url}/v1/webhooks/list`, {
    headers: { 'user-agent': 'fake-luma-test', 'x-luma-api-key': calendarAt(fake, 0).key },
  });
}

describe('deliveries', () => {
  test('are signed over the time and the body with the secret as it is shown', async () => {
    const { fake, calendar, secret, received } = await heard({});
    calendar.editEvent('evt-1', { name: 'Première 🎈' });
    await fake.delivered();
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['webhook-signature'])) ?? [];
    expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
    expect(Math.abs(Date.now() / 1_000 - Number(t))).toBeLessThan(60);
    expect(headers['webhook-timestamp']).toBe(t);
    expect(headers['webhook-id']).toBe(fake.deliveries[0]?.id);
    expect(JSON.parse(body)).toMatchObject({
      type: 'event.updated',
      data: { id: 'evt-1', name: 'Première 🎈' },
    });
  });

  test('tell of events that are added, edited, rescheduled and canceled, and of nothing a list does not hold', async () => {
    const { fake, calendar, received } = await heard({});
    const next = async (change: () => unknown): Promise<string[]> => {
      received.length = 0;
      change();
      await fake.delivered();
      return typesOf(received).sort();
    };
    const start_at = '2026-12-01T12:00:00Z';
    const both = ['calendar.event.added', 'event.created'];
    expect(await next(() => calendar.addEvent({ id: 'evt-2', name: 'Two', start_at }))).toEqual(both);
    expect(await next(() => calendar.editEvent('evt-2', { name: 'Second' }))).toEqual(['event.updated']);
    expect(await next(() => calendar.reschedule('evt-2', '2027-01-01T12:00:00Z'))).toEqual(['event.updated']);
    expect(await next(() => calendar.cancel('evt-2'))).toEqual(['event.canceled']);
    const seen = { name: 'Seen', start_at, access: 'view' } as const;
    expect(await next(() => calendar.addEvent({ id: 'evt-3', ...seen }))).toEqual(['calendar.event.added']);
    expect(await next(() => calendar.editEvent('evt-3', { name: 'Still seen' }))).toEqual([]);
    const waiting = { id: 'evt-4', name: 'Four', start_at, status: 'pending' } as const;
    expect(await next(() => calendar.addEvent(waiting))).toEqual([]);
    expect(await next(() => calendar.editEvent('evt-4', { status: 'approved' }))).toEqual(
      expect.arrayContaining(both),
    );
  });

  test('go to those that are active and wish for the type', async () => {
    const { fake, calendar, received } = await heard({}, { types: ['event.canceled'] });
    calendar.editEvent('evt-1', { name: 'Not told' });
    calendar.webhooks.setStatus(calendar.webhooks.list()[0]?.id ?? '', 'paused');
    calendar.cancel('evt-1');
    await fake.delivered();
    expect(received).toEqual([]);
  });

  test('are tried again until they are answered with 2xx, with the same id', async () => {
    const trouble = { retryMs: [5, 5, 5] };
    const { fake, calendar, received } = await heard(
      { webhookTrouble: trouble },
      { statuses: [500, 302, 204] },
    );
    calendar.editEvent('evt-1', { name: 'Again' });
    await fake.delivered();
    expect(fake.deliveries[0]?.statuses).toEqual([500, 302, 204]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('end with a 410', async () => {
    const { fake, calendar } = await heard({ webhookTrouble: { retryMs: [1, 1] } }, { statuses: [410] });
    calendar.editEvent('evt-1', { name: 'Gone' });
    await fake.delivered();
    expect(fake.deliveries[0]?.statuses).toEqual([410]);
  });

  test('can get lost, arrive twice and out of order', async () => {
    const webhookTrouble = { loss: 0.3, repeats: 0.5, delayMs: 60 };
    const { fake, calendar, received } = await heard({ webhookTrouble });
    const names = Array.from({ length: 40 }, (_, nth) => `Name ${nth}`);
    for (const name of names) calendar.editEvent('evt-1', { name });
    await fake.delivered();
    const lost = fake.deliveries.filter((delivery) => delivery.lost);
    expect(lost.length).toBeGreaterThan(0);
    const arrived = received.map(({ body }) => (JSON.parse(body) as { data: { name: string } }).data.name);
    expect(new Set(arrived).size).toBe(40 - lost.length);
    expect(arrived.length).toBeGreaterThan(40 - lost.length);
    const firsts = [...new Set(arrived)];
    expect(firsts).not.toEqual(names.filter((name) => firsts.includes(name)));
  });

  test('and their trouble are at the control endpoint', async () => {
    const { fake, calendar, received } = await heard({});
    const control = async (path: string, body?: unknown): Promise<Response> =>
      fetch(`${fake.url}/_fake/${path}`, {
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      });
    expect((await control('webhooks', { loss: 1 })).ok).toBe(true);
    expect((await control('webhooks', { loss: 2 })).status).toBe(400);
    calendar.editEvent('evt-1', { name: 'Lost' });
    await fake.delivered();
    expect(received).toEqual([]);
    expect(await (await control('deliveries')).json()).toMatchObject([
      { type: 'event.updated', eventId: 'evt-1', lost: true },
    ]);
    expect(await (await control(`calendars/${calendar.id}/webhooks`)).json()).toHaveLength(1);
  });
});
