import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OrgSyncProgress, OrgSyncResult } from '../../src/workflows/contract.js';
import { failureOf, historyText } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

const rig = useRig();
const temporal = useTemporal();

async function startSync(taskQueue: string, orgId: string, input: object = {}) {
  return await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId, ...input }],
  });
}

async function sync(taskQueue: string, orgId: string, input: object = {}): Promise<OrgSyncResult> {
  return (await (await startSync(taskQueue, orgId, input)).result()) as OrgSyncResult;
}

const documents = (orgId: string) =>
  rig.store.db.collection('events').find({ orgId: orgId }).sort({ lumaEventId: 1 }).toArray();

test('1,000 events in pages of 50 all arrive, and a second sync writes no event', async () => {
  // With descriptions in its list, as before July 2026, a calendar costs its pages and nothing else.
  const luma = await rig.startLuma({ calendars: [{ events: 1_000 }], listDescriptions: true });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());

  const first = await sync(taskQueue, orgId);
  const visible = luma.calendar(first.calendarId).visibleEvents();
  expect(first).toMatchObject({ status: 'complete', pages: Math.ceil(first.events.seen / 50) });
  expect(first.events.inserted).toBe(visible.length);
  expect(first.requests).toBe(1 + first.pages);
  const before = await documents(orgId);
  expect(before.map((doc) => doc.lumaEventId as string)).toEqual(visible.map(({ id }) => id).sort());

  const second = await sync(taskQueue, orgId);
  expect(second.events).toMatchObject({ inserted: 0, changed: 0, unchanged: visible.length });
  expect(await documents(orgId)).toEqual(before);
});

test('an edit, a cancellation of the public view and a new event arrive with the next sync', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 30 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { calendarId } = await sync(taskQueue, orgId);
  const calendar = luma.calendar(calendarId);
  const [edited, hidden] = calendar.visibleEvents().filter(({ platform }) => platform === 'luma');

  calendar.editEvent(edited?.id ?? '', { name: 'A new name' });
  calendar.hide(hidden?.id ?? '');
  const added = calendar.addEvent({ name: 'Brand new', visibility: 'public' });
  const result = await sync(taskQueue, orgId);

  expect(result.events).toMatchObject({ inserted: 1, changed: 1, removed: 1 });
  const docs = await documents(orgId);
  expect(docs.find((doc) => doc.lumaEventId === edited?.id)).toMatchObject({
    title: 'A new name',
    revision: 3,
  });
  expect(docs.find((doc) => doc.lumaEventId === added.id)).toMatchObject({ title: 'Brand new' });
  expect(docs.find((doc) => doc.lumaEventId === hidden?.id)).toBeUndefined();
  const removed = await rig.store.db.collection('removed_events').find().toArray();
  expect(removed).toMatchObject([{ lumaEventId: hidden?.id, removalReason: 'not-public' }]);
});

test('only events that start inside the window are listed, and the sync does not count as a whole one', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 80 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const after = new Date();

  const result = await sync(taskQueue, orgId, { window: { after: after.toISOString() } });

  const inside = luma
    .calendar(result.calendarId)
    .visibleEvents()
    .filter((event) => event.start_at >= after);
  expect(result.events.inserted).toBe(inside.length);
  const [organization] = await rig.store.organizations.list();
  expect(organization?.state).toBe('ok');
  expect(organization?.eventsLastSynced).toBeUndefined();
});

test('an organization that is not there, and an input that cannot be used, are named', async () => {
  await rig.startLuma({ calendars: 1 });
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const window = { after: '2026-02-01T00:00:00Z', before: '2026-01-01T00:00:00Z' };
  for (const [type, orgId, input] of [
    ['OrgNotFound', 'nobody-here', {}],
    ['InvalidInput', 'somebody', { window }],
    ['InvalidInput', 'somebody', { dryrun: true }],
  ] as const) {
    expect(await failureOf(await startSync(taskQueue, orgId, input)), orgId).toMatchObject({ type });
  }
});

test('a sync can be found by the search attribute of its organization', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  await sync(taskQueue, orgId);

  const found = async () => {
    const ids: string[] = [];
    for await (const run of temporal.client.workflow.list({ query: `LumaOrgId = '${orgId}'` }))
      ids.push(run.workflowId);
    return ids;
  };
  await expect.poll(found, { timeout: 20_000 }).toEqual([`luma-org-sync/${orgId}`]);
});

test('progress tells the phase, the pages and the events', async () => {
  await rig.startLuma({ calendars: [{ events: 20 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  const result = (await handle.result()) as OrgSyncResult;

  const progress = await handle.query<OrgSyncProgress>('progress');
  expect(progress).toMatchObject({
    ...{ orgId, phase: 'done', pages: 1 },
    ...{ requests: result.requests, events: result.events },
  });
});

test('no activity does nothing: a sync without news needs one, and none on the server', async () => {
  await rig.startLuma({ calendars: [{ events: 20 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const eventsOf = async () => {
    const handle = await startSync(taskQueue, orgId);
    await handle.result();
    return (await handle.fetchHistory()).events ?? [];
  };
  const activitiesIn = (events: Awaited<ReturnType<typeof eventsOf>>) =>
    events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);

  // What the first look has listed is not listed again.
  expect(activitiesIn(await eventsOf())).toEqual([
    ...['upsertEvents', 'fetchEventDetails', 'upsertEvents', 'closeOrgSync'],
  ]);
  const again = await eventsOf();
  expect(activitiesIn(again)).toEqual([]);
  expect(again.filter((event) => event.markerRecordedEventAttributes)).toHaveLength(1);
});

test('no key, no title and no address is in the history', async () => {
  const key = `secret-${randomUUID()}`;
  const luma = await rig.startLuma({ calendars: [{ key, events: 40 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  const { calendarId } = (await handle.result()) as OrgSyncResult;

  const text = await historyText(handle);
  expect(text).toContain(orgId);
  expect(text).not.toContain(key);
  for (const event of luma.calendar(calendarId).events()) {
    expect(text).not.toContain(event.name);
    expect(text).not.toContain(event.id);
    if (event.geo_address_json !== null) expect(text).not.toContain(event.geo_address_json.address);
  }
});

test('every workflow task replays: with a cache of nothing the result is the same', async () => {
  const luma = await rig.startLuma({ calendars: [{ events: 120 }], maxPageSize: 10 });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ slice: { pages: 2 } }), {
    maxCachedWorkflows: 0,
  });

  const result = await sync(taskQueue, orgId);

  expect(result.events.inserted).toBe(luma.calendar(result.calendarId).visibleEvents().length);
});
