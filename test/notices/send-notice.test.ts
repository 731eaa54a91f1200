import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { begun, type NoticeOf, over } from '../../src/notices/notice.js';
import { noticeSender } from '../../src/notices/send-notice.js';
import { NEEDS } from '../../src/policies/needs.js';
import { NOTIFY_SECRET, useWebhook } from '../support/webhook.js';

const webhook = useWebhook();
const since = new Date('2026-11-26T08:00:00Z');
const of = (more: Partial<NoticeOf> = {}): NoticeOf => ({
  ...{ orgId: 'acme', syncId: 'sync-1', name: 'Rust Berlin', need: 'key-rejected', since },
  standing: {
    ...{ reason: 'LumaKeyRejected: Luma does not accept the API key (401, /v1/x)', consecutiveFailures: 1 },
    ...{ removalsHeld: 12, quarantined: 1, lastSuccessAt: new Date('2026-11-25T07:00:00Z') },
  },
  ...more,
});
const { signal } = new AbortController();
const send = (url = webhook.url) => noticeSender({ url, secret: NOTIFY_SECRET })(begun(of()), signal);

test('a notice is signed as Standard Webhooks has it, over id, time and body', async () => {
  await send();
  const [notice] = webhook.received;
  const headers = notice?.headers ?? {};
  const body = notice?.body ?? '';
  const id = headers['webhook-id'];
  const time = headers['webhook-timestamp'];
  const key = Buffer.from(NOTIFY_SECRET.slice(6), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(time)}.${body}`)
    .digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
  expect(JSON.parse(body)).toMatchObject({
    type: 'need.begun',
    data: { orgId: 'acme', organization: 'Rust Berlin', need: 'key-rejected', failure: 'LumaKeyRejected' },
  });
});

test.each(NEEDS)('%s is told in whole sentences that name the organization, and when it is over', (need) => {
  const { text } = begun(of({ need }));
  expect(text).toMatch(/^Rust Berlin: [^{}\n]{40,600}$/);
  expect(text).not.toContain('undefined');
  expect(over(of({ need })).text).toMatch(/^Rust Berlin: .+ Nothing more has to be done\.$/);
});

test.each([
  ['key-rejected', 'LumaForbidden: Luma refuses access (404, /ics/get)'],
  ['calendar-changed', 'LumaCalendarChanged: the feed is of calendar cal-2, earlier syncs were of cal-1'],
] as const)('%s of a calendar without a key speaks of its feed', (need, reason) => {
  const { text } = begun(of({ need, standing: { ...of().standing, reason } }));
  expect(text).toContain('feed');
  expect(text).not.toMatch(/\bkey\b/);
});

test('an attempt has the id of the one before it, another sync’s notice has another', () => {
  expect(begun(of()).id).toBe(begun(of({ since: new Date() })).id);
  expect(begun(of()).id).not.toBe(over(of()).id);
  expect(begun(of()).id).not.toBe(begun(of({ syncId: 'sync-2' })).id);
});

test.each([500, 404, 302])(
  'answered with %i it is not taken, and the error does not say where',
  async (status) => {
    webhook.answerNext(status);
    await expect(send()).rejects.toMatchObject({
      name: 'NoticeUndelivered',
      message: expect.stringMatching(new RegExp(`status ${status}`)) as string,
    });
    await expect(send()).resolves.toBeUndefined();
    webhook.answerNext(status);
    const message = await send().catch((error: unknown) => String(error));
    expect(message).not.toContain('secret-path');
    expect(message).not.toContain('127.0.0.1');
  },
);

test('with nobody there the error names the code', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(send(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    message: expect.stringContaining('ECONNREFUSED') as string,
  });
});
