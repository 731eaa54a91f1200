import type { WorkflowHandle } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { OrgSyncProgress, OrgSyncResult } from '../../src/workflows/contract.js';
import { timerSummaries } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

// What an operator does to a sync while it runs.
const rig = useRig();
const temporal = useTemporal();
const waiting = { timeout: 30_000, interval: 50 };

async function startSync(taskQueue: string, orgId: string, input: object = {}) {
  return await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId, ...input }],
  });
}

const progressOf = (handle: Pick<WorkflowHandle, 'query'>) =>
  handle.query<OrgSyncProgress>('progress').catch((): Partial<OrgSyncProgress> => ({}));

/** A canceled sync ends as such, says so on the organization and in its report, and is no failure of it. */
async function expectCanceled(handle: WorkflowHandle, orgId: string): Promise<void> {
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  const organizations = await rig.store.organizations.list();
  expect(organizations.find(({ id }) => id === orgId)).toMatchObject({
    state: 'canceled',
    reason: 'Canceled: canceled by an operator',
    consecutiveFailures: 0,
  });
  const runs = await rig.store.db.collection('sync_runs').find({ orgId: orgId }).toArray();
  expect(runs).toMatchObject([{ state: 'canceled', finishedAt: expect.any(Date) as Date }]);
}

test('a sync that is canceled in a durable sleep ends at once, and keeps what it had', async () => {
  const luma = await rig.startLuma({
    maxPageSize: 10,
    calendars: [
      {
        events: 50,
        faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest: 3, times: 1, blockMs: 600_000 }],
      },
    ],
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  await expect
    .poll(async () => (await progressOf(handle)).pauseReason, waiting)
    .toMatch(/^Luma asks for a pause/);
  const requests = luma.requests.length;

  await handle.cancel();

  await expectCanceled(handle, orgId);
  expect(await timerSummaries(handle)).toEqual([expect.stringMatching(/^Luma asks for a pause: 60[01] s$/)]);
  expect(luma.requests).toHaveLength(requests);
  expect((await rig.store.events.list({ orgId, limit: 100 })).length).toBeGreaterThan(0);
});

test('a sync that is canceled while Luma is slow to answer gives the request up', async () => {
  const luma = await rig.startLuma({
    maxPageSize: 10,
    calendars: [{ events: 50, faults: [{ kind: 'latency', endpoint: 'list', onRequest: 2, ms: 14_000 }] }],
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  const listRequests = () => luma.requests.filter(({ path }) => path.endsWith('/events/list'));
  await expect.poll(() => listRequests().length, waiting).toBe(2);

  await handle.cancel();

  await expectCanceled(handle, orgId);
  expect(listRequests().map(({ status }) => status)).toEqual([200, null]);
});

test('a sync that is canceled before its calendar is open ends as canceled too', async () => {
  const luma = await rig.startLuma({
    calendars: [{ events: 5, faults: [{ kind: 'latency', endpoint: 'calendar', ms: 14_000 }] }],
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  await expect.poll(() => luma.requests.length, waiting).toBe(1);

  await handle.cancel();

  await expectCanceled(handle, orgId);
});

test('after a cancellation, and after a termination, the next sync completes', async () => {
  const luma = await rig.startLuma({ maxPageSize: 10, calendars: [{ events: 40 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  for (const end of ['cancel', 'terminate'] as const) {
    const slow = luma.calendar(luma.calendars[0]?.id ?? '').setFault({ kind: 'latency', ms: 14_000 });
    const handle = await startSync(taskQueue, orgId);
    luma.resetStats();
    await expect.poll(() => luma.requests.length, waiting).toBeGreaterThan(0);
    await handle[end]();
    await expect(handle.result()).rejects.toThrow();
    luma.calendar(luma.calendars[0]?.id ?? '').clearFaults(slow);
  }

  const result = (await (await startSync(taskQueue, orgId)).result()) as OrgSyncResult;

  expect(result.status).toBe('complete');
  expect(result.events.inserted).toBe(luma.calendar(result.calendarId).visibleEvents().length);
  const [organization] = await rig.store.organizations.list();
  expect(organization).toMatchObject({ state: 'ok', consecutiveFailures: 0 });
});
