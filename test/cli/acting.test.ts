import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrganizationDoc } from '../../src/mongo/documents.js';
import { freshNamespace } from '../client/support/namespace.js';
import { startStandInWorker } from '../client/support/worker.js';
import { freshDatabase } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const { db, uri, name } = freshDatabase();
let temporal: Record<string, string>;
let connection: Connection;
let client: Client;
let worker: { stop: () => Promise<void> } | undefined;
let start: () => Promise<{ stop: () => Promise<void> }>;

beforeAll(async () => {
  const settings = await freshNamespace();
  temporal = { TEMPORAL_ADDRESS: settings.address, TEMPORAL_NAMESPACE: settings.namespace };
  connection = await Connection.connect({ address: settings.address });
  client = new Client({ connection, namespace: settings.namespace });
  start = () => startStandInWorker(settings);
  worker = await start();
});
afterAll(async () => {
  await worker?.stop();
  await connection.close();
});

const run = (...args: string[]) => cliHere(args, { ...temporal, MONGODB_URI: uri, MONGODB_DB: name });
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const statusOf = async (id: string) => (await client.workflow.getHandle(id).describe()).status.name;

describe('sync cancel', () => {
  it('of an organization ends its sync, and none other', async () => {
    await run('sync', '--org', 'slow-1', '--detach');
    await run('sync', '--org', 'slow-2', '--detach');
    const canceled = await run('sync', 'cancel', '--org', 'slow-1', '--json');
    expect(canceled.code).toBe(0);
    expect(json(canceled)).toMatchObject([
      { workflowId: 'luma-org-sync/slow-1', orgId: 'slow-1', state: 'canceled' },
    ]);
    expect(await statusOf('luma-org-sync/slow-1')).toBe('CANCELLED');
    expect(await statusOf('luma-org-sync/slow-2')).toBe('RUNNING');
    await run('sync', 'cancel', '--org', 'slow-2');

    const none = await run('sync', 'cancel', '--org', 'slow-1');
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No sync of slow-1 is running.\n' });
    expect((await run('sync', 'cancel')).stderr).toBe('No full sync is running.\n');
  });

  it('refuses options before it: they would be those of a sync', async () => {
    const wrong = await run('sync', '--org', 'slow-3', 'cancel');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('luma-sync sync cancel --org ID');
  });
});

describe('schedule', () => {
  afterEach(() => run('schedule', 'delete'));

  it('apply keeps the times that it is not told to change, and shows old and new of the others', async () => {
    await run('schedule', 'apply', '--cron', 'CRON_TZ=Asia/Tokyo 30 6 * * 1-5');
    const before = json(await run('schedule', 'show', '--json')) as { nextRuns: string[] };
    const same = await run('schedule', 'apply', '--json');
    expect(json(same)).toMatchObject({ outcome: 'unchanged', changes: [], nextRuns: before.nextRuns });
    const changed = await run('schedule', 'apply', '--at', '06:15');
    expect(changed.stderr).toContain('fires: cron CRON_TZ=Asia/Tokyo 30 6 * * 1-5 → daily at 06:15 UTC\n');
    expect(changed.stdout).toMatch(/^next runs {2}\S+ 06:15 UTC\n {11}\S+ 06:15 UTC$/m);
  });

  it('is paused with a note and resumed; apply leaves the pause', async () => {
    expect((await run('schedule', 'pause')).code).toBe(1);
    await run('schedule', 'apply');
    const paused = await run('schedule', 'pause', '--note', 'MongoDB moves, ann');
    expect(paused.code).toBe(0);
    expect(paused.stdout).toContain('sync-luma-events, paused (MongoDB moves, ann)\n');
    expect(json(await run('schedule', 'apply', '--json'))).toMatchObject({
      ...{ paused: true, note: 'MongoDB moves, ann', outcome: 'unchanged' },
    });
    expect(json(await run('schedule', 'resume', '--note', 'moved', '--json'))).toMatchObject({
      ...{ paused: false, note: 'moved' },
    });
    expect((await run('schedule', 'pause', '--note', 'a\u001b[31mb')).code).toBe(2);
  });
});

describe('orgs remove', () => {
  const organizations = db.collection<OrganizationDoc & { plan?: string }>('organizations');
  const OWNED = ['events', 'removed_events', 'held_removals', 'quarantined_entries', 'event_states'];
  const counts = async (orgId: string) =>
    Object.fromEntries(
      await Promise.all(
        OWNED.map(async (collection) => [
          collection,
          await db.collection(collection).countDocuments({ orgId }),
        ]),
      ),
    ) as Record<string, number>;

  beforeEach(async () => {
    await db.dropDatabase();
    await organizations.insertMany([
      { _id: 'slow-org', name: 'A', lumaApiKey: 'secret-a', lumaSync: { state: 'ok' } as never },
      { _id: 'theirs', name: 'B', lumaApiKey: 'secret-b', plan: 'pro' },
      { _id: 'other', name: 'C' },
    ]);
    for (const orgId of ['slow-org', 'theirs', 'other']) {
      for (const collection of OWNED) {
        await db.collection(collection).insertMany([
          { orgId, lumaEventId: 'evt-1', entryKey: 'evt-1' },
          { orgId, lumaEventId: 'evt-2', entryKey: 'evt-2' },
        ]);
      }
      await db.collection('decisions').insertOne({ orgId });
    }
  });

  it('removes it, its events and its records, tells what went, and touches no other', async () => {
    const removed = await run('orgs', 'remove', 'slow-org', '--yes', '--json');
    expect(removed.code).toBe(0);
    expect(json(removed)).toEqual({
      ...{ id: 'slow-org', events: 2, removedEvents: 2, records: 6, document: 'deleted' },
    });
    expect(await organizations.findOne({ _id: 'slow-org' })).toBeNull();
    expect(new Set(Object.values(await counts('slow-org')))).toEqual(new Set([0]));
    expect(new Set(Object.values(await counts('other')))).toEqual(new Set([2]));
    expect(await db.collection('decisions').countDocuments({ orgId: 'slow-org' })).toBe(1);
    expect((await run('orgs', 'remove', 'slow-org', '--yes')).code).toBe(2);
  });

  it('leaves what is the application’s in its document, and the events where that is asked for', async () => {
    const removed = await run('orgs', 'remove', 'theirs', '--yes', '--keep-events');
    expect(removed.code).toBe(0);
    expect(removed.stdout).toBe('removed theirs: 0 events, 0 removed events, 6 records of its syncs\n');
    expect(removed.stderr).toContain('stays without its Luma key');
    expect(await organizations.findOne({ _id: 'theirs' })).toEqual({ _id: 'theirs', name: 'B', plan: 'pro' });
    expect(await counts('theirs')).toMatchObject({ events: 2, removed_events: 2, held_removals: 0 });
  });

  it('asks first, and refuses where nobody can answer or a sync of it runs', async () => {
    const unasked = await run('orgs', 'remove', 'slow-org');
    expect(unasked).toMatchObject({ code: 2, stdout: '' });
    expect(unasked.stderr).toContain('--yes');
    await run('sync', '--org', 'slow-org', '--detach');
    const running = await run('orgs', 'remove', 'slow-org', '--yes');
    expect(running).toMatchObject({ code: 1, stdout: '' });
    expect(running.stderr).toContain('luma-sync sync cancel --org slow-org');
    expect(await counts('slow-org')).toMatchObject({ events: 2 });
    expect(await organizations.countDocuments({ lumaApiKey: 'secret-a' })).toBe(1);
    await run('sync', 'cancel', '--org', 'slow-org');
    expect((await run('orgs', 'remove', 'slow-org', '--yes')).code).toBe(0);
  });
});

describe('sync cancel without a worker', () => {
  it('asks, does not wait for ever, and says how to end it', async () => {
    await worker?.stop();
    worker = undefined;
    await run('sync', '--org', 'slow-alone', '--detach');
    const asked = await run('sync', 'cancel', '--org', 'slow-alone', '--no-wait', '--json');
    expect(asked.code).toBe(0);
    expect(json(asked)).toMatchObject([{ state: 'running' }]);
    await client.workflow.getHandle('luma-org-sync/slow-alone').terminate();
  });
});
