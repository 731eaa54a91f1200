import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { defaultCacheDir, findTestServer } from '../../packages/playground/src/servers/index.js';
import { namedFailures } from '../../src/activities/failures.js';
import { createActivities } from '../../src/activities/index.js';
import type { FakeLumaOptions, FaultSpec } from '../../packages/fake-luma/src/index.js';
import { KEYWORD } from '../../src/client/search-attribute.js';
import type { FullSyncResult, OrgSyncResult } from '../../src/workflows/contract.js';
import { failureOf, timerSummaries } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

// On the time-skipping server: a pause of a minute is over at once, for Temporal and for the fake Luma's clock.
const rig = useRig();
useTemporal();
let env: TestWorkflowEnvironment;

beforeAll(async () => {
  const { path } = await findTestServer({ cacheDir: defaultCacheDir(), env: process.env });
  env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { LumaOrgId: KEYWORD },
  });
});
afterAll(() => env.teardown());

async function startLuma(options: FakeLumaOptions) {
  return await rig.startLuma({ maxPageSize: 20, ...options, clock: () => env.currentTimeMs() });
}

async function createWorker(taskQueue: string): Promise<Worker> {
  return await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: createActivities(rig.dependencies()),
    interceptors: { activity: [namedFailures] },
  });
}

async function syncOn(options: FakeLumaOptions) {
  const luma = await startLuma(options);
  const orgId = await rig.addOrganization();
  const taskQueue = `skipping-${randomUUID()}`;
  const worker = await createWorker(taskQueue);
  const handle = await worker.runUntil(async () => {
    const started = await env.client.workflow.start('OrgSyncWorkflow', {
      taskQueue,
      workflowId: `luma-org-sync/${orgId}`,
      args: [{ orgId }],
    });
    await started.result().catch(() => undefined);
    return started;
  });
  return { luma, orgId, handle };
}

test.each<{ where: string; fault: FaultSpec }>([
  { where: 'the very first request', fault: { kind: 'rate-limit', endpoint: 'calendar', times: 1 } },
  { where: 'the first page', fault: { kind: 'rate-limit', endpoint: 'list', times: 1 } },
  { where: 'a page in the middle', fault: { kind: 'rate-limit', endpoint: 'list', onRequest: 3, times: 1 } },
])('a 429 on $where is a durable pause of a minute, not an end', async ({ fault }) => {
  const { luma, orgId, handle } = await syncOn({ calendars: [{ events: 100, faults: [fault] }] });

  const result = (await handle.result()) as OrgSyncResult;

  expect(result.status).toBe('complete');
  expect(await timerSummaries(handle)).toEqual(['Luma asks for a pause: 61 s']);
  expect(result.waitedMs).toBe(61_000);
  expect(luma.stats()).toMatchObject({ blocks: 1, requestsDuringBlock: 0 });
  const stored = await rig.store.events.list({ orgId, limit: 1_000 });
  expect(stored).toHaveLength(luma.calendar(result.calendarId).visibleEvents().length);
});

test('with the budget nearly used the sync waits for the next window before Luma has to say so', async () => {
  const { luma, handle } = await syncOn({ calendars: [{ events: 300 }], maxPageSize: 10, limit: 20 });

  expect(((await handle.result()) as OrgSyncResult).status).toBe('complete');
  expect(luma.stats()).toMatchObject({ blocks: 0 });
  expect(luma.stats().byStatus).not.toHaveProperty('429');
  expect((await timerSummaries(handle)).length).toBeGreaterThan(0);
});

test('pauses without a request getting through end as LumaRateLimitStuck', async () => {
  const { handle } = await syncOn({
    calendars: [{ events: 10, faults: [{ kind: 'rate-limit', endpoint: 'list' }] }],
  });

  expect(await failureOf(handle)).toMatchObject({ type: 'LumaRateLimitStuck' });
});

test('a pause of more than fifteen minutes is not waited out', async () => {
  const { handle } = await syncOn({
    calendars: [
      { events: 10, faults: [{ kind: 'rate-limit', endpoint: 'list', times: 1, blockMs: 3_600_000 }] },
    ],
  });

  const failure = await failureOf(handle);
  expect(failure.type).toBe('LumaRateLimitStuck');
  expect(failure.message).toContain('60 min');
  expect(await timerSummaries(handle)).toEqual([]);
});

test('a sync that takes hours goes on by itself: the full sync reports it after two, and ends', async () => {
  const block = (onRequest: number) =>
    ({ kind: 'rate-limit', endpoint: 'list', onRequest, times: 1, blockMs: 14 * 60_000 }) as const;
  await startLuma({
    calendars: [
      { events: 240, faults: Array.from({ length: 10 }, (_, nth) => block(2 * nth + 1)) },
      { events: 3 },
    ],
  });
  const slow = await rig.addOrganization(0);
  await rig.addOrganization(1);
  const taskQueue = `skipping-${randomUUID()}`;
  const worker = await createWorker(taskQueue);
  await worker.runUntil(async () => {
    const began = await env.currentTimeMs();
    const result = (await env.client.workflow.execute('FullSyncWorkflow', {
      ...{ taskQueue, workflowId: `luma-full-sync/${randomUUID()}` },
    })) as FullSyncResult;
    expect(result).toMatchObject({
      status: 'complete',
      orgs: { total: 2, completed: 1, failed: 0, alreadySyncing: 1 },
      alreadySyncing: [{ orgId: slow, stuck: false }],
    });
    expect(((await env.currentTimeMs()) - began) / 3_600_000).toBeCloseTo(2, 0);
    const workflowId = result.alreadySyncing?.[0]?.workflowId ?? '';
    expect(await env.client.workflow.getHandle(workflowId).result()).toMatchObject({ status: 'complete' });
  });
});
