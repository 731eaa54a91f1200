import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FaultSpec } from '../../packages/fake-luma/src/index.js';
import type { FullSyncResult, OrgSyncProgress } from '../../src/workflows/contract.js';
import { failureOf } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

const rig = useRig();
const temporal = useTemporal();

async function startFullSync(taskQueue: string, input: object = {}) {
  return await temporal.client.workflow.start('FullSyncWorkflow', {
    taskQueue,
    workflowId: `full-${randomUUID()}`,
    args: [input],
  });
}

async function fullSync(taskQueue: string, input: object = {}): Promise<FullSyncResult> {
  return (await (await startFullSync(taskQueue, input)).result()) as FullSyncResult;
}

async function storedIds(orgId: string): Promise<string[]> {
  return (await rig.store.events.list({ orgId, limit: 5_000 })).map((event) => event.lumaEventId).sort();
}

function visibleIds(calendar: number): string[] {
  const { id } = rig.luma.calendars[calendar] ?? { id: '' };
  return rig.luma
    .calendar(id)
    .visibleEvents()
    .map((event) => event.id)
    .sort();
}

test('every public event of every organization arrives once', async () => {
  await rig.startLuma({ calendars: 3, eventsPerCalendar: 120 });
  const orgIds = [await rig.addOrganization(0), await rig.addOrganization(1), await rig.addOrganization(2)];
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const result = await fullSync(taskQueue);

  expect(result).toMatchObject({
    status: 'complete',
    orgs: { total: 3, completed: 3, failed: 0, alreadySyncing: 0 },
    failures: [],
  });
  for (const [calendar, orgId] of orgIds.entries()) {
    expect(await storedIds(orgId)).toEqual(visibleIds(calendar));
  }
  expect(await rig.store.db.collection('sync_runs').countDocuments({ state: 'complete' })).toBe(4);
});

test('an organization with a calendar page but no key is left alone', async () => {
  await rig.startLuma({ calendars: 1, eventsPerCalendar: 5 });
  await rig.store.organizations.add({ id: 'embed', name: 'Embed', calendarUrl: 'https://luma.com/embed' });
  await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  expect((await fullSync(taskQueue)).orgs).toEqual({ total: 1, completed: 1, failed: 0, alreadySyncing: 0 });
});

const FAULTS: { fault: FaultSpec; type: string }[] = [
  { fault: { kind: 'rejected-key' }, type: 'LumaKeyRejected' },
  { fault: { kind: 'forbidden' }, type: 'LumaForbidden' },
  { fault: { kind: 'html' }, type: 'LumaContractBroken' },
  { fault: { kind: 'malformed-json', endpoint: 'list' }, type: 'LumaContractBroken' },
  { fault: { kind: 'repeated-cursor' }, type: 'LumaPaginationBroken' },
  { fault: { kind: 'missing-cursor' }, type: 'LumaPaginationBroken' },
];

test('organizations fail, each by the name of what is wrong with it, and the others complete', async () => {
  await rig.startLuma({
    calendars: [{ events: 60 }, ...FAULTS.map(({ fault }) => ({ events: 120, faults: [fault] }))],
    maxPageSize: 20,
  });
  const well = await rig.addOrganization(0);
  const ill: { orgId: string; type: string }[] = [];
  for (const [nth, { type }] of FAULTS.entries()) {
    ill.push({ orgId: await rig.addOrganization(nth + 1), type });
  }
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const result = await fullSync(taskQueue);

  expect(result.status).toBe('partial');
  expect(result.orgs).toEqual({ total: 7, completed: 1, failed: 6, alreadySyncing: 0 });
  expect(result.failures).toHaveLength(6);
  expect(await storedIds(well)).toEqual(visibleIds(0));
  const states = new Map((await rig.store.organizations.list()).map((state) => [state.id, state]));
  for (const { orgId, type } of ill) {
    expect(result.failures).toContainEqual({ orgId, type, message: expect.any(String) as string });
    expect(states.get(orgId)).toMatchObject({ state: 'failed', consecutiveFailures: 1 });
    expect(states.get(orgId)?.reason).toMatch(new RegExp(`^${type}: `));
    expect(states.get(orgId)?.eventsLastSynced).toBeUndefined();
  }
  expect(states.get(well)).toMatchObject({ state: 'ok', consecutiveFailures: 0 });
});

test('a full sync in which every organization failed fails', async () => {
  await rig.startLuma({ calendars: [{ faults: [{ kind: 'rejected-key' }] }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const failure = await failureOf(await startFullSync(taskQueue));

  expect(failure).toMatchObject({ type: 'AllOrganizationsFailed' });
  expect(failure.message).toContain(orgId);
  expect(failure.message).toContain('LumaKeyRejected');
});

test('no organization is nothing to do, not a failure', async () => {
  await rig.startLuma({ calendars: 1 });
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  expect(await fullSync(taskQueue)).toMatchObject({ status: 'complete', orgs: { total: 0 } });
});

test('an organization that is being synced already counts as such', async () => {
  await rig.startLuma({ calendars: [{ events: 10 }, { events: 10 }], latencyMs: 50 });
  const busy = await rig.addOrganization(0);
  await rig.addOrganization(1);
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  // Holds the mutex without a worker: its task queue is polled by nobody.
  const holder = await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue: `nobody-${randomUUID()}`,
    workflowId: `luma-org-sync/${busy}`,
    args: [{ orgId: busy }],
  });
  try {
    const result = await fullSync(taskQueue);
    expect(result.orgs).toEqual({ total: 2, completed: 1, failed: 0, alreadySyncing: 1 });
    expect(result.failures).toEqual([]);
  } finally {
    await holder.terminate();
  }
});

test('no more organizations are synced at the same time than asked for', async () => {
  await rig.startLuma({ calendars: 6, eventsPerCalendar: 3 });
  for (let calendar = 0; calendar < 6; calendar++) await rig.addOrganization(calendar);
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const handle = await startFullSync(taskQueue, { concurrency: 2 });
  await handle.result();

  let running = 0;
  let most = 0;
  for (const event of (await handle.fetchHistory()).events ?? []) {
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) running++;
    if (event.childWorkflowExecutionCompletedEventAttributes) running--;
    most = Math.max(most, running);
  }
  expect(most).toBe(2);
});

test('cancelling a full sync ends its children cleanly and is reported as canceled', async () => {
  await rig.startLuma({
    calendars: [{ events: 10, faults: [{ kind: 'latency', endpoint: 'list', ms: 60_000 }] }],
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startFullSync(taskQueue);
  const child = temporal.client.workflow.getHandle(`luma-org-sync/${orgId}`);
  const phase = () =>
    child.query<OrgSyncProgress>('progress').then(
      (progress) => progress.phase,
      () => 'not started',
    );
  await expect.poll(phase, { timeout: 20_000 }).toBe('listing');

  await handle.cancel();

  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const [organization] = await rig.store.organizations.list();
  expect(organization).toMatchObject({ id: orgId, state: 'canceled', consecutiveFailures: 0 });
  const runs = await rig.store.db.collection('sync_runs').find().toArray();
  expect(runs.map((run) => run.state as string)).toEqual(['canceled', 'canceled']);
});

test('an input that cannot be used is refused with a reason', async () => {
  await rig.startLuma({ calendars: 1 });
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  for (const [input, reason] of [
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 200'],
    [{ concurency: 3 }, '"concurency" is not an option'],
    [{ window: { after: 'yesterday' } }, 'window must have ISO 8601 instants'],
    [[], 'the input is one JSON object'],
  ] as const) {
    const failure = await failureOf(await startFullSync(taskQueue, input));
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining(reason) as string,
    });
  }
});
