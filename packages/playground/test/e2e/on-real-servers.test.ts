import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON } from 'mongodb';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { DEMO_CALENDARS } from '../../src/demo-organizations.js';
import { connectLumaSync, type FullSyncResult, type LumaSync, readConfig } from '../../../../src/client.js';
import { createLogger } from '../../../../src/logger.js';
import type { OrganizationDoc } from '../../../../src/mongo/documents.js';
import { generateKeyring, parseKeyring } from '../../../../src/secrets/keyring.js';
import { seal } from '../../../../src/secrets/sealed-key.js';
import { startWorker } from '../../../../src/worker.js';
import { installRuntime } from '../../../../src/worker/runtime.js';
import { useRig } from '../../../../test/support/rig.js';
import { cliHere } from '../../../../test/cli/support/run.js';
import { deploy, type Deployment } from '../../../../test/e2e/support/deployment.js';
import { startExecutable } from '../../../../test/e2e/support/executable.js';
import { startPlayground } from './start-playground.js';

const rig = useRig();
const LIMIT_MS = 180_000;

interface Production extends Deployment {
  lumaSync: LumaSync;
  /** Everything in the database, byte by byte, and the schedule. */
  snapshot(): Promise<object>;
  /** A worker of the real deployment ends what its queue holds, and syncs. */
  sync(): Promise<FullSyncResult>;
}

/** A deployment with the settings of the README, organizations with sealed keys, an event and a schedule. */
async function production(): Promise<Production> {
  await rig.startLuma({ calendars: [{ events: 20 }, { events: 5 }], limit: 10_000 });
  const deployment = await deploy(rig);
  const { db } = rig.store;
  const { env } = deployment;

  const folder = await mkdtemp(join(tmpdir(), 'luma-sync-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const ring = generateKeyring();
  env.LUMA_SYNC_KEYRING_FILE = join(folder, 'luma-sync.keyring');
  await writeFile(env.LUMA_SYNC_KEYRING_FILE, ring, { mode: 0o600 });
  delete env.LUMA_SYNC_KEYRING;
  const keyring = parseKeyring(ring);

  // One of them has the id and the name of one of the demo's.
  const names = { acme: 'Acme', harbour: DEMO_CALENDARS[0]?.name ?? '' };
  await db.collection<OrganizationDoc>('organizations').insertMany(
    Object.entries(names).map(([_id, name], calendar) => ({
      _id,
      name,
      lumaApiKey: seal(keyring, _id, rig.luma.calendars[calendar]?.key ?? ''),
    })),
  );
  await db.collection('events').insertOne({ orgId: 'harbour', lumaEventId: 'evt-other', title: 'Held' });
  const { temporal } = readConfig(env, ['temporal']);
  const lumaSync = connectLumaSync({ temporal });
  onTestFinished(() => lumaSync.close());
  await lumaSync.schedule.apply({ at: '06:30' });

  return {
    ...deployment,
    lumaSync,
    async snapshot() {
      const collections: [string, string[], object[]][] = [];
      for (const { name } of await db.listCollections().toArray()) {
        const documents = await db.collection(name).find().sort({ _id: 1 }).toArray();
        const bytes = documents.map((each) => Buffer.from(BSON.serialize(each)).toString('base64'));
        collections.push([name, bytes, await db.collection(name).indexes()]);
      }
      collections.sort(([a], [b]) => a.localeCompare(b));
      const { when, paused, overlap, recentRuns } = await lumaSync.schedule.show();
      return { collections, schedule: { when, paused, overlap, recentRuns } };
    },
    async sync() {
      await db.collection('events').deleteMany({});
      // It ends with the worker.
      installRuntime(createLogger('silent'));
      const worker = await startWorker({
        temporal,
        activities: rig.dependencies({ keyring }),
        logger: createLogger('silent'),
        workflowBundlePath: inject('workflowBundlePath'),
      });
      try {
        return await (await lumaSync.runFullEventSync()).result();
      } finally {
        await worker.stop();
      }
    },
  };
}

/** Of demo and dev, and of what runs and is scheduled. */
async function leftOn({ client }: Deployment): Promise<object> {
  const { databases } = await rig.store.db.admin().listDatabases({ nameOnly: true });
  const running: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    if (!workflowId.startsWith('temporal-sys-scheduler')) running.push(workflowId);
  }
  const schedules: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) schedules.push(scheduleId);
  return {
    databases: databases.map(({ name }) => name).filter((name) => name.startsWith('luma_sync')),
    running,
    schedules,
  };
}

/** Nothing more than what was there. Temporal's lists lag behind for a moment. */
async function expectNothingLeft(deployment: Deployment, running: readonly string[] = []): Promise<void> {
  const expected = { databases: [], running, schedules: ['sync-luma-events'] };
  await vi.waitFor(async () => expect(await leftOn(deployment)).toEqual(expected), {
    timeout: 10_000,
    interval: 100,
  });
}

test(
  'the demo on servers of a real deployment changes nothing there, and leaves nothing',
  { timeout: LIMIT_MS },
  async () => {
    const real = await production();
    const before = await real.snapshot();
    const { code, stdout, stderr } = await startPlayground(['demo'], real.env).ended;

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^harbour .* ok /m);
    expect(stdout).toMatch(/\(db\.luma_sync_demo_[0-9a-f]{8}\.events\)/);
    expect(stderr).toMatch(/^ {2}Everything made on servers of yours is called demo-[0-9a-f]{8}/m);
    for (const ignored of ['LUMA_SYNC_KEYRING_FILE', 'MONGODB_DB', 'LUMA_BASE_URL']) {
      expect(stderr).toMatch(new RegExp(`^${ignored}: not read`, 'm'));
    }
    await expectNothingLeft(real);
    expect(await real.snapshot()).toEqual(before);
    // Nothing is in the way of the next real sync, and the keys still open.
    expect(await real.sync()).toMatchObject({ status: 'complete', orgs: { completed: 2 } });
  },
);

test(
  'dev on servers of a real deployment takes none of its work, and leads a second terminal to its own',
  { timeout: LIMIT_MS },
  async () => {
    const real = await production();
    const before = await real.snapshot();
    const { LUMA_BASE_URL: realLuma = '', ...env } = real.env;
    const dev = startPlayground(['dev', '--json'], env);
    await dev.saw('"fromEnvironment"');
    await real.lumaSync.runFullEventSync();

    const { settings } = JSON.parse(dev.written.stdout) as { settings: Record<string, string> };
    expect(settings.LUMA_BASE_URL).not.toBe(realLuma);
    const terminal = { ...env, ...settings };
    const { code, stdout } = await cliHere(['sync', '--json'], terminal);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ orgs: { total: 3, completed: 2, failed: 1 } });
    const config = readConfig(terminal, ['temporal', 'mongo']);
    const second = connectLumaSync(config);
    onTestFinished(() => second.close());
    expect((await second.orgs.list()).map(({ id }) => id)).toEqual(['compiler', 'harbour', 'night']);
    await second.schedule.apply();
    const worker = startExecutable(['worker'], terminal);
    await worker.saw(`"taskQueue":"luma-sync/${String(config.scope)}"`);
    worker.kill('SIGTERM');
    await worker.ended;

    dev.kill('SIGTERM');
    expect(await dev.ended).toMatchObject({ code: 143 });
    // The real sync waits for a real worker.
    await expectNothingLeft(real, ['luma-full-sync']);
    expect(await real.snapshot()).toEqual(before);
    expect(await real.sync()).toMatchObject({ status: 'complete', orgs: { completed: 2 } });
  },
);

test(
  'demo and dev on somebody’s servers leave nothing, whenever and however they are ended',
  { timeout: LIMIT_MS },
  async () => {
    const real = await production();
    const before = await real.snapshot();
    const stages = [
      ['demo', 'Starting the servers', 'SIGHUP', 129],
      ['demo', 'is called demo-', 'SIGINT', 130],
      ['demo', 'Triggering it now', 'SIGTERM', 143],
      ['demo', 'paused until', 'SIGHUP', 129],
      ['demo', 'paused until', 'nobody reads its output', 0],
      ['dev', 'is called dev-', 'SIGTERM', 143],
    ] as const;
    const ended = stages.map(async ([command, stage, how]) => {
      const started = startPlayground([command], real.env);
      await started.saw(stage);
      if (how === 'nobody reads its output') {
        started.closeOutput();
      } else {
        started.kill(how);
        // npm and a closing terminal say it twice.
        started.kill(how);
      }
      return [command, stage, how, (await started.ended).code];
    });
    expect(await Promise.all(ended)).toEqual(stages);
    await expectNothingLeft(real);
    expect(await real.snapshot()).toEqual(before);
  },
);

test('a namespace that does not exist is refused before anything is made', async () => {
  const real = await production();
  const { code, stderr } = await startPlayground(['demo'], { ...real.env, TEMPORAL_NAMESPACE: 'nowhere' })
    .ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: Temporal at .* has no namespace nowhere – .*unset TEMPORAL_ADDRESS/m);
  await expectNothingLeft(real);
});
