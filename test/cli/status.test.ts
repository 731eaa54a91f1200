import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Status } from '../../src/client.js';
import { type Connected, connectedToFreshNamespace } from '../client/support/connected.js';
import { startStandInWorker } from '../client/support/worker.js';
import { freshDatabase } from '../support/servers.js';
import { cliHere, ended, startCli } from './support/run.js';

const { db, uri, name } = freshDatabase();
const mongo = { MONGODB_URI: uri, MONGODB_DB: name };
const away = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
const noMongo = { MONGODB_URI: 'mongodb://127.0.0.1:1/none' };
let connected: Connected;
let env: Record<string, string>;

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
const organization = (_id: string, lastSuccessAt: Date, sync: object = {}) => ({
  ...{ _id, name: _id, lumaApiKey: 'sealed', eventsLastSynced: lastSuccessAt },
  lumaSync: { state: 'ok', lastSuccessAt, lastAttemptAt: lastSuccessAt, consecutiveFailures: 0, ...sync },
});

beforeAll(async () => {
  connected = await connectedToFreshNamespace();
  const { address, namespace } = connected.temporal;
  env = { ...mongo, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  await db.collection<{ _id: string }>('organizations').insertOne(organization('fresh', hoursAgo(1)));
});
afterAll(() => connected.close());

describe('without a worker', () => {
  it('a sync on a queue where nobody works is stuck: --check exits 3, and status says how to free it', async () => {
    const run = await connected.client.workflow.start('OrgSyncWorkflow', {
      ...{ workflowId: "luma-org-sync/it's", taskQueue: `nobody-${randomUUID()}`, args: [{ orgId: "it's" }] },
    });
    await expect
      .poll(async () => (await cliHere(['status', '--check'], env)).stdout, { timeout: 30_000 })
      .toContain("1 stuck (it's)");
    const check = await cliHere(['status', '--check'], env);
    expect(check).toMatchObject({ code: 3, stderr: '' });
    expect(check.stdout).toMatch(/^needs a person: no worker polls, 1 stuck .*\n$/);

    const { code, stdout } = await cliHere(['status'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('none polls luma-sync – start one: luma-sync worker');
    expect(stdout).toContain("temporal workflow terminate --workflow-id 'luma-org-sync/it'\\''s'");
    await run.terminate();
    await expect
      .poll(async () => (await cliHere(['status', '--check'], env)).stdout, { timeout: 30_000 })
      .not.toContain('stuck');
  });
});

describe('with a worker', () => {
  let worker: { stop: () => Promise<void> };
  beforeAll(async () => {
    worker = await startStandInWorker(connected.temporal);
    await vi.waitFor(async () => expect(await connected.lumaSync.hasWorkers()).toBe(true), 30_000);
  });
  afterAll(() => worker.stop());

  it('all is well: one line, exit 0; older than it may be: exit 3', async () => {
    const fine = await cliHere(['status', '--check'], env);
    expect(fine).toMatchObject({ code: 0, stderr: '' });
    expect(fine.stdout).toMatch(/^fine: 1 organization fresh, 1 worker, no sync is scheduled\n$/);
    const old = await cliHere(['status', '--check', '--max-age', '30m'], env);
    expect(old).toMatchObject({ code: 3 });
    expect(old.stdout).toContain('1 stale (fresh)');
  });

  it('what runs is shown with its progress and its attempts, and the schedule with its next run', async () => {
    await connected.lumaSync.schedule.apply();
    const slow = await connected.lumaSync.syncOrgEvents('slow-one');
    const failing = await connected.lumaSync.syncOrgEvents('failing-one');
    const both = async () => {
      const { stdout } = await cliHere(['status'], env);
      return (
        /failing-one .* attempt \d+ .*\(alwaysFails\)/.test(stdout) &&
        /slow-one .* listing page 1/.test(stdout)
      );
    };
    await expect.poll(both, { timeout: 30_000 }).toBe(true);
    const { stdout } = await cliHere(['status', '--json'], env);
    for (const { workflowId } of [slow, failing])
      await connected.client.workflow.getHandle(workflowId).terminate();
    const status = JSON.parse(stdout) as Status;
    expect(status.running).toMatchObject({ orgSyncs: 2, stuck: { count: 0 } });
    expect(status.running?.syncs.map(({ progress }) => progress)).toContainEqual(
      expect.objectContaining({ phase: 'listing', requests: 2 }),
    );
    expect(status.schedule?.nextRuns).toHaveLength(10);
    await connected.lumaSync.schedule.delete();
  });

  it('failures are told with since when, removals and quarantine with how many', async () => {
    const failed = organization('refused', hoursAgo(50), {
      ...{ state: 'failed', consecutiveFailures: 2, reason: 'LumaKeyRejected: 401' },
    });
    await db.collection<{ _id: string }>('organizations').insertOne(failed);
    const run = (startedAt: Date, state: string, extra: object = {}) => ({
      ...{ _id: randomUUID() as never, kind: 'org', orgId: 'refused', state, startedAt, ...extra },
    });
    await db
      .collection('sync_runs')
      .insertMany([
        run(hoursAgo(60), 'failed'),
        run(hoursAgo(45), 'failed', { dryRun: true }),
        run(hoursAgo(40), 'failed'),
        run(hoursAgo(16), 'failed'),
      ]);
    const held = { orgId: 'fresh', decision: 'waiting', heldAt: hoursAgo(3) };
    await db.collection('held_removals').insertMany([
      { ...held, lumaEventId: 'evt-1' },
      { ...held, lumaEventId: 'evt-2', heldAt: hoursAgo(9) },
      { ...held, lumaEventId: 'evt-3', decision: 'rejected' },
    ]);
    await db
      .collection('quarantined_entries')
      .insertOne({ orgId: 'fresh', entryKey: 'e', firstSeenAt: hoursAgo(2) });
    const { code, stdout } = await cliHere(['status', '--json'], env);
    await db.collection<{ _id: string }>('organizations').deleteOne({ _id: 'refused' });
    expect(code).toBe(0);
    const status = JSON.parse(stdout) as Status;
    expect(status).toMatchObject({
      verdict: 'needs-person',
      organizations: { failing: [{ orgId: 'refused', failures: 2 }] },
      removals: { count: 2, organizations: 1, first: [{ orgId: 'fresh', count: 2 }] },
      quarantine: { count: 1 },
    });
    const since = new Date(String(status.organizations?.failing[0]?.since));
    expect(Math.round((Date.now() - since.getTime()) / 3_600_000)).toBe(40);
    expect(stdout).not.toContain('sealed');
  });

  it('--watch draws block after block until Ctrl-C, and ends with 0', async () => {
    const child = startCli(['status', '--watch'], env);
    let blocks = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      blocks += chunk.toString().split('orgs       1').length - 1;
      if (blocks === 2) child.kill('SIGINT');
    });
    const { code } = await ended(child);
    expect({ code, blocks }).toEqual({ code: 0, blocks: 2 });
  });

  it('without Temporal, or without MongoDB, the rest is shown, and --check cannot tell', async () => {
    const noTemporal = await cliHere(['status'], { ...env, ...away });
    expect(noTemporal.code).toBe(1);
    expect(noTemporal.stdout).toContain('1 fresh');
    expect(noTemporal.stdout).toContain(
      'workers, schedule, syncs that run cannot be read: Temporal at 127.0.0.1:1',
    );
    const noStore = await cliHere(['status'], { ...env, ...noMongo });
    expect(noStore.code).toBe(1);
    expect(noStore.stdout).toMatch(/^workers +1 on luma-sync: /m);
    const check = await cliHere(['status', '--check'], { ...env, ...noMongo });
    expect(check).toMatchObject({ code: 1, stdout: '' });
    expect(check.stderr).toMatch(/^error: cannot tell: MongoDB: .*\n$/);
  });
});

it('with nothing reachable it is one line and exit 1, within ten seconds', async () => {
  const began = performance.now();
  const { code, stdout, stderr } = await cliHere(['status'], { ...away, ...noMongo });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error: workers, .*Temporal at 127\.0\.0\.1:1.*MongoDB.*\n$/);
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('options that make no sense are refused', async () => {
  for (const args of [
    ['--check', '--watch'],
    ['--max-age', 'soon'],
    ['--max-age', '0h'],
    ['--limit', '0'],
  ]) {
    expect(await cliHere(['status', ...args], { ...away, ...noMongo })).toMatchObject({
      code: 2,
      stdout: '',
    });
  }
});
