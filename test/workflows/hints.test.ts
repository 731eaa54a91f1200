import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { connectLumaSync } from '../../src/client.js';
import type { OrganizationDoc, SyncRunDoc } from '../../src/mongo/documents.js';
import type { EventsChanged, FullSyncResult, OrgSyncResult } from '../../src/workflows/contract.js';
import { register, serveHere } from '../serve/support.js';
import { failureOf } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

// Hints that some events have changed, as webhooks bring them: from the signal to `events`.
const rig = useRig();
const temporal = useTemporal();
const soon = { timeout: 30_000, interval: 100 };

const simple = (count: number) =>
  Array.from({ length: count }, (_, nth) => ({ id: `evt-${nth}`, name: `Event ${nth}` }));

/** An organization whose calendar was synced, and what its tests look at. */
async function synced(events: number | object[] = simple(20), luma: object = {}) {
  const fake = await rig.startLuma({ calendars: [{ events }], limit: 10_000, ...luma });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const workflowId = `luma-org-sync/${orgId}`;
  const { client } = temporal;
  const start = (input: object = {}) =>
    client.workflow.start('OrgSyncWorkflow', { taskQueue, workflowId, args: [{ orgId, ...input }] });
  const whole = (await (await start()).result()) as OrgSyncResult;
  const calendar = fake.calendar(whole.calendarId);
  fake.resetStats();
  return {
    ...{ fake, calendar, orgId, taskQueue, workflowId, start },
    /** As `serve` sends it. */
    hint: (changed: EventsChanged) =>
      client.workflow.signalWithStart('OrgSyncWorkflow', {
        ...{ taskQueue, workflowId, args: [{ orgId, hinted: true }] },
        ...{ signal: 'eventsChanged', signalArgs: [changed] },
      }),
    stored: async (id: string) =>
      (await rig.store.events.list({ orgId, limit: 2_000 })).find(({ lumaEventId }) => lumaEventId === id),
    titles: async () =>
      new Map(
        (await rig.store.events.list({ orgId, limit: 2_000 })).map(({ lumaEventId, title }) => [
          lumaEventId,
          title,
        ]),
      ),
    /** The first is the sync of the whole calendar. */
    reports: () =>
      rig.store.db.collection<SyncRunDoc>('sync_runs').find({ orgId }).sort({ startedAt: 1 }).toArray(),
    lastSynced: async () =>
      (await rig.store.db.collection<OrganizationDoc>('organizations').findOne({ _id: orgId }))
        ?.eventsLastSynced,
    asked: () => fake.requests.map(({ path, query }) => query.event_id?.[0] ?? path.split('/').at(-1)),
    isOver: async () => (await client.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING',
  };
}

describe('a webhook', () => {
  test('brings an edit, a new event and a cancellation into events, each for one request', async () => {
    const { fake, calendar, orgId, taskQueue, stored, reports, asked, lastSynced } = await synced();
    await register(rig, await serveHere(rig, taskQueue), { calendar, orgId });
    const before = await lastSynced();

    calendar.editEvent('evt-1', { name: 'Another name', description_md: 'Said anew' });
    await expect.poll(() => stored('evt-1'), soon).toMatchObject({ title: 'Another name' });
    calendar.addEvent({ id: 'evt-new', name: 'Brand new', description_md: 'Hello' });
    await expect.poll(() => stored('evt-new'), soon).toMatchObject({ description: 'Hello' });
    calendar.cancel('evt-2');
    await expect.poll(() => stored('evt-2'), soon).toBeUndefined();

    const states = async () => (await reports()).map(({ state, hinted }) => [state, hinted]);
    const complete = ['complete', true];
    await expect.poll(states, soon).toEqual([['complete', undefined], complete, complete, complete]);
    expect(asked()).toEqual(['evt-1', 'evt-new', 'evt-2']);
    expect(await lastSynced()).toEqual(before);
    expect(fake.deliveries.map(({ statuses }) => statuses)).toEqual([[200], [200], [200], [200]]);
  });

  test('in a burst of 1,000 is one short sync, with a request for each event that has changed', async () => {
    const { fake, calendar, orgId, taskQueue, titles, reports, asked, isOver } = await synced();
    await register(rig, await serveHere(rig, taskQueue), { calendar, orgId });
    // What a machine that is busy with other tests answers late would be delivered again, much later.
    fake.setWebhookTrouble({ answerMs: 60_000 });
    const begunAt = performance.now();
    for (let nth = 0; nth < 1_000; nth++) calendar.editEvent(`evt-${nth % 20}`, { name: `Edition ${nth}` });
    await fake.delivered();
    const tookMs = performance.now() - begunAt;
    await expect
      .poll(() => titles(), soon)
      .toEqual(new Map(Array.from({ length: 20 }, (_, nth) => [`evt-${nth}`, `Edition ${980 + nth}`])));
    await expect.poll(isOver, soon).toBe(true);
    // Three seconds without a delivery end a burst: a machine that stands still for so long makes several of one.
    const bursts = 1 + Math.floor(tookMs / 3_000);
    const syncs = (await reports()).length - 1;
    expect(syncs, `syncs in ${Math.round(tookMs)} ms`).toBeLessThanOrEqual(bursts);
    expect(asked().length, 'requests').toBeLessThanOrEqual(20 * syncs);
    const { events } = await temporal.client.workflow.getHandle(`luma-org-sync/${orgId}`).fetchHistory();
    // A signal each tenth of a second.
    expect(events?.length, 'events in the history').toBeLessThan(200 + tookMs / 15);
  });
});

test('a hint that a listing has to answer is answered by one, also where many come at once', async () => {
  const { calendar, hint, stored, reports, asked, lastSynced } = await synced();
  const before = (await lastSynced())?.getTime() ?? 0;
  calendar.addEvent({ id: 'calev-1', platform: 'external', name: 'Elsewhere' });
  await Promise.all(Array.from({ length: 20 }, () => hint({ ids: ['calev-1'], many: true })));
  await expect.poll(() => stored('calev-1'), soon).toMatchObject({ title: 'Elsewhere' });
  await expect
    .poll(async () => (await reports()).map(({ state, pages, hinted }) => [state, pages, hinted]), soon)
    .toEqual([
      ['complete', 1, undefined],
      ['complete', 1, undefined],
    ]);
  expect(asked().filter((what) => what === 'list')).toHaveLength(1);
  expect((await lastSynced())?.getTime()).toBeGreaterThan(before);
});

test('a hint about an organization that has a feed in place of its key is answered by that', async () => {
  const { fake, calendar, orgId, hint, reports, isOver } = await synced();
  const lumaIcalUrl = `${fake.url}/ics/get?entity=calendar&id=${calendar.id}`;
  await rig.store.db
    .collection<OrganizationDoc>('organizations')
    .updateOne({ _id: orgId }, { $set: { lumaIcalUrl }, $unset: { lumaApiKey: '' } });
  await hint({ ids: ['evt-1'] });
  await expect.poll(isOver, soon).toBe(true);
  expect((await reports()).slice(1).map(({ state, hinted, source }) => [state, hinted, source])).toEqual([
    ['complete', true, undefined],
    ['complete', undefined, 'ical'],
  ]);
});

test('an event that was transferred away leaves by the listing that its hint leads to', async () => {
  const { calendar, hint, stored, reports } = await synced();
  calendar.transfer('evt-3');
  await hint({ ids: ['evt-3'] });
  await expect.poll(() => stored('evt-3'), soon).toBeUndefined();
  await expect
    .poll(async () => (await reports()).map(({ hinted, state }) => [hinted, state]), soon)
    .toEqual([
      [undefined, 'complete'],
      [true, 'complete'],
      [undefined, 'complete'],
    ]);
  expect(await rig.store.db.collection('removed_events').findOne({ lumaEventId: 'evt-3' })).toMatchObject({
    removalReason: 'no-longer-managed',
  });
});

describe('while another sync is under way', () => {
  test('a hint is followed after it, though the page that showed the event was read before', async () => {
    const { calendar, fake, start, hint, stored, workflowId, isOver } = await synced(simple(30), {
      maxPageSize: 10,
    });
    calendar.setFault({ kind: 'latency', endpoint: 'list', onRequest: 2, times: 1, ms: 1_500 });
    calendar.editEvent('evt-29', { name: 'News, so that it takes its time' });
    const handle = await start();
    await expect.poll(() => fake.requests.filter(({ path }) => path.endsWith('/list')).length, soon).toBe(2);
    const first = calendar.events()[0]?.id ?? '';
    calendar.editEvent(first, { name: 'Too late for the first page' });
    await hint({ ids: [first] });
    const result = (await handle.result()) as OrgSyncResult;
    expect(result).toMatchObject({ status: 'complete', pages: 3, events: { seen: 30 } });
    expect(result.hinted).toBeUndefined();
    expect(await stored(first)).toMatchObject({ title: 'Too late for the first page' });
    expect(await isOver()).toBe(true);
    expect(workflowId).toBe(handle.workflowId);
  });

  test('a hint that comes during a dry run is no dry run', async () => {
    const { calendar, fake, start, hint, stored } = await synced();
    calendar.setFault({ kind: 'latency', endpoint: 'list', times: 1, ms: 1_000 });
    calendar.editEvent('evt-1', { name: 'Another name' });
    const handle = await start({ dryRun: true });
    await expect.poll(() => fake.requests.filter(({ path }) => path.endsWith('/list')).length, soon).toBe(1);
    await hint({ ids: ['evt-1'] });
    expect(await handle.result()).toMatchObject({ dryRun: true, events: { changed: 1 } });
    expect(await stored('evt-1')).toMatchObject({ title: 'Another name' });
  });

  test('hints are followed also where that sync fails, and its failure is the workflow’s', async () => {
    const { calendar, fake, start, hint, stored } = await synced();
    calendar.setFault({ kind: 'rejected-key', endpoint: 'list', times: 1 });
    calendar.setFault({ kind: 'latency', endpoint: 'list', times: 1, ms: 1_000 });
    calendar.editEvent('evt-1', { name: 'Another name' });
    const handle = await start({ pageDelayMs: 1 });
    await expect.poll(() => fake.requests.length, soon).toBeGreaterThanOrEqual(2);
    await hint({ ids: ['evt-1'] });
    expect((await failureOf(handle)).type).toBe('LumaKeyRejected');
    expect(await stored('evt-1')).toMatchObject({ title: 'Another name' });
  });
});

describe('a sync of single events', () => {
  /** That takes a second. */
  async function slow() {
    const desk = await synced();
    desk.calendar.setFault({ kind: 'latency', endpoint: 'event', times: 1, ms: 1_500 });
    const handle = await desk.hint({ ids: ['evt-1'] });
    await expect.poll(() => desk.asked(), soon).toEqual(['evt-1']);
    return { ...desk, handle };
  }

  test('is followed by a whole one where the daily full sync has met it', async () => {
    const { taskQueue, handle, reports, lastSynced, orgId } = await slow();
    const before = (await lastSynced())?.getTime() ?? 0;
    const full = (await temporal.client.workflow.execute('FullSyncWorkflow', {
      ...{ workflowId: `full-${randomUUID()}`, taskQueue, args: [{}] },
    })) as FullSyncResult;
    expect(full).toMatchObject({ orgs: { alreadySyncing: 1, failed: 0 }, alreadySyncing: [{ orgId }] });
    expect(await handle.result()).toMatchObject({ status: 'complete', pages: 1 });
    expect((await reports()).map(({ hinted }) => hinted)).toEqual([undefined, true, undefined]);
    expect((await lastSynced())?.getTime()).toBeGreaterThan(before);
  });

  test('is followed by a whole one for who asks for one, and waits for it', async () => {
    const { taskQueue, orgId } = await slow();
    const { address } = temporal;
    const settings = { address, namespace: 'default', connectionOptions: { address } };
    const lumaSync = connectLumaSync({ temporal: settings }, { taskQueue });
    try {
      const run = await lumaSync.syncOrgEvents(orgId, { full: true });
      expect(run.alreadyRunning).toBe(true);
      const result = await run.result();
      expect(result).toMatchObject({ status: 'complete', pages: 1, events: { seen: 20 } });
      expect(result.hinted).toBeUndefined();
    } finally {
      await lumaSync.close();
    }
  });

  test('that fails ends the workflow by name, and leaves nothing that is tried for ever', async () => {
    const { calendar, hint, reports } = await synced();
    calendar.setFault({ kind: 'rejected-key' });
    const handle = await hint({ ids: ['evt-1', 'calev-1'] });
    expect((await failureOf(handle)).type).toBe('LumaKeyRejected');
    expect((await reports()).map(({ state }) => state)).toEqual(['complete', 'failed', 'failed']);
  });

  test('takes what can be used of a signal that anybody may have sent', async () => {
    const { calendar, hint, stored, workflowId } = await synced();
    calendar.editEvent('evt-1', { name: 'Another name' });
    const odd = [null, 'evt-1', { ids: 'evt-1' }, { ids: [1, null, 'evt-1/../x', 'evt-1'] }];
    const handle = await hint({ ids: [] });
    for (const one of odd) {
      await temporal.client.workflow
        .getHandle(workflowId)
        .signal('eventsChanged', one)
        .catch(() => undefined);
    }
    await handle.result();
    await hint({ ids: ['evt-1'] });
    await expect.poll(() => stored('evt-1'), soon).toMatchObject({ title: 'Another name' });
  });
});

test('no hint is lost, whenever it comes in the life of a sync', async () => {
  const count = 30;
  const { calendar, hint, titles, isOver } = await synced(simple(count));
  // From one hint to the next, all moments of a sync are met, its end among them.
  for (let nth = 0; nth < count; nth++) {
    calendar.editEvent(`evt-${nth}`, { name: `Changed ${nth}` });
    await hint({ ids: [`evt-${nth}`] });
    await delay((nth * 37) % 500);
  }
  await expect.poll(isOver, soon).toBe(true);
  expect(await titles()).toEqual(
    new Map(Array.from({ length: count }, (_, nth) => [`evt-${nth}`, `Changed ${nth}`])),
  );
});
