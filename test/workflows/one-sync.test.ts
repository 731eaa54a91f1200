import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type {
  FullSyncProgress,
  FullSyncResult,
  OrgSyncProgress,
  OrgSyncResult,
} from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';

// One sync an organization at a time: what keeps it so, and what is said where one does not move.
const rig = useRig();
const temporal = useTemporal();

async function failureOf(workflowType: string, workflowId: string, taskQueue: string, args: unknown[]) {
  const run = temporal.client.workflow.execute(workflowType, { workflowId, taskQueue, args });
  return await run.then(
    () => undefined,
    (error: unknown) => (error as { cause?: { type?: string; message?: string } }).cause,
  );
}

test('an organization’s sync runs under its own workflow id only', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  for (const id of [`mine-${orgId}`, `luma-org-sync/${orgId}x`, `luma-sync/luma-org-sync/${orgId}`]) {
    const failure = await failureOf('OrgSyncWorkflow', id, taskQueue, [{ orgId }]);
    expect(failure).toMatchObject({ type: 'InvalidInput' });
    expect(failure?.message).toContain(`luma-org-sync/${orgId} only`);
  }
  expect(luma.requests).toHaveLength(0);
});

test('on a task queue with a scope the id carries the scope, from the full sync too', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const scope = `test-${randomUUID().slice(0, 8)}`;
  const taskQueue = `luma-sync/${scope}`;
  await temporal.startWorker(rig.dependencies(), { taskQueue });
  expect(await failureOf('OrgSyncWorkflow', `luma-org-sync/${orgId}`, taskQueue, [{ orgId }])).toMatchObject({
    type: 'InvalidInput',
  });
  const options = { workflowId: `full-${randomUUID()}`, taskQueue, args: [{}] };
  const full = (await temporal.client.workflow.execute('FullSyncWorkflow', options)) as FullSyncResult;
  expect(full).toMatchObject({ status: 'complete', orgs: { completed: 1 } });
  const child = temporal.client.workflow.getHandle(`${scope}/luma-org-sync/${orgId}`);
  expect((await child.describe()).status.name).toBe('COMPLETED');
});

test.each([
  ['OrgSyncWorkflow', { stage: 'removals', calendarId: 'cal-x', inQuestion: 5 }],
  ['FullSyncWorkflow', { position: { after: null, end: true } }],
])('%s takes what an earlier run carries over from such a run only', async (workflowType, carried) => {
  const luma = await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const input = workflowType === 'OrgSyncWorkflow' ? { orgId } : {};
  const failure = await failureOf(workflowType, `luma-org-sync/${orgId}`, taskQueue, [input, carried]);
  expect(failure).toMatchObject({ type: 'InvalidInput' });
  expect(luma.requests).toHaveLength(0);
});

test('a sync on a queue where nobody works is named by the full sync, which is then done in part', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }, { events: 3 }] });
  const [stuck, well] = [await rig.addOrganization(0), await rig.addOrganization(1)];
  const workflowId = `luma-org-sync/${stuck}`;
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    ...{ workflowId, taskQueue: `nobody-${randomUUID()}`, args: [{ orgId: stuck }] },
  });
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const options = { workflowId: `full-${randomUUID()}`, taskQueue, args: [{}] };
  const full = (await temporal.client.workflow.execute('FullSyncWorkflow', options)) as FullSyncResult;
  await handle.terminate();
  expect(full).toMatchObject({
    status: 'partial',
    orgs: { total: 2, completed: 1, failed: 0, alreadySyncing: 1 },
    alreadySyncing: [{ orgId: stuck, workflowId, stuck: true, runningForMs: expect.any(Number) as number }],
  });
  const stored = await rig.store.events.list({ orgId: well, limit: 10 });
  expect(stored.length).toBeGreaterThan(0);
});

test('of more syncs of others than the report names, one that is stuck is still found', async () => {
  const pause = {
    kind: 'rate-limit' as const,
    endpoint: 'list' as const,
    onRequest: 1,
    times: 1,
    blockMs: 4_000,
  };
  await rig.startLuma({ calendars: [{ events: 3, faults: [pause] }, { events: 3 }] });
  const own = await rig.addOrganization(0);
  const others: string[] = [];
  while (others.length < 52) others.push(await rig.addOrganization(1));
  // As the full sync meets them.
  others.sort();
  const nobody = `nobody-${randomUUID()}`;
  const handles = await Promise.all(
    others.map((orgId) =>
      temporal.client.workflow.start('OrgSyncWorkflow', {
        ...{ workflowId: `luma-org-sync/${orgId}`, taskQueue: nobody, args: [{ orgId }] },
      }),
    ),
  );
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const options = { workflowId: `full-${randomUUID()}`, taskQueue, args: [{}] };
  const full = await temporal.client.workflow.start('FullSyncWorkflow', options);
  const counted = async () => (await full.query<FullSyncProgress>('progress')).orgs;
  await expect.poll(counted, { timeout: 30_000 }).toMatchObject({ alreadySyncing: 52, running: 1 });
  await Promise.all(handles.slice(0, 51).map((handle) => handle.terminate()));
  const result = (await full.result()) as FullSyncResult;
  await handles[51]?.terminate();
  expect(result).toMatchObject({ status: 'partial', orgs: { completed: 1, alreadySyncing: 52 } });
  expect(result.alreadySyncing).toMatchObject([{ orgId: others[51], stuck: true }]);
  expect(await rig.store.events.list({ orgId: own, limit: 10 })).not.toHaveLength(0);
});

test('a pause between organizations does not hold the first one back', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const options = { workflowId: `full-${randomUUID()}`, taskQueue, args: [{ orgDelayMs: 3_600_000 }] };
  const full = (await temporal.client.workflow.execute('FullSyncWorkflow', options)) as FullSyncResult;
  expect(full).toMatchObject({ status: 'complete', orgs: { completed: 1 } });
});

test('a sync whose key is replaced in a pause ends by name, and changes nothing', async () => {
  const luma = await rig.startLuma({
    maxPageSize: 5,
    calendars: [
      {
        id: 'cal-a',
        events: 20,
        faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest: 3, times: 1, blockMs: 5_000 }],
      },
      { id: 'cal-b', events: 20 },
    ],
  });
  const orgId = await rig.addOrganization(0);
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    ...{ workflowId: `luma-org-sync/${orgId}`, taskQueue, args: [{ orgId }] },
  });
  const progress = () => handle.query<OrgSyncProgress>('progress').catch(() => undefined);
  // Paused, and with what it had listed in place.
  const isAtRest = async () => {
    const now = await progress();
    return now?.pausedUntil !== undefined && now.events.seen === now.pages * 5;
  };
  await expect.poll(isAtRest, { timeout: 30_000, interval: 50 }).toBe(true);
  const before = await rig.store.events.list({ orgId, limit: 100 });
  await rig.store.db
    .collection<{ _id: string }>('organizations')
    .updateOne({ _id: orgId }, { $set: { lumaApiKey: luma.calendars[1]?.key } });

  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'LumaKeyChanged' } });

  expect(await rig.store.events.list({ orgId, limit: 100 })).toEqual(before);
  expect(await rig.store.db.collection('removed_events').countDocuments({ orgId })).toBe(0);
  // The next one says that the key opens another calendar.
  const next = temporal.client.workflow.execute('OrgSyncWorkflow', {
    ...{ workflowId: `luma-org-sync/${orgId}`, taskQueue, args: [{ orgId }] },
  }) as Promise<OrgSyncResult>;
  await expect(next).rejects.toMatchObject({ cause: { type: 'LumaCalendarChanged' } });
});
