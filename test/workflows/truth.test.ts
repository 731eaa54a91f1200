import { expect, test } from 'vitest';
import type { OrgSyncResult } from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';

const rig = useRig();
const temporal = useTemporal();

async function sync(taskQueue: string, orgId: string, input: object = {}): Promise<OrgSyncResult> {
  return (await temporal.client.workflow.execute('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId, ...input }],
  })) as OrgSyncResult;
}

const all = (collection: string) => rig.store.db.collection(collection).find().sort({ _id: 1 }).toArray();

async function wholeDatabase(): Promise<Record<string, unknown>> {
  const collections = await rig.store.db.listCollections().toArray();
  const contents = await Promise.all(collections.map(async ({ name }) => [name, await all(name)] as const));
  return Object.fromEntries(contents.sort(([a], [b]) => a.localeCompare(b)));
}

test('1,000 events under a small budget: complete with descriptions, without a single 429', async () => {
  const luma = await rig.startLuma({
    calendars: [{ events: 1_000 }],
    limit: 200,
    windowMs: 1_000,
    blockMs: 1_000,
  });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const first = await sync(taskQueue, orgId);

  expect(luma.stats().byStatus).not.toHaveProperty('429');
  expect(first.detailsPending).toBe(0);
  const calendar = luma.calendar(first.calendarId);
  const managed = calendar.visibleEvents().filter((e) => e.platform === 'luma' && e.access === 'manage');
  const described = await rig.store.db
    .collection('events')
    .countDocuments({ description: { $type: 'string' } });
  expect(described).toBe(managed.filter((event) => event.description_md !== '').length);

  luma.resetStats();
  const second = await sync(taskQueue, orgId);
  expect(second.requests).toBe(1 + second.pages);
  expect(second.events).toMatchObject({ inserted: 0, changed: 0, removed: 0 });
}, 180_000);

test('a cancelled event leaves with the next sync, a transferred one as no longer managed', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 60 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId } = await sync(taskQueue, orgId);
  const calendar = luma.calendar(calendarId);
  const [canceled, transferred] = calendar
    .visibleEvents()
    .filter((e) => e.platform === 'luma' && e.access === 'manage');
  calendar.cancel(canceled?.id ?? '');
  calendar.transfer(transferred?.id ?? '');

  const result = await sync(taskQueue, orgId);

  expect(result.events).toMatchObject({ removed: 2, held: 0, inserted: 0, changed: 0 });
  const removed = (await all('removed_events')).map((doc) => [doc.lumaEventId, doc.removalReason] as const);
  expect(new Map(removed as [string, string][])).toEqual(
    new Map([
      [canceled?.id, 'canceled'],
      [transferred?.id, 'no-longer-managed'],
    ]),
  );
});

test('an edit, whose details are asked for, keeps no removal from being settled in the same sync', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 40 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId } = await sync(taskQueue, orgId);
  const calendar = luma.calendar(calendarId);
  const [edited, canceled] = calendar
    .visibleEvents()
    .filter((e) => e.platform === 'luma' && e.access === 'manage');
  calendar.editEvent(edited?.id ?? '', { name: 'Renamed', description_md: 'Said anew.' });
  calendar.cancel(canceled?.id ?? '');

  expect((await sync(taskQueue, orgId)).events).toMatchObject({ changed: 1, removed: 1 });
  const docs = await rig.store.db.collection('events').find({ lumaEventId: edited?.id }).toArray();
  expect(docs).toMatchObject([{ title: 'Renamed', description: 'Said anew.' }]);
});

test('two organizations on one calendar each have documents of their own', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 30 }] });
  const orgIds = [await rig.addOrganization(0), await rig.addOrganization(0)];
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  for (const orgId of orgIds) await sync(taskQueue, orgId);

  const visible = luma.calendar(luma.calendars[0]?.id ?? '').visibleEvents();
  for (const orgId of orgIds) {
    expect(await rig.store.events.list({ orgId, limit: 100 })).toHaveLength(visible.length);
  }
});

test('when so many would go that something must be wrong, nothing goes and the organization says so', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 40 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId, events } = await sync(taskQueue, orgId);
  const calendar = luma.calendar(calendarId);
  for (const event of calendar.visibleEvents()) calendar.cancel(event.id);

  const result = await sync(taskQueue, orgId);

  expect(result.events.removed).toBe(0);
  expect(result.events.held).toBeGreaterThan(0);
  expect(await all('events')).toHaveLength(events.inserted);
  const [organization] = await rig.store.organizations.list();
  expect(organization).toMatchObject({ state: 'ok', removalsHeld: result.events.held });
});

test('a listing that answers empty removes nothing', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 30 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId, events } = await sync(taskQueue, orgId);
  luma.calendar(calendarId).setFault({ kind: 'empty' });

  const result = await sync(taskQueue, orgId);

  expect(result.events.removed).toBe(0);
  expect(await all('events')).toHaveLength(events.inserted);
});

test('a dry run tells what would change and leaves the database as it was', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 60 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId } = await sync(taskQueue, orgId);
  const calendar = luma.calendar(calendarId);
  const [edited, canceled, hidden] = calendar
    .visibleEvents()
    .filter((e) => e.platform === 'luma' && e.access === 'manage');
  calendar.editEvent(edited?.id ?? '', { name: 'Renamed' });
  calendar.cancel(canceled?.id ?? '');
  calendar.hide(hidden?.id ?? '');
  const added = calendar.addEvent({ name: 'Added', visibility: 'public' });
  const before = await wholeDatabase();

  const result = await sync(taskQueue, orgId, { dryRun: true });

  expect(result).toMatchObject({ dryRun: true, events: { inserted: 1, changed: 1, removed: 2 } });
  const report = await rig.store.runs.get(result.syncId);
  expect(report?.preview).toMatchObject({
    inserted: [{ lumaEventId: added.id, title: 'Added' }],
    changed: [{ lumaEventId: edited?.id, fields: { title: { from: edited?.name, to: 'Renamed' } } }],
    hidden: [{ lumaEventId: hidden?.id, reason: 'not-public' }],
    removed: [{ lumaEventId: canceled?.id, reason: 'canceled' }],
  });
  await rig.store.db.collection('sync_runs').deleteOne({ _id: result.syncId as never });
  expect(await wholeDatabase()).toEqual(before);
});
