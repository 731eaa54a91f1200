import { expect, test } from 'vitest';
import type { SyncRunDoc } from '../../src/mongo/documents.js';
import type { OrgSyncResult } from '../../src/workflows/contract.js';
import { register, serveHere } from '../serve/support.js';
import { useRig, useTemporal } from '../support/rig.js';

// From a change at Luma to `events`, by a webhook.
const rig = useRig();
const temporal = useTemporal();
const soon = { timeout: 20_000, interval: 20 };

/** An organization whose calendar was synced, and whose changes are told. */
async function told(events: number | object[], luma: object = {}) {
  const fake = await rig.startLuma({ calendars: [{ events }], ...luma });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const workflowId = `luma-org-sync/${orgId}`;
  const syncWhole = async () =>
    (await temporal.client.workflow.execute('OrgSyncWorkflow', {
      ...{ taskQueue, workflowId, args: [{ orgId }] },
    })) as OrgSyncResult;
  await syncWhole();
  const calendar = fake.calendar(fake.calendars[0]?.id ?? '');
  const serving = await serveHere(rig, taskQueue);
  await register(rig, serving, { calendar, orgId });
  fake.resetStats();
  const stored = async (id: string) =>
    (await rig.store.events.list({ orgId, limit: 1_000 })).find(({ lumaEventId }) => lumaEventId === id);
  const hinted = () =>
    rig.store.db
      .collection<SyncRunDoc>('sync_runs')
      .find({ orgId, hinted: true })
      .sort({ startedAt: 1 })
      .toArray();
  return { fake, calendar, orgId, taskQueue, workflowId, stored, hinted, syncWhole };
}

test('an edit, a new event and a cancellation are in events within seconds, each for one request', async () => {
  const { fake, calendar, stored, hinted } = await told(20);
  const [edited, canceled] = calendar
    .visibleEvents()
    .filter(({ platform, access }) => platform === 'luma' && access === 'manage');

  calendar.editEvent(edited?.id ?? '', { name: 'Another name', description_md: 'Said anew' });
  await expect.poll(() => stored(edited?.id ?? ''), soon).toMatchObject({ title: 'Another name' });
  const added = calendar.addEvent({ name: 'Brand new', description_md: 'Hello' });
  await expect.poll(() => stored(added.id), soon).toMatchObject({ title: 'Brand new', description: 'Hello' });
  calendar.cancel(canceled?.id ?? '');
  await expect.poll(() => stored(canceled?.id ?? ''), soon).toBeUndefined();

  await expect
    .poll(async () => (await hinted()).map(({ state }) => state), soon)
    .toEqual(['complete', 'complete', 'complete']);
  expect(fake.requests.map(({ path, query }) => [path, query.event_id?.[0]])).toEqual(
    [edited?.id, added.id, canceled?.id].map((id) => ['/v1/events/get', id]),
  );
});
