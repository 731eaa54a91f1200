import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { StagedPageDoc } from '../../src/mongo/documents.js';
import type { OrgSyncResult } from '../../src/workflows/contract.js';
import { useRig } from '../support/rig.js';
import { deploy } from './support/deployment.js';

// A killed worker's activity is given to another once its heartbeat has been missing for 10 s.
const LIMIT_MS = 180_000;
const waiting = { timeout: 60_000, interval: 20 };
const WORKFLOW_ID = 'luma-org-sync/acme';

const rig = useRig();

async function startSync(client: Client): Promise<void> {
  await client.workflow.start('OrgSyncWorkflow', {
    workflowId: WORKFLOW_ID,
    taskQueue: 'luma-sync',
    args: [{ orgId: 'acme' }],
  });
}

async function resultOf(client: Client): Promise<OrgSyncResult> {
  return (await client.workflow.getHandle(WORKFLOW_ID).result()) as OrgSyncResult;
}

const stagedPages = () => rig.store.db.collection<StagedPageDoc>('staged_pages');
const storedEvents = () => rig.store.db.collection<{ lumaEventId: string }>('events');

async function expectExactlyTheCalendar(): Promise<void> {
  const ids = (await storedEvents().find().toArray()).map(({ lumaEventId }) => lumaEventId);
  const visible = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '').visibleEvents();
  expect(ids.sort()).toEqual(visible.map(({ id }) => id).sort());
}

/** The cursors that pages were asked for by; the first page's is empty. */
function cursorsAsked(): string[] {
  return rig.luma.requests
    .filter(({ path }) => path.endsWith('/events/list'))
    .map(({ query }) => query.pagination_cursor?.[0] ?? '');
}

test(
  'kill -9 in the middle of a listing: another worker goes on behind the staged pages',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ events: 300 }], maxPageSize: 10, latencyMs: 40, limit: 10_000 });
    const { client, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    const first = await startWorker();
    await startSync(client);
    await expect.poll(() => stagedPages().countDocuments(), waiting).toBeGreaterThanOrEqual(13);

    first.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    const [last] = await stagedPages().find().sort({ seq: -1 }).limit(1).toArray();
    expect(last).toMatchObject({ hasMore: true });
    await startWorker();
    const result = await resultOf(client);

    expect(result).toMatchObject({ status: 'complete', pages: 30 });
    await expectExactlyTheCalendar();
    const asked = cursorsAsked();
    expect(new Set(asked).size).toBe(30);
    // At most one request was under way: the one behind the last staged page.
    const again = asked.filter((cursor, index) => asked.indexOf(cursor) !== index);
    expect([[], [last?.nextCursor]]).toContainEqual(again);
  },
);

test(
  'kill -9 while events are being written: every event is there, once',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ events: 1_000 }], latencyMs: 20, limit: 10_000 });
    const { client, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    const first = await startWorker();
    await startSync(client);
    await expect.poll(() => storedEvents().estimatedDocumentCount(), waiting).toBeGreaterThan(0);

    first.kill('SIGKILL');
    await first.ended;
    const { status } = await client.workflow.getHandle(WORKFLOW_ID).describe();
    expect(status.name).toBe('RUNNING');
    await startWorker();

    expect(await resultOf(client)).toMatchObject({ status: 'complete', pages: 20 });
    await expectExactlyTheCalendar();
    expect(await rig.store.db.collection('removed_events').countDocuments()).toBe(0);
  },
);

test(
  'kill -9 inside a first look: another worker looks anew, and nothing is left of the first one',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({
      ...{ calendars: [{ events: 40 }], maxPageSize: 5, limit: 10_000, listDescriptions: true },
    });
    const { client, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    const first = await startWorker();
    await startSync(client);
    await resultOf(client);
    const before = await storedEvents().find().sort({ _id: 1 }).toArray();
    const staged = await stagedPages().countDocuments();

    rig.luma.resetStats();
    rig.luma.calendar(rig.luma.calendars[0]?.id ?? '').setFault({ kind: 'latency', ms: 300 });
    await startSync(client);
    await expect.poll(() => cursorsAsked().length, waiting).toBeGreaterThanOrEqual(3);
    first.kill('SIGKILL');
    await first.ended;
    await startWorker();
    const result = await resultOf(client);

    expect(result).toMatchObject({ status: 'complete', pages: 8 });
    expect(result.events).toMatchObject({ inserted: 0, changed: 0, removed: 0 });
    expect(await storedEvents().find().sort({ _id: 1 }).toArray()).toEqual(before);
    expect(await stagedPages().countDocuments()).toBe(staged);
    const reports = await rig.store.db.collection('sync_runs').find({ kind: 'org' }).toArray();
    expect(reports.map(({ state }) => state as string)).toEqual(['complete', 'complete']);
    // No more than the look itself is repeated.
    expect(cursorsAsked().length).toBeLessThanOrEqual(2 * 8);
  },
);

test(
  'kill -9 while the events of a feed are being written: another worker goes on, and every event is there, once',
  { timeout: LIMIT_MS },
  async () => {
    await rig.startLuma({ calendars: [{ id: 'cal-feed', events: 1_000 }] });
    const { client, startWorker } = await deploy(rig);
    const lumaIcalUrl = `${rig.luma.url}/ics/get?entity=calendar&id=cal-feed`;
    await rig.store.db
      .collection<{ _id: string; lumaIcalUrl: string }>('organizations')
      .insertOne({ _id: 'acme', lumaIcalUrl });
    const first = await startWorker();
    await startSync(client);
    await expect.poll(() => storedEvents().estimatedDocumentCount(), waiting).toBeGreaterThan(0);

    first.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    const { status } = await client.workflow.getHandle(WORKFLOW_ID).describe();
    expect(status.name).toBe('RUNNING');
    await startWorker();

    expect(await resultOf(client)).toMatchObject({ status: 'complete', source: 'ical' });
    await expectExactlyTheCalendar();
    expect(await rig.store.db.collection('events').countDocuments({ revision: { $ne: 1 } })).toBe(0);
    expect(await rig.store.db.collection('removed_events').countDocuments()).toBe(0);
    // Once by each worker that read it; once more where the first look ran out of time on a busy machine.
    expect(rig.luma.stats().byPath['/ics/get']).toBeLessThanOrEqual(3);
    await startSync(client);
    expect((await resultOf(client)).events).toMatchObject({ inserted: 0, changed: 0, removed: 0 });
  },
);
