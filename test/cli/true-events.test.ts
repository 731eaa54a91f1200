import { createHash } from 'node:crypto';
import { inject, afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Document } from 'mongodb';
import { createLogger } from '../../src/logger.js';
import { type RunningWorker, startWorker } from '../../src/worker.js';
import { installRuntime } from '../../src/worker/runtime.js';
import { freshNamespace } from '../client/support/namespace.js';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

/** The commands that keep the events true, on the real workflows, a real MongoDB and a fake Luma. */
const rig = useRig();
let env: Record<string, string>;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  installRuntime(createLogger('silent'));
  const temporal = await freshNamespace();
  const { address, namespace } = temporal;
  env = {
    ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    ...{ MONGODB_URI: mongoUri(), MONGODB_DB: rig.store.db.databaseName },
  };
});
afterAll(() => worker?.stop());

let orgId: string;

/** Each test has a Luma of its own, on a port of its own: a worker for each. */
beforeEach(async () => {
  await worker?.stop();
  await rig.startLuma({ calendars: [{ events: 0 }, { events: 3 }], seed: 7 });
  for (let n = 0; n < 12; n++) calendar().addEvent({ id: `evt-${n}`, name: `Talk ${n}` });
  orgId = await rig.addOrganization();
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = env;
  worker = await startWorker({
    temporal: { address, namespace, connectionOptions: { address } },
    activities: rig.dependencies(),
    logger: createLogger('silent'),
    workflowBundlePath: inject('workflowBundlePath'),
  });
});

function calendar(nth = 0) {
  return rig.luma.calendar(rig.luma.calendars[nth]?.id ?? '');
}

const run = (...args: string[]): Promise<CliResult> => cliHere(args, env);
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

async function sync(): Promise<CliResult> {
  const result = await run('sync', '--org', orgId);
  expect(result.code).toBe(0);
  return result;
}

async function storedIds(): Promise<string[]> {
  const events = await rig.store.events.list({ orgId, limit: 100 });
  return events.map(({ lumaEventId }) => lumaEventId).sort();
}

/** All that is stored except reports, as one value. */
async function database(): Promise<string> {
  const { db } = rig.store;
  const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
  const contents: [string, Document[]][] = [];
  for (const name of names.filter((one) => one !== 'sync_runs')) {
    contents.push([name, await db.collection(name).find().sort({ _id: 1 }).toArray()]);
  }
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex');
}

describe('sync --dry-run', () => {
  it('shows what would happen to which event, and writes nothing but its report', async () => {
    await sync();
    calendar().addEvent({ id: 'evt-new', name: 'Brand new' });
    calendar().editEvent('evt-1', { name: 'Talk one' });
    calendar().hide('evt-2');
    calendar().cancel('evt-3');
    const before = await database();

    const { code, stdout } = await run('sync', '--org', orgId, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(`Dry run of ${orgId} complete`);
    expect(stdout).toContain('would be inserted: 1\n    evt-new  Brand new\n');
    expect(stdout).toContain('would change: 1\n    evt-1  Talk 1\n      title: "Talk 1" → "Talk one"\n');
    expect(stdout).toMatch(/would be removed: 2\n {4}evt-2 .* \(not-public\)\n {4}evt-3 .* \(canceled\)\n/);
    expect(stdout).toContain('could not know: descriptions');
    expect(await database()).toBe(before);

    const asJson = json(await run('sync', '--org', orgId, '--dry-run', '--json'));
    expect(asJson).toMatchObject({
      dryRun: true,
      preview: { inserted: [{ lumaEventId: 'evt-new' }], removed: [{ reason: 'canceled' }], held: [] },
    });
    expect(await database()).toBe(before);
  });

  it('of all organizations shows each, those of its own run only', async () => {
    const other = await rig.addOrganization(1);
    await run('sync', '--dry-run');
    const before = await database();
    const result = await run('sync', '--dry-run', '--json');
    expect(result.code).toBe(0);
    const { dryRun, organizations } = json(result) as { dryRun: boolean; organizations: Document[] };
    expect(dryRun).toBe(true);
    expect(organizations.map((one) => one.orgId as string).sort()).toEqual([orgId, other].sort());
    const text = await run('sync', '--dry-run');
    expect(text.stdout).toContain('would be inserted: 12\n');
    expect(text.stdout).toContain('Dry run of a full sync complete');
    expect(await database()).toBe(before);
    expect(await storedIds()).toEqual([]);
  });

  it('in a database that is not the worker’s says so', async () => {
    const { code, stderr } = await cliHere(['sync', '--org', orgId, '--dry-run'], {
      ...env,
      MONGODB_DB: 'elsewhere',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('check that MONGODB_URI and MONGODB_DB are the worker');
  });
});

describe('removals', () => {
  beforeEach(async () => {
    await sync();
    for (let n = 0; n < 6; n++) calendar().cancel(`evt-${n}`);
    const { stdout } = await sync();
    expect(stdout).toMatch(/\d removals wait for a decision: luma-sync removals list --org/);
  });

  it('are listed, approved and then removed; one that Luma has again stays', async () => {
    const listed = await run('removals', 'list', '--org', orgId);
    expect(listed.stdout).toMatch(/evt-0 .* Talk 0 +canceled .* waiting/);
    expect(listed.stderr).toContain(`luma-sync removals approve --org ${orgId} --all`);
    expect((await run('orgs', 'list')).stdout).toContain('6 removals to decide on');

    const approved = await run('removals', 'approve', '--org', orgId, '--all', '--json');
    expect(json(approved)).toMatchObject({ decided: 6, waiting: 0, alreadyGone: [] });
    expect(approved.stderr).toContain(`luma-sync sync --org ${orgId}`);
    expect((await run('orgs', 'list')).stdout).not.toContain('to decide on');
    expect(await storedIds()).toHaveLength(12);

    calendar().addEvent({ id: 'evt-0', name: 'Talk 0' });
    await sync();
    expect(await storedIds()).toEqual(['evt-0', ...[6, 7, 8, 9, 10, 11].map((n) => `evt-${n}`)].sort());
    expect(json(await run('removals', 'list', '--json'))).toEqual([]);
  });

  it('that are rejected stay, and are not asked about again', async () => {
    const some = await run('removals', 'reject', '--org', orgId, 'evt-0', 'evt-1');
    expect(some.stdout).toBe('2 removals rejected\n');
    expect(some.stderr).toContain(`4 removals of ${orgId} still to decide on`);
    await run('removals', 'reject', '--org', orgId, '--all');
    expect((await sync()).stdout).not.toContain('wait for a decision');
    expect(await storedIds()).toHaveLength(12);
  });

  it('that are not held back, or of an unknown organization, are refused as a whole', async () => {
    const wrong = await run('removals', 'approve', '--org', orgId, 'evt-0', 'evt-11');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain(`evt-11 is held back`);
    expect(wrong.stderr).toContain(`luma-sync removals list --org ${orgId}`);
    expect(json(await run('removals', 'list', '--json'))).toHaveLength(6);
    expect((await run('removals', 'list')).stdout).not.toContain('approved');
    for (const args of [['list'], ['approve', '--all']]) {
      const unknown = await run('removals', ...args, '--org', 'nobody');
      expect(unknown.code).toBe(2);
      expect(unknown.stderr).toContain('luma-sync orgs list');
    }
  });
});

describe('orgs rebind', () => {
  it('lets the organization be of the calendar that its key opens now', async () => {
    await sync();
    const { id } = calendar();
    await rig.store.db
      .collection<{ _id: string }>('organizations')
      .updateOne({ _id: orgId }, { $set: { lumaApiKey: rig.luma.calendars[1]?.key } });
    const refused = await run('sync', '--org', orgId);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('LumaCalendarChanged');

    const rebound = await run('orgs', 'rebind', orgId);
    expect(rebound.code).toBe(0);
    expect(rebound.stdout).toContain(id);
    expect(rebound.stderr).toContain(`luma-sync sync --org ${orgId}`);
    expect((await sync()).stdout).toContain(calendar(1).id);
    expect(json(await run('removals', 'list', '--json'))).not.toEqual([]);

    expect(json(await run('orgs', 'rebind', orgId, '--json'))).toEqual({
      id: orgId,
      forgotten: calendar(1).id,
    });
    expect(json(await run('orgs', 'rebind', orgId, '--json'))).toEqual({ id: orgId, forgotten: null });
    const unknown = await run('orgs', 'rebind', 'nobody');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('quarantine', () => {
  it('is listed, and retried: 3 while entries are still there, 0 once all have left', async () => {
    expect(json(await run('quarantine', 'retry', '--json'))).toEqual({
      left: [],
      remaining: [],
      failures: [],
    });
    const faults = [
      calendar().setFault({ kind: 'override', fields: { start_at: 'soon' }, eventId: 'evt-1' }),
      calendar().setFault({ kind: 'override', fields: { id: '' }, eventId: 'evt-2' }),
    ];
    expect((await sync()).stdout).toContain('2 entries that cannot be trusted: luma-sync quarantine list');
    const listed = await run('quarantine', 'list', '--org', orgId);
    expect(listed.stdout).toMatch(/ evt-1 +start_at: /);
    expect(listed.stdout).toMatch(/ – +id: /);
    expect(listed.stdout).not.toContain('soon');

    calendar().clearFaults(faults[0]);
    const partly = await run('quarantine', 'retry', '--org', orgId);
    expect(partly.code).toBe(3);
    expect(partly.stdout).toMatch(/^left +\S+ {2}evt-1$/m);
    expect(partly.stdout).toMatch(/^still there +\S+ {2}an entry without an id: id /m);

    calendar().clearFaults();
    const retried = await run('quarantine', 'retry', '--json');
    expect(retried.code).toBe(0);
    expect(json(retried)).toMatchObject({ left: [{ orgId, lumaEventId: null }], remaining: [] });
    expect(json(await run('quarantine', 'list', '--json'))).toEqual([]);
    expect((await run('quarantine', 'list', '--org', 'nobody')).code).toBe(2);
  });

  it('retried where the sync fails says so, and exits 3', async () => {
    const fault = calendar().setFault({ kind: 'override', fields: { start_at: null }, eventId: 'evt-1' });
    await sync();
    calendar().clearFaults(fault);
    calendar().setFault({ kind: 'rejected-key' });
    const result = await run('quarantine', 'retry', '--json');
    expect(result.code).toBe(3);
    expect(json(result)).toMatchObject({
      left: [],
      remaining: [{ lumaEventId: 'evt-1' }],
      failures: [{ orgId, type: 'LumaKeyRejected' }],
    });
  });
});
