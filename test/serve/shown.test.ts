import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useRig, useTemporal } from '../support/rig.js';
import { serveHere } from './support.js';

// What `serve` shows, over sockets: the pages and feeds have tests of their own.
const rig = useRig();
const temporal = useTemporal();
const TOKEN = 'status-token-canary-of-more-than-32-characters';

async function served() {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  await temporal.client.workflow.execute('OrgSyncWorkflow', {
    ...{ taskQueue, workflowId: `luma-org-sync/${orgId}`, args: [{ orgId }] },
  });
  const { url } = await serveHere(rig, taskQueue, TOKEN);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { orgId, get };
}

test('the agenda, feeds of all and of one organization, the status to who knows the token, and nothing else', async () => {
  const { orgId, get } = await served();
  const agenda = await get('/');
  expect(agenda).toMatchObject({ status: 200 });
  expect(agenda.text).toContain('<main');
  expect(agenda.headers.get('content-security-policy')).toContain("default-src 'none'");

  for (const path of ['/feeds/events.ics', `/feeds/${orgId}/events.ics`]) {
    const feed = await get(path);
    expect(feed.status).toBe(200);
    expect(feed.text).toMatch(/^BEGIN:VCALENDAR/);
    const etag = feed.headers.get('etag') ?? '';
    expect(feed.headers.get('cache-control')).toContain('max-age');
    expect(await get(path, { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' });
  }
  expect(JSON.parse((await get('/feeds/events.json')).text)).toHaveProperty('items');

  expect((await get('/status')).text).not.toContain(orgId);
  expect(await get('/nothing')).toMatchObject({ status: 404 });
  expect((await get('/livez')).headers.get('cache-control')).toBe('no-store');
  expect(await get('/', { method: 'POST' })).toMatchObject({ status: 405 });
});

test('without a token there is no status page', async () => {
  await rig.startLuma({});
  const { url } = await serveHere(rig, `nobody-${randomUUID()}`);
  expect((await fetch(`${url}/status`)).status).toBe(404);
});
