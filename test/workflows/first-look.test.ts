import { expect, test } from 'vitest';
import type { OrgSyncProgress, OrgSyncResult } from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';

// While a local activity runs, its workflow answers nothing: a first look is short for that reason.
const rig = useRig();
const temporal = useTemporal();
const PAGES = 8;

/** A sync of a calendar without news that is inside its first look: each page takes Luma 250 ms. */
async function insideFirstLook() {
  const luma = await rig.startLuma({
    ...{ calendars: [{ events: 5 * PAGES }], maxPageSize: 5, limit: 10_000, listDescriptions: true },
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const options = { workflowId: `luma-org-sync/${orgId}`, taskQueue, args: [{ orgId }] };
  await temporal.client.workflow.execute('OrgSyncWorkflow', options);
  const before = await rig.store.events.list({ orgId, limit: 100 });
  luma.resetStats();
  luma.calendar(luma.calendars[0]?.id ?? '').setFault({ kind: 'latency', ms: 250 });
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', options);
  await expect.poll(() => luma.stats().requests, { timeout: 30_000, interval: 10 }).toBeGreaterThanOrEqual(3);
  return { luma, orgId, handle, before };
}

test('a query inside a first look is answered when that is over', async () => {
  const { luma, handle } = await insideFirstLook();
  const progress = await handle.query<OrgSyncProgress>('progress');
  expect(progress).toMatchObject({ phase: 'done', pages: PAGES });
  expect(luma.stats().requests).toBe(1 + PAGES);
  expect((await handle.result()) as OrgSyncResult).toMatchObject({ status: 'complete', pages: PAGES });
});

test('a cancellation inside a first look waits for it, and nothing is half done', async () => {
  const { orgId, handle, before } = await insideFirstLook();
  await handle.cancel();
  await handle.result().catch(() => undefined);
  const { status } = await handle.describe();
  const [report] = await rig.store.db
    .collection('sync_runs')
    .find({ orgId })
    .sort({ startedAt: -1 })
    .toArray();
  // Nothing was left to be canceled, or it was reported as canceled: in either case all of it says the same.
  const expected = { COMPLETED: ['complete', 'ok'], CANCELLED: ['canceled', 'canceled'] }[
    status.name as string
  ];
  const organization = await rig.store.db
    .collection<{ _id: string; lumaSync: { state: string } }>('organizations')
    .findOne({ _id: orgId });
  expect([report?.state, organization?.lumaSync.state]).toEqual(expected);
  expect(await rig.store.events.list({ orgId, limit: 100 })).toEqual(before);
});
