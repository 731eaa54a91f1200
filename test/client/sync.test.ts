import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLumaSync, runFullEventSync, syncOrgEvents } from '../../src/client.js';
import { SyncFailed, TemporalUnavailable } from '../../src/client.js';
import type { OrgSyncProgress } from '../../src/workflows/contract.js';
import { type Connected, connectedToFreshNamespace } from './support/connected.js';
import { startStandInWorker } from './support/worker.js';

let connected: Connected;
let temporal: Connected['temporal'];
let lumaSync: Connected['lumaSync'];
let client: Connected['client'];

beforeAll(async () => {
  connected = await connectedToFreshNamespace();
  ({ temporal, lumaSync, client } = connected);
});
afterAll(async () => {
  await connected.close();
});

async function failureOf(orgId: string): Promise<SyncFailed> {
  const run = await lumaSync.syncOrgEvents(orgId);
  const error: unknown = await run.result().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SyncFailed)) throw new Error(`unexpected: ${inspect(error)}`);
  return error;
}

describe('without a worker', () => {
  it('a sync starts and waits; there is no progress yet, and nobody takes work', async () => {
    const run = await lumaSync.syncOrgEvents('slow-waiting');
    expect(run).toMatchObject({ workflowId: 'luma-org-sync/slow-waiting', alreadyRunning: false });
    expect(await lumaSync.hasWorkers()).toBe(false);
    expect(await run.progress()).toBeUndefined();
    await client.workflow.getHandle(run.workflowId).terminate();
    await expect(run.result()).rejects.toMatchObject({ name: 'SyncFailed', type: 'Terminated' });
  });
});

describe('with a worker', () => {
  let worker: { stop: () => Promise<void> };
  beforeAll(async () => {
    worker = await startStandInWorker(temporal);
  });
  afterAll(async () => {
    await worker.stop();
  });

  it('a full sync returns its result', async () => {
    const run = await lumaSync.runFullEventSync();
    expect(run.workflowId).toBe('luma-full-sync');
    expect(await run.result()).toMatchObject({ status: 'complete', orgs: { total: 3 } });
    expect(await lumaSync.hasWorkers()).toBe(true);
  });

  it('a full sync may have an id of its own, and be found again by it', async () => {
    const run = await lumaSync.runFullEventSync({}, { workflowId: 'by-hand' });
    expect(run.workflowId).toBe('by-hand');
    expect(await lumaSync.fullSync('by-hand', run.runId).result()).toEqual(await run.result());
  });

  it('a second sync of one organization joins the first instead of starting another', async () => {
    const first = await lumaSync.syncOrgEvents('slow-shared');
    const second = await lumaSync.syncOrgEvents('slow-shared');
    expect(second).toMatchObject({ runId: first.runId, alreadyRunning: true });
    await client.workflow.getHandle(first.workflowId).signal('release');
    expect(await second.result()).toEqual(await first.result());
    const third = await lumaSync.syncOrgEvents('slow-shared');
    expect(third.alreadyRunning).toBe(false);
    await client.workflow.getHandle(third.workflowId).signal('release');
    await third.result();
  });

  it('hands its window on', async () => {
    const window = { after: '2026-01-01T00:00:00.000Z' };
    const run = await lumaSync.syncOrgEvents('windowed', { window });
    expect((await run.result()).drift).toEqual(['2026-01-01T00:00:00.000Z..']);
  });

  it('a failed sync is a small error with its type, reason and organization', async () => {
    const error = await failureOf('refused');
    expect(error).toMatchObject({
      type: 'LumaKeyRejected',
      reason: 'Luma refuses the key (401)',
      workflowId: 'luma-org-sync/refused',
      orgId: 'refused',
    });
    expect(error.cause).toBeUndefined();
    expect((await failureOf('gone')).type).toBe('OrgNotFound');
  });

  it('a canceled sync is reported as canceled', async () => {
    const run = await lumaSync.syncOrgEvents('slow-canceled');
    await client.workflow.getHandle(run.workflowId).cancel();
    await expect(run.result()).rejects.toMatchObject({ type: 'Canceled', orgId: 'slow-canceled' });
  });

  it('progress is told when it changed, not at every look, and the last state last', async () => {
    const run = await lumaSync.syncOrgEvents('slow-followed');
    const told: OrgSyncProgress['phase'][] = [];
    let looks = 0;
    const counted = {
      result: () => run.result(),
      progress: async () => {
        looks++;
        // Three looks at the same state first.
        if (looks === 4) await client.workflow.getHandle(run.workflowId).signal('release');
        return await run.progress();
      },
    };
    await lumaSync.followProgress(counted, ({ phase }) => told.push(phase), { everyMs: 1 });
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(told).toEqual(['listing', 'done']);
  });

  it('following ends when it is told to, and leaves the sync running', async () => {
    const run = await lumaSync.syncOrgEvents('slow-left');
    const leaving = new AbortController();
    await lumaSync.followProgress(run, () => leaving.abort(), { signal: leaving.signal });
    const handle = client.workflow.getHandle(run.workflowId);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
    await expect(run.result()).rejects.toThrow(SyncFailed);
  });

  it('the plain functions connect, wait and close by themselves', async () => {
    expect(await syncOrgEvents('plain', { config: { temporal } })).toMatchObject({ orgId: 'plain' });
    expect(await runFullEventSync({}, { config: { temporal } })).toMatchObject({ status: 'complete' });
    await expect(syncOrgEvents('refused', { config: { temporal } })).rejects.toThrow(SyncFailed);
  });
});

describe('a Temporal that cannot be used', () => {
  it('is one error with its address and what to do, and the next call tries again', async () => {
    const address = '127.0.0.1:1';
    const unreachable = connectLumaSync(
      { temporal: { address, namespace: 'default', connectionOptions: { address } } },
      { connectTimeoutMs: 300 },
    );
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(unreachable.schedule.show()).rejects.toThrow(
        /Temporal at 127\.0\.0\.1:1: does not answer – set TEMPORAL_ADDRESS/,
      );
    }
    await unreachable.close();
  });

  it('for its namespace says which one is missing', async () => {
    const lost = connectLumaSync({ temporal: { ...temporal, namespace: 'nowhere' } });
    await expect(lost.syncOrgEvents('acme')).rejects.toThrow(TemporalUnavailable);
    await expect(lost.schedule.apply()).rejects.toThrow(/has no namespace nowhere/);
    await expect(lost.schedule.show()).rejects.toThrow(/has no namespace nowhere/);
    await lost.close();
  });

  it('because it was never configured says so', async () => {
    await expect(connectLumaSync({}).syncOrgEvents('acme')).rejects.toThrow(/temporal settings/);
    await expect(connectLumaSync({}).orgs.list()).rejects.toThrow(/mongo settings/);
  });
});
