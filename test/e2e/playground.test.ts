import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON, type Document } from 'mongodb';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { DEMO_CALENDARS } from '../../src/cli/embedded/demo-organizations.js';
import type { OrganizationDoc } from '../../src/mongo/documents.js';
import { useRig } from '../support/rig.js';
import { deploy, type Deployment } from './support/deployment.js';
import { type Executable, luma, startExecutable } from './support/executable.js';

const rig = useRig();
const LIMIT_MS = 180_000;

/** Settings as the README's, of somebody who then tries `demo` or `dev`. */
let realRing: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'luma-sync-test-'));
  realRing = join(folder, 'luma-sync.keyring');
});

interface Production extends Deployment {
  /** Everything in the real database, and what runs and is scheduled on the real Temporal. */
  snapshot(): Promise<object>;
}

/** A deployment with organizations, events and a schedule; its worker is stopped. */
async function production(): Promise<Production> {
  await rig.startLuma({ calendars: [{ events: 20 }, { events: 5 }], limit: 10_000 });
  const deployment = await deploy(rig);
  const { env, client } = deployment;
  await writeFile(realRing, `${env.LUMA_SYNC_KEYRING ?? ''}\n`, { mode: 0o600 });
  delete env.LUMA_SYNC_KEYRING;
  env.LUMA_SYNC_KEYRING_FILE = realRing;
  await deployment.addOrganization('acme', 0);
  // Of the same id and name as one of the demo's.
  const [harbour] = DEMO_CALENDARS;
  await rig.store.db.collection<OrganizationDoc>('organizations').insertOne({
    _id: 'harbour',
    name: harbour?.name ?? '',
    lumaApiKey: rig.luma.calendars[1]?.key ?? '',
  });
  const worker = await deployment.startWorker();
  expect((await luma(['sync'], env)).code).toBe(0);
  worker.kill('SIGTERM');
  await worker.ended;
  expect((await luma(['schedule', 'apply', '--at', '06:30'], env)).code).toBe(0);

  return {
    ...deployment,
    async snapshot() {
      const { db } = rig.store;
      const collections: [string, string[], Document[]][] = [];
      for (const { name } of await db.listCollections().toArray()) {
        const documents = await db.collection(name).find().sort({ _id: 1 }).toArray();
        const raw = documents.map((each) => Buffer.from(BSON.serialize(each)).toString('base64'));
        collections.push([name, raw, await db.collection(name).indexes()]);
      }
      collections.sort(([a], [b]) => a.localeCompare(b));
      const { info, ...schedule } = await client.schedule.getHandle('sync-luma-events').describe();
      return { collections, schedule: JSON.stringify(schedule.spec), taken: info.numActionsTaken };
    },
  };
}

/** What a `demo` or `dev` that has ended left on the servers: nothing, it should be. */
async function leftOn({ client }: Deployment): Promise<object> {
  const { databases } = await rig.store.db.admin().listDatabases({ nameOnly: true });
  const running: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    if (!workflowId.startsWith('temporal-sys-scheduler')) running.push(workflowId);
  }
  const schedules: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) schedules.push(scheduleId);
  return {
    databases: databases.map(({ name }) => name).filter((name) => /^luma_sync(_demo|_dev|$)/.test(name)),
    running,
    schedules,
  };
}

const NOTHING_MORE = { databases: [], running: [], schedules: ['sync-luma-events'] };

/** Temporal's lists lag behind for a moment. */
async function expectNothingLeft(deployment: Deployment, besides: object = {}): Promise<void> {
  await vi.waitFor(
    async () => expect(await leftOn(deployment)).toEqual({ ...NOTHING_MORE, ...besides }),
    { timeout: 10_000, interval: 100 },
  );
}

test('the demo on servers of a real deployment changes nothing there, and leaves nothing', async () => {
  const real = await production();
  const before = await real.snapshot();
  const { code, stdout, stderr } = await luma(['demo'], real.env);

  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^harbour .* ok /m);
  expect(stdout).toMatch(/\(db\.luma_sync_demo_[0-9a-f]{8}\.events\)/);
  expect(stderr).toMatch(/^Everything made on servers of yours is called demo-[0-9a-f]{8}/m);
  for (const ignored of ['LUMA_SYNC_KEYRING_FILE', 'MONGODB_DB', 'LUMA_BASE_URL']) {
    expect(stderr).toMatch(new RegExp(`^${ignored}: not read`, 'm'));
  }
  await expectNothingLeft(real);
  expect(await real.snapshot()).toEqual(before);

  // Nothing is in the way of the next real sync, and its keys still open.
  await real.startWorker();
  const synced = await luma(['sync', '--json'], real.env);
  expect(JSON.parse(synced.stdout)).toMatchObject({
    status: 'complete',
    orgs: { total: 2, completed: 2, alreadySyncing: 0 },
  });
}, LIMIT_MS);

test('dev on servers of a real deployment takes none of its work, and a second terminal is led to its own', async () => {
  const real = await production();
  const { LUMA_BASE_URL: _, ...env } = real.env;
  const before = await real.snapshot();
  const dev = startExecutable(['dev', '--json'], env);
  await dev.saw('"settings"');
  // Started on the real queue: it waits for a real worker.
  const detached = await luma(['sync', '--detach'], env);
  expect(detached.code).toBe(0);

  const terminal = { ...env, ...(await printedSettings(dev)) };
  expect(terminal.LUMA_SYNC_SCOPE).toMatch(/^dev-[0-9a-f]{8}$/);
  const synced = await luma(['sync', '--json'], terminal);
  expect({ code: synced.code, stderr: synced.stderr }).toMatchObject({ code: 3 });
  expect(JSON.parse(synced.stdout)).toMatchObject({ orgs: { total: 3, completed: 2, failed: 1 } });
  const events = await luma(['events', '--json', '--limit', '1'], terminal);
  expect(events.stdout).toContain('"orgId"');
  expect((await luma(['schedule', 'apply'], terminal)).code).toBe(0);
  expect(await real.snapshot()).toEqual(before);

  dev.kill('SIGTERM');
  expect(await dev.ended).toMatchObject({ code: 143 });
  await expectNothingLeft(real, { running: ['luma-full-sync'] });
  expect(await real.snapshot()).toEqual(before);

  await real.startWorker();
  const joined = await luma(['sync', '--json'], real.env);
  expect(JSON.parse(joined.stdout)).toMatchObject({ status: 'complete', orgs: { completed: 2 } });
}, LIMIT_MS);

async function printedSettings(dev: Executable): Promise<Record<string, string>> {
  const line = await dev.line('"settings"');
  return (JSON.parse(line) as { settings: Record<string, string> }).settings;
}

describe('on somebody’s servers, whenever it is ended,', () => {
  test.each([
    ['demo', 'Starting the servers', 'SIGHUP', 129],
    ['demo', 'is called demo-', 'SIGINT', 130],
    ['demo', 'Triggering it now', 'SIGTERM', 143],
    ['demo', 'paused until', 'SIGHUP', 129],
    ['dev', 'is called dev-', 'SIGTERM', 143],
  ] as const)('%s at “%s” by %s leaves nothing', async (command, stage, signal, code) => {
    const real = await production();
    const before = await real.snapshot();
    const started = startExecutable([command], real.env);
    await started.saw(stage);
    started.kill(signal);
    // npm and a closing terminal say it twice.
    started.kill(signal);
    expect(await started.ended).toMatchObject({ code, signal: null });
    await expectNothingLeft(real);
    expect(await real.snapshot()).toEqual(before);
  }, LIMIT_MS);
});
