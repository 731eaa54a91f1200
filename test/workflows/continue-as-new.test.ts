import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import {
  defaultCacheDir,
  startTemporal,
  type TemporalServer,
} from '../../packages/playground/src/servers/index.js';
import type { FullSyncProgress, FullSyncResult, OrgSyncResult } from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';

// A server of its own, on which every history is long already.
let server: TemporalServer | undefined;
beforeAll(async () => {
  server = await startTemporal({
    cacheDir: defaultCacheDir(),
    env: process.env,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 20 },
  });
});
afterAll(() => server?.stop());

const rig = useRig();
const temporal = useTemporal(() => server?.address ?? '');

/** The runs of a workflow, the first one first, each with how it ended. */
async function runsOf(workflowId: string, firstRunId: string): Promise<string[]> {
  const { events } = await temporal.client.workflow.getHandle(workflowId, firstRunId).fetchHistory();
  const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  return next ? ['continued', ...(await runsOf(workflowId, next))] : ['ended'];
}

function visibleIds(calendar: number): string[] {
  const { id } = rig.luma.calendars[calendar] ?? { id: '' };
  return rig.luma
    .calendar(id)
    .visibleEvents()
    .map((event) => event.id)
    .sort();
}

async function storedIds(orgId: string): Promise<string[]> {
  return (await rig.store.events.list({ orgId, limit: 5_000 })).map((event) => event.lumaEventId).sort();
}

test('a long listing goes on in new runs: no page twice, one report over all of them', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 120 }], maxPageSize: 10, limit: 10_000 });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ slice: { pages: 1 } }));

  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId }],
  });
  const result = (await handle.result()) as OrgSyncResult;

  const runs = await runsOf(handle.workflowId, handle.firstExecutionRunId);
  expect(runs.length).toBeGreaterThan(2);
  expect(runs.slice(0, -1).every((end) => end === 'continued')).toBe(true);
  expect(result).toMatchObject({ status: 'complete', pages: 12 });
  expect(result.events).toMatchObject({ inserted: visibleIds(0).length, changed: 0 });
  expect(await storedIds(orgId)).toEqual(visibleIds(0));
  expect(luma.requests.filter(({ path }) => path.endsWith('/events/list'))).toHaveLength(12);
  expect(result.requests).toBe(luma.requests.length);
  const reports = await rig.store.db.collection('sync_runs').find().toArray();
  expect(reports).toMatchObject([{ _id: result.syncId, state: 'complete', pages: 12 }]);
});

test('hints that come during a long listing are followed after it, in whichever run it ends', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 120 }], maxPageSize: 10, limit: 10_000 });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ slice: { pages: 1 } }));
  const calendar = luma.calendar(luma.calendars[0]?.id ?? '');
  const [edited = ''] = calendar
    .visibleEvents()
    .filter(
      ({ platform, access, visibility }) =>
        platform === 'luma' && access === 'manage' && visibility === 'public',
    )
    .map(({ id }) => id);
  const workflowId = `luma-org-sync/${orgId}`;
  const { workflow } = temporal.client;
  const args = [{ orgId }];
  const handle = await workflow.start('OrgSyncWorkflow', { taskQueue, workflowId, args });
  const listed = () => luma.requests.filter(({ path }) => path.endsWith('/events/list')).length;
  await expect.poll(listed, { timeout: 30_000, interval: 20 }).toBeGreaterThan(2);
  calendar.editEvent(edited, { description_md: 'Said anew, later' });
  await workflow.getHandle(workflowId).signal('eventsChanged', { ids: [edited] });
  const result = (await handle.result()) as OrgSyncResult;

  const runs = await runsOf(workflowId, handle.firstExecutionRunId);
  expect(runs.length).toBeGreaterThan(2);
  expect(result).toMatchObject({ status: 'complete', pages: 12 });
  expect(
    (await rig.store.events.list({ orgId, limit: 5_000 })).find(({ lumaEventId }) => lumaEventId === edited),
  ).toMatchObject({ description: 'Said anew, later' });
  const reports = await rig.store.db.collection('sync_runs').find().sort({ startedAt: 1 }).toArray();
  expect(reports).toMatchObject([
    { _id: result.syncId, state: 'complete' },
    { hinted: true, state: 'complete', requests: 1 },
  ]);
  expect(await storedIds(orgId)).toEqual(visibleIds(0));
});

test('a full sync of many organizations goes on in new runs: each one once, totals and failures carried', async () => {
  const faulty = (nth: number) => (nth === 3 || nth === 11 ? [{ kind: 'rejected-key' } as const] : []);
  await rig.startLuma({
    calendars: Array.from({ length: 14 }, (_, nth) => ({ events: 5, faults: faulty(nth) })),
  });
  const orgIds: string[] = [];
  for (let calendar = 0; calendar < 14; calendar++) orgIds.push(await rig.addOrganization(calendar));
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const handle = await temporal.client.workflow.start('FullSyncWorkflow', {
    taskQueue,
    workflowId: `full-${randomUUID()}`,
    args: [{ concurrency: 3 }],
  });
  const result = (await handle.result()) as FullSyncResult;

  expect((await runsOf(handle.workflowId, handle.firstExecutionRunId)).length).toBeGreaterThan(2);
  expect(result).toMatchObject({
    status: 'partial',
    orgs: { total: 14, completed: 12, failed: 2, alreadySyncing: 0 },
  });
  expect(result.failures.map((failure) => failure.orgId).sort()).toEqual([orgIds[3], orgIds[11]].sort());
  const well = orgIds
    .map((orgId, calendar) => ({ orgId, calendar }))
    .filter(({ calendar }) => faulty(calendar).length === 0);
  for (const { orgId, calendar } of well) expect(await storedIds(orgId)).toEqual(visibleIds(calendar));
  const inserted = well.reduce((sum, { calendar }) => sum + visibleIds(calendar).length, 0);
  expect(result.events.inserted).toBe(inserted);
  const runs = rig.store.db.collection('sync_runs');
  expect(await runs.find({ kind: 'full' }).toArray()).toMatchObject([
    { _id: handle.firstExecutionRunId, state: 'partial', orgs: result.orgs },
  ]);
  expect(await runs.countDocuments({ kind: 'org' })).toBe(14);
});

describe('a slow organization', () => {
  /** Twelve organizations. The one that is started first pauses for long, until the test has seen it carried along. */
  async function startWithASlowOne() {
    await rig.startLuma({ calendars: Array.from({ length: 12 }, () => ({ events: 3 })) });
    const orgIds: string[] = [];
    for (let calendar = 0; calendar < 12; calendar++) orgIds.push(await rig.addOrganization(calendar));
    // They are started in the order of their ids.
    const slow = [...orgIds].sort()[0] ?? '';
    const nth = orgIds.indexOf(slow);
    const calendar = rig.luma.calendar(rig.luma.calendars[nth]?.id ?? '');
    calendar.setFault({ kind: 'rate-limit', blockMs: 8_000 });
    const { taskQueue } = await temporal.startWorker(rig.dependencies());
    const handle = await temporal.client.workflow.start('FullSyncWorkflow', {
      taskQueue,
      workflowId: `full-${randomUUID()}`,
      args: [{ concurrency: 2 }],
    });
    return { handle, slow, nth, calendar };
  }

  /** The organizations whose ends the newest run is waiting for, though it has not started them. */
  async function followedBy(workflowId: string): Promise<string[]> {
    const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
    const begun = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[1]?.data;
    if (!begun) return [];
    const { followed } = JSON.parse(Buffer.from(begun).toString()) as { followed: { orgId: string }[] };
    return followed.map(({ orgId }) => orgId);
  }

  test('is carried into new runs, which start the others meanwhile and hear of its end', async () => {
    const { handle, slow, nth, calendar } = await startWithASlowOne();
    await expect
      .poll(() => followedBy(handle.workflowId), { timeout: 30_000, interval: 200 })
      .toContain(slow);
    const progress = await handle.query<FullSyncProgress>('progress');
    expect(progress.running).toContain(slow);
    calendar.clearFaults();
    const result = (await handle.result()) as FullSyncResult;
    expect(result).toMatchObject({ status: 'complete', orgs: { total: 12, completed: 12 } });
    expect(result.waitedMs).toBeGreaterThan(5_000);
    expect(await storedIds(slow)).toEqual(visibleIds(nth));
  });

  test('is canceled with the run that follows the one that started it', async () => {
    const { handle, slow } = await startWithASlowOne();
    await expect
      .poll(() => followedBy(handle.workflowId), { timeout: 30_000, interval: 200 })
      .toContain(slow);
    await temporal.client.workflow.getHandle(handle.workflowId).cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const report = await rig.store.db.collection('sync_runs').findOne({ kind: 'org', orgId: slow });
    expect(report).toMatchObject({ state: 'canceled' });
  });
});
