import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { connectLumaSync, type LumaSync, type SyncLook } from '../../../src/client.js';
import { useRig, useTemporal } from '../../support/rig.js';

const rig = useRig();
const temporal = useTemporal();

function clientOn(taskQueue: string, names: { scheduleId?: string; fullSyncId?: string } = {}): LumaSync {
  const { address } = temporal;
  const settings = { address, namespace: 'default', connectionOptions: { address } };
  const lumaSync = connectLumaSync({ temporal: settings }, { taskQueue, ...names });
  onTestFinished(() => lumaSync.close());
  return lumaSync;
}

it('a full sync is seen with each organization: how far it is, what it waits for, and why one failed', async () => {
  const limited = { kind: 'rate-limit', endpoint: 'event', onRequest: 4, times: 1, blockMs: 2_000 } as const;
  const luma = await rig.startLuma({
    calendars: [
      { events: 25, faults: [limited] },
      { events: 5, faults: [{ kind: 'rejected-key' }] },
    ],
    latencyMs: 20,
  });
  const [well, ill] = [await rig.addOrganization(0), await rig.addOrganization(1)];
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const lumaSync = clientOn(taskQueue);
  const workflowId = `full-${randomUUID()}`;
  const run = await lumaSync.runFullEventSync({}, { workflowId });
  const looks: SyncLook[] = [];
  await lumaSync.watchSync(run, (look) => looks.push(look), { everyMs: 100 });

  const orgs = looks.flatMap((look) => look.orgs);
  expect(orgs.filter(({ orgId }) => orgId === well).map(({ progress }) => progress?.phase)).toContain(
    'details',
  );
  expect(orgs.flatMap(({ obstacles }) => obstacles.map(({ kind }) => kind))).toContain('paused');
  expect(orgs.some(({ orgId, endsAt }) => orgId === well && endsAt !== undefined)).toBe(true);
  expect(orgs.find(({ failure }) => failure !== undefined)).toMatchObject({
    orgId: ill,
    failure: { type: 'LumaKeyRejected' },
  });
  expect(looks.at(-1)).toMatchObject({
    fullSync: { phase: 'done', orgs: { total: 2, completed: 1, failed: 1 } },
  });
  for (const { key } of luma.calendars) expect(JSON.stringify(looks)).not.toContain(key);
});

it('how a sync ended is seen by its result: no worker has to be there to tell', async () => {
  await rig.startLuma({
    calendars: [{ events: 5 }, { events: 5, faults: [{ kind: 'rejected-key' }] }],
  });
  const [well, ill] = [await rig.addOrganization(0), await rig.addOrganization(1)];
  const { taskQueue, worker } = await temporal.startWorker(rig.dependencies());
  const lumaSync = clientOn(taskQueue);
  const full = await lumaSync.runFullEventSync({}, { workflowId: `full-${randomUUID()}` });
  await full.result();
  const one = await lumaSync.syncOrgEvents(well);
  await one.result();
  await worker.stop();

  const failed = { orgId: ill, failure: { type: 'LumaKeyRejected' } };
  expect(await full.look()).toMatchObject({
    fullSync: { phase: 'done', orgs: { total: 2, completed: 1, failed: 1 }, running: [] },
    orgs: [failed],
  });
  expect((await one.look()).orgs).toMatchObject([
    { orgId: well, progress: { phase: 'done', events: { seen: 5 }, detailsPending: 0 } },
  ]);
});

it('an activity that is tried again is seen with its attempt, its reason and the time of the next try', async () => {
  await rig.startLuma({ calendars: 1, eventsPerCalendar: 5 });
  const orgId = await rig.addOrganization();
  const dependencies = rig.dependencies();
  const store = { ...dependencies.store, fences: { ...dependencies.store.fences } };
  store.fences.open = () => Promise.reject(new Error('made to fail'));
  const { taskQueue } = await temporal.startWorker({ ...dependencies, store });
  const lumaSync = clientOn(taskQueue);
  const run = await lumaSync.syncOrgEvents(orgId);
  await expect
    .poll(async () => (await run.look()).orgs[0]?.obstacles, { timeout: 30_000 })
    .toContainEqual(
      expect.objectContaining({
        ...{ kind: 'activity-failing', activityType: 'openOrgSync', nextAttemptAt: expect.any(Date) as Date },
        failure: expect.objectContaining({ type: expect.any(String) as string }) as object,
      }),
    );
  await temporal.client.workflow.getHandle(run.workflowId).terminate();
});

it('a scheduled sync and one under another id are found while they run', async () => {
  const names = { scheduleId: `schedule-${randomUUID()}`, fullSyncId: `full-${randomUUID()}` };
  // Without a worker they run until they are ended.
  const lumaSync = clientOn(`nobody-${randomUUID()}`, names);
  expect(await lumaSync.runningFullSync()).toBeUndefined();
  const end = (workflowId: string) => temporal.client.workflow.getHandle(workflowId).terminate();

  await lumaSync.schedule.apply();
  onTestFinished(async () => {
    await lumaSync.schedule.delete();
  });
  const { workflowId, runId } = await lumaSync.schedule.trigger();
  expect(await lumaSync.runningFullSync()).toMatchObject({ workflowId, runId, alreadyRunning: true });
  await end(workflowId);

  const other = await lumaSync.runFullEventSync({}, { workflowId: `by-hand-${randomUUID()}` });
  await expect
    .poll(async () => (await lumaSync.runningFullSync())?.workflowId, { timeout: 30_000 })
    .toBe(other.workflowId);
  await end(other.workflowId);
});
