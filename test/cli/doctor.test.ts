import { beforeAll, expect, inject, test } from 'vitest';
import { connectLumaSync, type Check, type Diagnosis } from '../../src/client.js';
import type { TemporalSettings } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { startWorker } from '../../src/worker.js';
import { freshNamespace } from '../client/support/namespace.js';
import { mongoWithoutRights } from '../support/mongo-without-rights.js';
import { useRig, useTemporal } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere } from './support/run.js';

const rig = useRig();
// Installs the SDK's runtime, and ends its connection.
useTemporal();
let temporal: TemporalSettings;
beforeAll(async () => {
  temporal = await freshNamespace();
});

function settings(): Record<string, string> {
  return {
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...{ MONGODB_URI: mongoUri(), MONGODB_DB: rig.store.db.databaseName },
    ...{ LUMA_SYNC_KEYRING: rig.keyringText, LUMA_BASE_URL: rig.luma.url },
  };
}

async function doctor(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await cliHere(['doctor', '--json', ...args], env);
  const { status, checks } = JSON.parse(stdout) as Diagnosis;
  const of = (part: Check['part'], name: string) =>
    checks.filter((check) => check.part === part && check.name === name);
  return { code, status, checks, of, stderr, stdout };
}

test('on a fresh deployment it names what is missing; --fix mends it; with a schedule and a worker all is well', async () => {
  await rig.startLuma({ calendars: [{ events: 1, key: 'secret-canary' }] });
  await rig.store.db.dropDatabase();
  await rig.addOrganization();
  const before = await doctor(settings());
  expect(before).toMatchObject({ code: 1, status: 'fail' });
  const failed = before.checks.filter(({ status }) => status === 'fail');
  expect(failed.map(({ part, name, fixable }) => [part, name, fixable])).toEqual([
    ['temporal', 'search attribute', true],
    ['mongodb', 'indexes', true],
  ]);
  expect(before.of('temporal', 'workers')).toMatchObject([{ status: 'warn', command: 'luma-sync worker' }]);
  expect(before.of('temporal', 'schedule')).toMatchObject([
    { status: 'warn', command: 'luma-sync schedule apply' },
  ]);
  expect(before.stderr).toContain('2 can be mended with: luma-sync doctor --fix');

  const mended = await doctor(settings(), '--fix');
  expect(mended).toMatchObject({ code: 0, status: 'warn' });
  expect(mended.checks.filter(({ fixed }) => fixed).map(({ name }) => name)).toEqual([
    'search attribute',
    'indexes',
  ]);

  const lumaSync = connectLumaSync({ temporal });
  await lumaSync.schedule.apply();
  await lumaSync.close();
  const worker = await startWorker({
    ...{ temporal, activities: rig.dependencies(), logger: createLogger('silent') },
    workflowBundlePath: inject('workflowBundlePath'),
  });
  try {
    await expect
      .poll(async () => (await doctor(settings())).of('temporal', 'workers'))
      .toMatchObject([{ status: 'pass' }]);
    const after = await doctor(settings());
    // The fake is not Luma's public address, and that is said.
    expect(after.checks.filter(({ status }) => status !== 'pass')).toMatchObject([
      { part: 'luma', name: 'address', status: 'warn' },
    ]);
    expect(after.code).toBe(0);
    expect(after.of('luma', 'key')).toMatchObject([{ status: 'pass' }]);
    const shown = await cliHere(['doctor'], settings());
    for (const text of [after.stdout, after.stderr, shown.stdout, shown.stderr]) {
      expect(text).not.toMatch(/canary|sealed:/);
      expect(text).not.toContain(rig.keyringText.split(':')[1]);
    }
  } finally {
    await worker.stop();
  }
});

test('a schedule that somebody changed by other means, and one that is paused, are told', async () => {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: temporal.address });
  const lumaSync = connectLumaSync({ temporal });
  try {
    await lumaSync.schedule.apply();
    const client = new Client({ connection, namespace: temporal.namespace });
    const handle = client.schedule.getHandle('sync-luma-events');
    await handle.pause('moving house');
    expect((await doctor(settings())).of('temporal', 'schedule')).toMatchObject([
      { status: 'warn', message: expect.stringContaining('paused (moving house)') as string },
    ]);
    await handle.update((previous) => ({
      ...previous,
      policies: { ...previous.policies, overlap: 'ALLOW_ALL' },
    }));
    const { code, of } = await doctor(settings());
    expect(code).toBe(1);
    expect(of('temporal', 'schedule')).toMatchObject([
      {
        ...{ status: 'fail', command: 'luma-sync schedule apply' },
        message: expect.stringContaining('overlap is ALLOW_ALL instead of SKIP') as string,
      },
    ]);
  } finally {
    await lumaSync.schedule.delete();
    await lumaSync.close();
    await connection.close();
  }
});

test('keys that do not open fail, keys in clear text are a warning, and a key that Luma rejects is told', async () => {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const organizations = rig.store.db.collection<{ _id: string; lumaApiKey: string }>('organizations');
  await organizations.insertMany([
    { _id: 'clear', lumaApiKey: 'secret-unknown-canary' },
    { _id: 'moved', lumaApiKey: seal(rig.keyring, 'elsewhere', 'secret-canary') },
  ]);
  const { code, of, stdout } = await doctor(settings());
  expect(code).toBe(1);
  expect(of('keyring', 'stored keys').map(({ status }) => status)).toEqual(['fail', 'warn']);
  expect(of('luma', 'key')).toMatchObject([
    { status: 'warn', message: expect.stringContaining('the key of clear') as string },
  ]);
  expect(stdout).not.toContain('canary');
});

test('the feed of an organization without a key is read, and what is wrong with it is a warning', async () => {
  await rig.startLuma({ calendars: [{ id: 'cal-tea', events: 2 }] });
  const organizations = rig.store.db.collection<{ _id: string; lumaIcalUrl: string }>('organizations');
  const lumaIcalUrl = `${rig.luma.url}/ics/get?entity=calendar&id=cal-tea`;
  await organizations.insertOne({ _id: 'tea', lumaIcalUrl });
  expect((await doctor(settings())).of('luma', 'feed')).toMatchObject([
    { status: 'pass', message: 'the feed of tea is read: 2 events' },
  ]);
  rig.luma.calendar('cal-tea').setFault({ kind: 'gateway', endpoint: 'feed' });
  const warning = { status: 'warn', command: 'luma-sync orgs check tea' };
  expect((await doctor(settings())).of('luma', 'feed')).toMatchObject([
    { ...warning, message: 'the feed of tea: Luma refuses access (404, /ics/get)' },
  ]);
  await organizations.updateOne({ _id: 'tea' }, { $set: { lumaIcalUrl: 'https://canary.example/' } });
  const { of, stdout } = await doctor(settings());
  expect(of('luma', 'feed')).toMatchObject([warning]);
  expect(stdout).not.toContain('canary');
});

test('a user that MongoDB refuses to read is told, and everything else is checked all the same', async () => {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const MONGODB_URI = await mongoWithoutRights((command) => command === 'find');
  const { code, of } = await doctor({ ...settings(), MONGODB_URI });
  expect(code).toBe(1);
  expect(of('mongodb', 'permissions')).toMatchObject([
    { status: 'fail', message: expect.stringContaining('Unauthorized') as string },
  ]);
  expect(of('mongodb', 'server')).toMatchObject([{ status: 'pass' }]);
  expect(of('temporal', 'server')).toMatchObject([{ status: 'pass' }]);
});

test('with nothing reachable it says so part by part, within ten seconds, without a password, and exits 1', async () => {
  const env = {
    ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', MONGODB_URI: 'mongodb://u:canary@127.0.0.1:1/x' },
    ...{ LUMA_SYNC_KEYRING: rig.keyringText, LUMA_BASE_URL: 'http://127.0.0.1:1' },
  };
  const begun = performance.now();
  const { code, stdout, stderr } = await cliHere(['doctor'], env);
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ {2}fail {2}server +Temporal at 127\.0\.0\.1:1: does not answer.* – /m);
  expect(stdout).toMatch(/^ {2}fail {2}server +MongoDB: connecting to 127\.0\.0\.1:1 failed.* – /m);
  expect(stdout).toMatch(/^ {2}fail {2}answer +Luma cannot be reached.* – /m);
  expect(stdout).toMatch(/^ {2}warn {2}stored keys +not checked/m);
  expect(stdout + stderr).not.toMatch(/canary|^\s+at /m);
});

test('with no settings at all it names them, and still looks at the rest', async () => {
  const { code, stdout } = await cliHere(['doctor'], {
    ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', LUMA_BASE_URL: 'http://127.0.0.1:1' },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ {2}fail {2}MONGODB_URI /m);
  expect(stdout).toMatch(/^ {2}fail {2}LUMA_SYNC_KEYRING /m);
  expect(stdout).toMatch(/^ {2}pass {2}Node\.js /m);
});
