import { expect, test } from 'vitest';
import type { FakeEvent } from '../../src/fake-luma/index.js';
import type { FullSyncResult } from '../../src/workflows/contract.js';
import { useRig } from '../support/rig.js';
import { deploy, type Deployment } from './support/deployment.js';
import { luma } from './support/executable.js';

const rig = useRig();
const LIMIT_MS = 120_000;

async function fullSyncByTemporalCli({ temporal }: Deployment, workflowId: string): Promise<FullSyncResult> {
  const { code, stdout, stderr } = await temporal(
    ...['workflow', 'execute', '--type', 'FullSyncWorkflow', '--task-queue', 'luma-sync'],
    ...['--workflow-id', workflowId, '--input', '{}', '--output', 'json'],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { result: FullSyncResult }).result;
}

function visibleEvents(calendar: number): FakeEvent[] {
  return rig.luma.calendar(rig.luma.calendars[calendar]?.id ?? '').visibleEvents();
}

async function documents(orgId: string) {
  return await rig.store.db
    .collection<{ orgId: string; lumaEventId: string }>('events')
    .find({ orgId })
    .sort({ startAt: 1, lumaEventId: 1 })
    .toArray();
}

/** What an application reads of an event, by what Luma says of it. */
function expected(orgId: string, event: FakeEvent): object {
  return {
    orgId,
    lumaEventId: event.id,
    title: event.name,
    startAt: event.start_at,
    timezone: event.timezone,
    url: expect.stringMatching(/^https:\/\//) as string,
    visibility: 'public',
    platform: event.platform,
    isVirtual: expect.any(Boolean) as boolean,
    locationKind: expect.stringMatching(/^(in-person|online|hybrid|unknown)$/) as string,
    syncedAt: expect.any(Date) as Date,
    createdAt: expect.any(Date) as Date,
    changedAt: expect.any(Date) as Date,
    revision: expect.any(Number) as number,
  };
}

test(
  'a full sync started by Temporal’s own command line fills `events` exactly',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ events: 130 }, { events: 40 }, { events: 0 }], limit: 10_000 });
    const deployment = await deploy(rig);
    const orgIds = ['acme', 'beta', 'empty'];
    for (const [calendar, orgId] of orgIds.entries()) await deployment.addOrganization(orgId, calendar);
    const worker = await deployment.startWorker({ LOG_LEVEL: 'debug' });

    const result = await fullSyncByTemporalCli(deployment, 'x');

    expect(result).toMatchObject({
      status: 'complete',
      orgs: { total: 3, completed: 3, failed: 0, alreadySyncing: 0 },
    });
    for (const [calendar, orgId] of orgIds.entries()) {
      const visible = visibleEvents(calendar).sort(
        (a, b) => a.start_at.getTime() - b.start_at.getTime() || (a.id < b.id ? -1 : 1),
      );
      const found = await documents(orgId);
      expect(found.map(({ lumaEventId }) => lumaEventId)).toEqual(visible.map(({ id }) => id));
      expect(found).toMatchObject(visible.map((event) => expected(orgId, event)));
    }

    worker.kill('SIGTERM');
    const { code, stdout, stderr } = await worker.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.any(String) as string, msg: expect.any(String) as string });
      expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/);
    }
    expect(lines.at(-1)?.msg).toBe('worker stopped');
  },
);

test('SIGTERM lets the slice under way end: no page is asked for twice', { timeout: LIMIT_MS }, async () => {
  await rig.startLuma({ calendars: [{ events: 400 }], maxPageSize: 10, latencyMs: 60, limit: 10_000 });
  const deployment = await deploy(rig);
  await deployment.addOrganization('acme', 0);
  const first = await deployment.startWorker();
  await deployment.client.workflow.start('OrgSyncWorkflow', {
    workflowId: 'luma-org-sync/acme',
    taskQueue: 'luma-sync',
    args: [{ orgId: 'acme' }],
  });
  await expect
    .poll(() => rig.store.db.collection('staged_pages').countDocuments(), waiting)
    .toBeGreaterThan(2);

  first.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, stderr: '' });
  const staged = await rig.store.db.collection('staged_pages').countDocuments();
  expect(staged % 10).toBe(0);
  expect(staged).toBeLessThan(40);

  await deployment.startWorker();
  const result: unknown = await deployment.client.workflow.getHandle('luma-org-sync/acme').result();
  expect(result).toMatchObject({ status: 'complete', pages: 40 });
  expect(rig.luma.requests.filter(({ path }) => path.endsWith('/events/list'))).toHaveLength(40);
});

test(
  'a second signal ends the worker at once, in the middle of its work',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({
      calendars: [{ events: 20, faults: [{ kind: 'latency', endpoint: 'list', ms: 14_000 }] }],
    });
    const deployment = await deploy(rig);
    await deployment.addOrganization('acme', 0);
    const worker = await deployment.startWorker();
    await deployment.client.workflow.start('OrgSyncWorkflow', {
      workflowId: 'luma-org-sync/acme',
      taskQueue: 'luma-sync',
      args: [{ orgId: 'acme' }],
    });
    await expect
      .poll(() => rig.luma.requests.some(({ path }) => path.endsWith('/events/list')), waiting)
      .toBe(true);

    worker.kill('SIGTERM');
    await worker.saw('draining');
    worker.kill('SIGTERM');

    const { code, stdout } = await worker.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('ending at once');
    expect(rig.luma.requests.find(({ path }) => path.endsWith('/events/list'))?.status).toBeNull();
    await deployment.client.workflow.getHandle('luma-org-sync/acme').terminate();
  },
);

test('settings that cannot be used are told all at once, and nothing starts: exit 2', async () => {
  const { code, stdout, stderr } = await luma(['worker'], {
    TEMPORAL_ADDRESS: 'http://somewhere',
    MONGODB_URI: 'somewhere',
    LUMA_BASE_URL: 'somewhere',
    LOG_LEVEL: 'loud',
  });

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const name of ['TEMPORAL_ADDRESS', 'MONGODB_URI', 'LUMA_BASE_URL', 'LOG_LEVEL', 'LUMA_SYNC_KEYRING']) {
    expect(stderr).toContain(name);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
});

test(
  'servers that do not answer are one message each, without a stack trace: exit 1',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({});
    const { env } = await deploy(rig);
    const noMongo = await luma(['worker'], { ...env, MONGODB_URI: 'mongodb://user:hunter2@127.0.0.1:1/x' });
    const noTemporal = await luma(['worker'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });

    expect(noMongo).toMatchObject({ code: 1, stdout: '' });
    expect(noMongo.stderr).toContain('MONGODB_URI');
    expect(noMongo.stderr).not.toContain('hunter2');
    expect(noTemporal).toMatchObject({ code: 1, stdout: '' });
    expect(noTemporal.stderr).toContain('TEMPORAL_ADDRESS');
    expect(noMongo.stderr + noTemporal.stderr).not.toMatch(/^\s+at /m);
  },
);

const waiting = { timeout: 60_000, interval: 10 };
