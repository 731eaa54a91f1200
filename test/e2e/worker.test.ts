import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FakeEvent } from '../../packages/fake-luma/src/index.js';
import type { FullSyncResult } from '../../src/workflows/contract.js';
import { useRig } from '../support/rig.js';
import { cliHere } from '../cli/support/run.js';
import { deploy, type Deployment } from './support/deployment.js';
import { luma, main, startExecutable, startProcess } from './support/executable.js';
import { descendants } from './support/processes.js';

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

describe('a worker that cannot work', () => {
  test('ends with one line where its namespace is missing: the one that `schedule show` prints', async () => {
    await rig.startLuma({});
    const { env } = await deploy(rig);
    const lost = { ...env, TEMPORAL_NAMESPACE: 'nowhere' };
    const worker = await luma(['worker'], lost);
    expect(worker).toMatchObject({ code: 1, stdout: '' });
    expect(worker.stderr).toMatch(/^error: Temporal at \S+: has no namespace nowhere – create it .*\n$/);
    expect((await cliHere(['schedule', 'show'], lost)).stderr).toBe(worker.stderr);
  });

  test('ends with the commands that mend it where the search attribute is of another type', async () => {
    await rig.startLuma({});
    const { env, client, temporal } = await deploy(rig);
    const { code } = await temporal(
      ...['operator', 'search-attribute', 'create', '--name', 'LumaOrgId', '--type', 'Text'],
    );
    expect(code).toBe(0);
    const namespace = client.options.namespace;
    const { stderr, ...ended } = await luma(['worker'], env);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(stderr).toContain('has the search attribute LumaOrgId');
    expect(stderr).toContain(
      ` as Text, and syncs need Keyword – have an operator run: temporal operator search-attribute remove --namespace ${namespace} --name LumaOrgId --yes && temporal operator search-attribute create`,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each([
    ['refuses its key', 16, 'refuses this program – check TEMPORAL_API_KEY'],
    ['permits it nothing', 7, 'refuses this program – check TEMPORAL_API_KEY'],
  ])('ends with one line where Temporal %s', async (_, status, words) => {
    await rig.startLuma({});
    const { env } = await deploy(rig);
    const address = await startRefusingServer(status);
    const refused = { ...env, TEMPORAL_ADDRESS: address };
    for (const { code, stdout, stderr } of [
      await luma(['worker'], refused),
      await cliHere(['schedule', 'show'], refused),
    ]) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(words);
      expect(stderr).not.toContain('said by the server');
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  test('says that it is TLS where TLS is what fails', async () => {
    await rig.startLuma({});
    const { env } = await deploy(rig);
    const { code, stdout, stderr } = await luma(['worker'], { ...env, TEMPORAL_TLS: 'true' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: Temporal at \S+: no TLS connection comes about \(ERR_SSL_\w+\) – .*\n$/);
  });
});

describe('a signal right after the start', () => {
  const CODES = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

  test.each([
    ['SIGTERM', [0, 20, 100, 300, 600, 1_000]],
    ['SIGINT', [50, 400]],
    ['SIGHUP', [50, 400]],
  ] as const)('ends the worker: %s', async (signal, delaysMs) => {
    await rig.startLuma({});
    const { env } = await deploy(rig);
    for (const afterMs of delaysMs) {
      const worker = startExecutable(['worker'], env);
      await delay(afterMs);
      worker.kill(signal);
      const { code, signal: by, stderr } = await worker.ended;
      // Before any of its code has run the signal itself ends it; once it takes work it drains.
      expect(by === signal || code === CODES[signal] || code === 0).toBe(true);
      expect(stderr).toBe('');
    }
  });

  // Where signals have no default action: in a container without an init.
  test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'ends the worker that is process 1',
    { timeout: LIMIT_MS },
    async () => {
      await rig.startLuma({});
      const { env } = await deploy(rig);
      for (const afterMs of [10, 150, 600]) {
        const outer = startProcess(
          'unshare',
          ['--pid', '--fork', '--mount-proc', process.execPath, main, 'worker'],
          env,
        );
        let inner: number | undefined;
        await expect.poll(async () => (inner = (await descendants(outer.pid))[0]), fast).toBeDefined();
        await delay(afterMs);
        process.kill(inner ?? 0, 'SIGTERM');
        const { code, stderr } = await outer.ended;
        expect([0, 143]).toContain(code);
        expect(stderr).toBe('');
      }
    },
  );
});

/** A gRPC server that answers every call with one status. @returns its address */
async function startRefusingServer(status: number): Promise<string> {
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(status),
        'grpc-message': 'said by the server',
      },
      { endStream: true },
    );
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fast = { timeout: 10_000, interval: 1 };
const waiting = { timeout: 60_000, interval: 10 };
