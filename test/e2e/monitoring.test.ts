import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { metricsAskedFor } from '../deploy/support/queries.js';
import { proxyBefore } from '../mongo/support/proxy.js';
import { useRig } from '../support/rig.js';
import { deploy, type Deployment } from './support/deployment.js';
import { luma, main, startExecutable, startProcess } from './support/executable.js';
import { descendants } from './support/processes.js';
import { pagesOf } from './support/worker-pages.js';

const rig = useRig();
const LIMIT_MS = 120_000;
const waiting = { timeout: 60_000, interval: 100 };
const ON = { LUMA_SYNC_HTTP_ADDR: '127.0.0.1:0' };
const healthcheck = fileURLToPath(new URL('../../deploy/healthcheck.mjs', import.meta.url));

async function startSync({ client }: Deployment, orgId: string) {
  const workflowId = `luma-org-sync/${orgId}`;
  return await client.workflow.start('OrgSyncWorkflow', {
    ...{ workflowId, taskQueue: 'luma-sync', args: [{ orgId }] },
  });
}

/** Names by `# TYPE`, with the type. */
function typesIn(page: string): Map<string, string> {
  return new Map(
    [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const),
  );
}

function valueOf(page: string, series: string): number {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

test(
  'a worker’s page holds every metric that the alerts and the dashboard ask for, named by Prometheus’ conventions',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({
      calendars: [{ events: 30 }, { events: 3 }],
      limit: 10_000,
    });
    const deployment = await deploy(rig);
    await deployment.addOrganization('acme', 0);
    await deployment.addOrganization('beta', 1);
    rig.luma.calendar(rig.luma.calendars[1]?.id ?? '').setFault({ kind: 'rejected-key' });
    const worker = await deployment.startWorker(ON);
    const { get } = await pagesOf(worker);
    expect(await get('/livez')).toEqual([200, '{"status":"alive"}\n']);
    expect(await get('/readyz')).toEqual([200, '{"status":"ready"}\n']);

    await (await startSync(deployment, 'acme')).result();
    const inserted = await rig.store.db.collection('events').countDocuments();
    rig.luma
      .calendar(rig.luma.calendars[0]?.id ?? '')
      .setFault({ kind: 'missing-field', field: 'cover_url' });
    await (await startSync(deployment, 'acme')).result();
    await expect((await startSync(deployment, 'beta')).result()).rejects.toThrow();
    // A workflow that is not in the bundle: its task fails, and a metric of the SDK's comes to be.
    const unknown = await deployment.client.workflow.start('NoSuchWorkflow', {
      ...{ workflowId: 'unknown', taskQueue: 'luma-sync' },
    });
    await expect
      .poll(async () => (await get('/metrics'))[1], waiting)
      .toContain('temporal_workflow_task_execution_failed_total{');
    await unknown.terminate();

    const [status, page] = await get('/metrics');
    expect(status).toBe(200);
    const types = typesIn(page);
    expect(metricsAskedFor().filter((name) => !types.has(name))).toEqual([]);
    for (const [name, type] of types) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|hours|kb|mb)(_|$)/);
      expect(page).toMatch(new RegExp(`^# HELP ${name} .`, 'm'));
    }
    expect([...page.matchAll(/^# TYPE (\S+) /gm)]).toHaveLength(types.size);

    expect(valueOf(page, 'luma_sync_worker_ready')).toBe(1);
    expect(valueOf(page, 'luma_sync_organizations{state="ok"}')).toBe(1);
    expect(valueOf(page, 'luma_sync_organization_consecutive_failures{organization="beta"}')).toBe(1);
    const success = valueOf(
      page,
      'luma_sync_organization_last_success_timestamp_seconds{organization="acme"}',
    );
    expect(Math.abs(Date.now() / 1000 - success)).toBeLessThan(LIMIT_MS / 1000);
    expect(valueOf(page, 'luma_sync_organization_drift{organization="acme"}')).toBe(1);
    expect(page).toMatch(/^luma_sync_drift_total\{.*\} 1$/m);
    expect(valueOf(page, 'luma_sync_syncs_total{outcome="complete"}')).toBe(2);
    expect(valueOf(page, 'luma_sync_sync_failures_total{type="LumaKeyRejected"}')).toBe(1);
    expect(valueOf(page, 'luma_sync_events_total{outcome="inserted"}')).toBe(inserted);
    const asked = rig.luma.requests.filter(({ status: of }) => of === 401).length;
    expect(valueOf(page, 'luma_sync_luma_requests_total{endpoint="calendars/get",status="401"}')).toBe(asked);

    const { code, output } = await promtool(page);
    if (code !== null) expect({ code, output }).toEqual({ code: 0, output: '' });

    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
  },
);

test(
  'a worker that nothing new brings out of its first look counts that sync too',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ events: 5 }], limit: 10_000, listDescriptions: true });
    const deployment = await deploy(rig);
    await deployment.addOrganization('acme', 0);
    const worker = await deployment.startWorker({ LUMA_SYNC_METRICS_ADDR: '127.0.0.1:0' });
    const { get } = await pagesOf(worker, 'serving metrics');
    await (await startSync(deployment, 'acme')).result();
    await (await startSync(deployment, 'acme')).result();

    const [, page] = await get('/metrics');
    expect(valueOf(page, 'luma_sync_syncs_total{outcome="complete"}')).toBe(2);
    expect(valueOf(page, 'luma_sync_events_total{outcome="unchanged"}')).toBeGreaterThan(0);
    expect(valueOf(page, 'luma_sync_sync_duration_seconds_count')).toBe(2);
    // At this address there is nothing else.
    expect((await get('/livez'))[0]).toBe(404);
    expect((await get('/readyz'))[0]).toBe(404);
  },
);

test(
  'a worker says which server does not answer, and is alive all the same',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({});
    const { env, addOrganization } = await deploy(rig);
    await addOrganization('acme', 0);
    const mongo = await proxyBefore(env.MONGODB_URI ?? '');
    const temporal = await proxyBefore(`tcp://${env.TEMPORAL_ADDRESS}`);
    const worker = startExecutable(['worker'], {
      ...{ ...env, ...ON, MONGODB_URI: mongo.uri, TEMPORAL_ADDRESS: new URL(temporal.uri).host },
    });
    const { get } = await pagesOf(worker);
    expect((await get('/readyz'))[0]).toBe(503);
    await expect.poll(() => get('/readyz'), waiting).toEqual([200, '{"status":"ready"}\n']);
    expect((await get('/metrics'))[1]).toContain('luma_sync_organizations{');

    mongo.goDark();
    const noMongo = '{"status":"not ready","reasons":["MongoDB does not answer"]}\n';
    await expect.poll(() => get('/readyz'), waiting).toEqual([503, noMongo]);
    const [status, page] = await get('/metrics');
    expect(status).toBe(200);
    expect(valueOf(page, 'luma_sync_dependency_up{dependency="mongodb"}')).toBe(0);
    expect(valueOf(page, 'luma_sync_worker_ready')).toBe(0);
    expect(page).not.toContain('luma_sync_organizations{');

    temporal.goDark();
    await expect.poll(async () => (await get('/readyz'))[1], waiting).toContain('Temporal does not answer');
    expect((await get('/livez'))[0]).toBe(200);
  },
);

test('a worker that drains is alive, and not ready', { timeout: LIMIT_MS }, async () => {
  await rig.startLuma({
    calendars: [{ events: 20, faults: [{ kind: 'latency', endpoint: 'list', ms: 5_000 }] }],
  });
  const deployment = await deploy(rig);
  await deployment.addOrganization('acme', 0);
  const worker = await deployment.startWorker(ON);
  const { get, url } = await pagesOf(worker);
  const sync = await startSync(deployment, 'acme');
  await expect
    .poll(() => rig.luma.requests.some(({ path }) => path.endsWith('/events/list')), waiting)
    .toBe(true);

  worker.kill('SIGTERM');
  await worker.saw('draining');
  const reason = '{"status":"not ready","reasons":["the worker takes no more work"]}\n';
  await expect.poll(() => get('/readyz'), waiting).toEqual([503, reason]);
  expect((await get('/livez'))[0]).toBe(200);
  expect((await worker.ended).code).toBe(0);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
  await sync.terminate();
});

test('the health check asks the worker; an address that is taken ends another one before it takes work', async () => {
  await rig.startLuma({});
  const deployment = await deploy(rig);
  const worker = await deployment.startWorker(ON);
  const { host, port } = new URL((await pagesOf(worker)).url);
  const check = async (address: string) =>
    (await startProcess(process.execPath, [healthcheck], { LUMA_SYNC_HTTP_ADDR: address }).ended).code;
  expect(await check(port)).toBe(0);
  // As the image sets it.
  expect(await check(`0.0.0.0:${port}`)).toBe(0);
  expect(await check('')).toBe(1);

  const { code, stderr } = await luma(['worker'], { ...deployment.env, LUMA_SYNC_HTTP_ADDR: host });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: cannot listen at \S+ \(EADDRINUSE\) – set LUMA_SYNC_HTTP_ADDR to .*\n$/);

  worker.kill('SIGTERM');
  await worker.ended;
  expect(await check(port)).toBe(1);
});

// As in a container without an init, whose file system is read-only and which has no rights: its process 1.
test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'a worker works as process 1, without rights, on a file system that cannot be written to',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ events: 12 }], limit: 10_000 });
    const deployment = await deploy(rig);
    await deployment.addOrganization('acme', 0);
    const confined = [
      'for at in $(cut -d" " -f5 /proc/self/mountinfo); do',
      '  case $at in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$at" ;; esac',
      'done',
      'if touch /tmp/x "$0.x" 2>/dev/null; then exit 9; fi',
      'exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all "$1" "$0" worker',
    ].join('\n');
    const outer = startProcess(
      'unshare',
      ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-ec', confined, main, process.execPath],
      { ...deployment.env, ...ON },
    );
    await outer.saw('worker ready');
    const { get } = await pagesOf(outer);
    expect((await get('/readyz'))[0]).toBe(200);
    expect(await (await startSync(deployment, 'acme')).result()).toMatchObject({ status: 'complete' });

    const [inner = 0] = await descendants(outer.pid);
    process.kill(inner, 'SIGTERM');
    expect(await outer.ended).toMatchObject({ code: 0, stderr: '' });
  },
);

/** What `promtool check metrics` says of a page. @returns code `null` where it is not installed */
async function promtool(page: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  try {
    await once(child, 'spawn');
  } catch {
    return { code: null, output: '' };
  }
  child.stdin.end(page);
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}
