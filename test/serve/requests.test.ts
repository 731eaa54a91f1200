import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventsChanged } from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';
import { register, serveHere } from './support.js';

// What `serve` answers, over sockets. Nobody works on the task queue: signals stay in the histories.
const rig = useRig();
const temporal = useTemporal();

const body = (id = 'evt-1') => JSON.stringify({ type: 'event.updated', data: { id, name: 'canary-title' } });
const nowS = () => Math.floor(Date.now() / 1_000);
const hmac = (secret: string, t: number | string, text: string) =>
  createHmac('sha256', secret).update(`${t}.${text}`).digest('hex');

async function opened() {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const orgId = await rig.addOrganization();
  const taskQueue = `nobody-${randomUUID()}`;
  const serving = await serveHere(rig, taskQueue);
  const calendar = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
  const { secret } = await register(rig, serving, { calendar, orgId });
  const url = `${serving.url}/webhooks/luma/${orgId}`;
  const post = async (text: string, headers: Record<string, string> = {}, to = url) => {
    const response = await fetch(to, { method: 'POST', body: text, headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const signed = (text: string, t: number | string = nowS(), with_ = secret) => ({
    'webhook-id': `msg-${randomUUID()}`,
    'webhook-signature': `t=${t},v1=${hmac(with_, t, text)}`,
  });
  const handle = temporal.client.workflow.getHandle(`luma-org-sync/${orgId}`);
  /** What the sync was told, signal by signal. */
  const signals = async (): Promise<EventsChanged[]> => {
    const { events } = await handle.fetchHistory().catch(() => ({ events: [] }));
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
      const data = signal?.input?.payloads?.[0]?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as EventsChanged] : [];
    });
  };
  return { orgId, serving, secret, url, post, signed, signals, handle, calendar };
}

describe('a delivery is taken where Luma has signed it', () => {
  test('it starts a sync of the event that it names, and nothing else of it goes on', async () => {
    const { post, signed, signals, handle, orgId } = await opened();
    expect(await post(body(), signed(body()))).toMatchObject({ status: 200 });
    expect(await signals()).toEqual([{ ids: ['evt-1'], toldAt: expect.any(Number) as number }]);
    expect((await handle.describe()).type).toBe('OrgSyncWorkflow');
    expect(JSON.stringify(await handle.fetchHistory())).not.toContain('canary');
    const organization = await rig.store.webhooks.get(orgId);
    await expect.poll(async () => (await rig.store.webhooks.get(orgId))?.lastDeliveryAt).toBeInstanceOf(Date);
    expect(organization?.state).toBe('active');
  });

  test('one right signature among several is enough, in any order, with blanks', async () => {
    const { post, secret } = await opened();
    const t = nowS();
    const right = `v1=${hmac(secret, t, body())}`;
    const wrong = `v1=${'0'.repeat(64)}`;
    for (const signature of [`t=${t},${wrong},${right}`, `${right},t=${t}`, ` t=${t} , ${right} ,v0=abc`]) {
      expect(await post(body(), { 'webhook-signature': signature }), signature).toMatchObject({
        status: 200,
      });
    }
  });

  test('up to 300 s old or ahead, and not more', async () => {
    const { post, signed } = await opened();
    for (const [seconds, status] of [
      [-290, 200],
      [290, 200],
      [-310, 401],
      [310, 401],
    ] as const) {
      expect(await post(body(), signed(body(), nowS() + seconds)), String(seconds)).toMatchObject({ status });
    }
  });

  test('anything else is refused, and all of it alike', async () => {
    const { post, signed, secret, serving, orgId, signals, calendar } = await opened();
    const t = nowS();
    const bare = await rig.addOrganization();
    const other = await rig.addOrganization();
    await register(rig, serving, { calendar, orgId: other });
    const of = (id: string) => `${serving.url}/webhooks/luma/${id}`;
    const refused = [
      await post(body()),
      await post(`${body()} `, signed(body())),
      await post(body(), signed(body(), t, `${secret}x`)),
      await post(body(), signed(body(), t, secret.replace('whsec_', ''))),
      await post(body(), { 'webhook-signature': `t=${t}` }),
      await post(body(), { 'webhook-signature': `v1=${hmac(secret, t, body())}` }),
      await post(body(), { 'webhook-signature': `t=,v1=${hmac(secret, '', body())}` }),
      await post(body(), { 'webhook-signature': `t=${t},v1=${hmac(secret, t, body()).slice(0, 62)}` }),
      await post(body(), { 'webhook-signature': 'v1=,'.repeat(3_000).slice(0, 8_000) }),
      await post(body(), signed(body()), of(bare)),
      await post(body(), signed(body()), of(other)),
      await post(body(), signed(body()), of('org-that-is-not-there')),
      await post(body(), signed(body()), of('%00%2e%2e%2f')),
      await post(body(), signed(body()), of('x'.repeat(2_000))),
    ];
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 401, text: refused[0]?.text });
      expect([...answer.headers.keys()].toSorted()).toEqual(
        [...(refused[0]?.headers.keys() ?? [])].toSorted(),
      );
    }
    expect(refused[0]?.text).not.toContain(orgId);
    expect(await signals()).toEqual([]);
  });

  test('a secret that was sealed for another organization, or as a Luma key, opens nothing', async () => {
    const { post, signed, orgId, calendar, serving } = await opened();
    const other = await rig.addOrganization();
    await register(rig, serving, { calendar, orgId: other });
    const stolen = await rig.store.webhooks.get(other);
    if (stolen === null) throw new Error('not registered');
    const { id, url, sealedSecret, state, registeredAt } = stolen;
    await rig.store.webhooks.put(orgId, { id, url, sealedSecret, state, registeredAt });
    const secret = calendar.webhooks.list()[1]?.secret ?? '';
    expect(await post(body(), signed(body(), nowS(), secret))).toMatchObject({ status: 401 });
  });
});

describe('a delivery that repeats', () => {
  test('is answered as the first, and signals nothing', async () => {
    const { post, signed, signals } = await opened();
    const headers = signed(body());
    const answers = await Promise.all([post(body(), headers), post(body(), headers)]);
    answers.push(await post(body(), headers));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await signals()).toHaveLength(1);
    const kept = await rig.store.db.collection('webhook_deliveries').find().toArray();
    expect(kept).toEqual([
      { _id: expect.stringContaining(headers['webhook-id']) as string, at: expect.any(Date) as Date },
    ]);
  });

  test('is taken once more where the first was not passed on', async () => {
    const { post, signed, signals } = await opened();
    const headers = { ...signed(body()) };
    expect(await post(`${body()}x`, headers)).toMatchObject({ status: 401 });
    expect(await post(body(), headers)).toMatchObject({ status: 200 });
    expect(await signals()).toHaveLength(1);
  });
});

test('many at once are few signals, with every event in them', async () => {
  const { post, signed, signals } = await opened();
  const ids = Array.from({ length: 300 }, (_, nth) => `evt-${nth % 50}`);
  const began = performance.now();
  const answers = await Promise.all(ids.map((id) => post(body(id), signed(body(id)))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const told = await signals();
  // At most one in a tenth of a second.
  expect(told.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 100);
  expect(new Set(told.flatMap((one) => one.ids))).toEqual(new Set(ids));
});

test.each([
  ['an event of another site', { type: 'calendar.event.added', data: { id: 'calev-1' } }, { listing: true }],
  ['an event under its older name', { type: 'event.created', data: { api_id: 'evt-9' } }, { ids: ['evt-9'] }],
  ['an event without an id', { type: 'event.updated', data: { name: 'x' } }, { listing: true }],
  ['an id that is none', { type: 'event.updated', data: { id: 'evt-1/../../x' } }, { listing: true }],
  ['no JSON', 'not json', { listing: true }],
  ['a guest', { type: 'guest.registered', data: { id: 'gst-1' } }, undefined],
])('a delivery about %s', async (_, delivery, changed) => {
  const { post, signed, signals } = await opened();
  const text = typeof delivery === 'string' ? delivery : JSON.stringify(delivery);
  expect(await post(text, signed(text))).toMatchObject({ status: 200 });
  expect(await signals()).toMatchObject(changed === undefined ? [] : [{ ids: [], ...changed }]);
});

describe('the server', () => {
  test('takes no body over 256 KiB, whatever it claims to be', async () => {
    const { post, signed, url } = await opened();
    const large = 'x'.repeat(256 * 1024 + 1);
    expect(await post(large, signed(large))).toMatchObject({ status: 413 });
    const chunked = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let nth = 0; nth < 40; nth++) controller.enqueue(Buffer.alloc(16_384, 'x'));
        controller.close();
      },
    });
    const response = await fetch(url, { method: 'POST', body: chunked, duplex: 'half' });
    expect(response.status).toBe(413);
  });

  test('tells its health, and nothing where nothing is', async () => {
    const { serving } = await opened();
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(serving.url + path, { method });
      return [response.status, await response.json()];
    };
    expect(await get('/livez')).toEqual([200, { status: 'alive' }]);
    expect(await get('/readyz')).toEqual([200, { status: 'ready' }]);
    expect((await get('/webhooks/luma/x'))[0]).toBe(404);
    expect((await get('/metrics'))[0]).toBe(404);
    expect((await get('/livez', 'POST'))[0]).toBe(404);
  });
});
