import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DEMO_ORGANIZATIONS } from '../src/demo-organizations.js';
import { endAll } from '../src/end-all.js';
import { untilInterrupted } from '../src/interrupt.js';
import { ignoredSettings } from '../src/ignored-settings.js';
import { ownPlace } from '../src/own-place.js';
import { putOrganizations } from '../src/put-organizations.js';
import { readExternal } from '../src/read-external.js';
import { terminalSettings } from '../src/terminal-settings.js';
import { startSurroundings, type Surroundings } from '../src/surroundings.js';
import type { OrganizationDoc } from '../../../src/mongo/documents.js';
import { generateKeyring, type Keyring, parseKeyring } from '../../../src/secrets/keyring.js';
import { open } from '../../../src/secrets/sealed-key.js';
import { deploymentNames } from '../../../src/workflows/contract.js';
import { freshDatabase } from '../../../test/support/servers.js';

/** What is written to stderr, instead of there. */
function silence() {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  return said;
}

const failing = (text: string) => () => Promise.reject(new Error(text));

/** Ends that note that they ran; those that are named fail with their name. */
function ends(names: string, failing: string) {
  const ran: string[] = [];
  const all = names.split(' ').map((name) => () => {
    ran.push(name);
    return failing.includes(name) ? Promise.reject(new Error(name)) : Promise.resolve();
  });
  return { ran, all };
}

describe('what was started', () => {
  test('is ended, the latest first, whatever becomes of the others; every failure is told', async () => {
    const { ran, all } = ends('a b c d', 'bd');
    await expect(endAll(all)).rejects.toThrow(/^d\nb$/);
    expect(ran).toEqual(['d', 'c', 'b', 'a']);
    expect(all).toEqual([]);
  });

  test('is ended when the work is done', async () => {
    const { ran, all } = ends('a b c', 'b');
    const listeners = process.listenerCount('SIGINT');
    const working = untilInterrupted((onEnd) => {
      all.forEach(onEnd);
      return Promise.resolve();
    });
    await expect(working).rejects.toThrow(/^b$/);
    expect(ran).toEqual(['c', 'b', 'a']);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  test('is ended when the work fails, and that is what is told', async () => {
    const { ran, all } = ends('a b c', 'b');
    const said = silence();
    const working = untilInterrupted((onEnd) => {
      all.forEach(onEnd);
      return failing('the work')();
    });
    await expect(working).rejects.toThrow(/^the work$/);
    expect(ran).toEqual(['c', 'b', 'a']);
    expect(said).toHaveBeenCalledExactlyOnceWith('b\n');
  });

  test.each([
    ['SIGTERM', '', { code: 143 }],
    ['SIGHUP', '', { code: 129 }],
    ['SIGINT', 'b', { message: 'b' }],
  ] as const)('is ended at %s; what fails then (%j) is told', async (signal, failing, told) => {
    const { ran, all } = ends('a b c', failing);
    const said = silence();
    const working = untilInterrupted((onEnd, interrupted) => {
      all.forEach(onEnd);
      return once(interrupted, 'abort').then(() => undefined);
    });
    process.emit(signal, signal);
    // What npm and a closing terminal add.
    process.emit(signal, signal);
    process.emit('SIGHUP', 'SIGHUP');
    await expect(working).rejects.toMatchObject(told);
    expect(ran).toEqual(['c', 'b', 'a']);
    expect(said).toHaveBeenCalledExactlyOnceWith('\nStopping …\n');
  });

  test('is ended only when the work has come to a halt, with what it started meanwhile', async () => {
    const { ran, all } = ends('a b', '');
    silence();
    const working = untilInterrupted(async (onEnd, interrupted) => {
      all.slice(0, 1).forEach(onEnd);
      await once(interrupted, 'abort');
      await new Promise(setImmediate);
      expect(ran).toEqual([]);
      all.slice(1).forEach(onEnd);
      throw new Error('not reached');
    });
    process.emit('SIGINT', 'SIGINT');
    await expect(working).rejects.toMatchObject({ code: 130 });
    expect(ran).toEqual(['b', 'a']);
  });

  test('is ended where the work hangs; what comes up after that is ended too', async () => {
    const { ran, all } = ends('a b', '');
    silence();
    let goOn: () => void = () => undefined;
    const working = untilInterrupted(
      async (onEnd) => {
        all.slice(0, 1).forEach(onEnd);
        await new Promise<void>((resolve) => (goOn = resolve));
        all.slice(1).forEach(onEnd);
      },
      { settleMs: 1 },
    );
    process.emit('SIGINT', 'SIGINT');
    await expect(working).rejects.toMatchObject({ code: 130 });
    expect(ran).toEqual(['a']);
    goOn();
    await vi.waitFor(() => expect(ran).toEqual(['a', 'b']));
  });

  test('is ended when nobody reads the output any more', async () => {
    const { ran, all } = ends('a', '');
    silence();
    // Vitest's own output takes no harm.
    const working = untilInterrupted((onEnd, interrupted) => {
      all.forEach(onEnd);
      return once(interrupted, 'abort').then(() => undefined);
    });
    process.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await expect(working).rejects.toMatchObject({ code: 0 });
    expect(ran).toEqual(['a']);
  });
});

test('Ctrl-C while the servers take long to start takes the key ring away before the program ends', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'luma-sync-test-'));
  onTestFinished(() => rm(temp, { recursive: true, force: true }));
  vi.stubEnv('TMPDIR', temp);
  onTestFinished(() => void vi.unstubAllEnvs());
  silence();
  const keyrings = async () => {
    const files = await readdir(temp, { recursive: true });
    return files.filter((file) => file.endsWith('.keyring'));
  };
  let starting: Promise<unknown> = Promise.resolve();
  let before: string[] = [];
  const working = untilInterrupted(
    async (onEnd) => {
      const onProgress = vi.fn();
      starting = startSurroundings({
        ...{ command: 'demo', external: {}, lumaBaseUrl: '', env: process.env, onProgress, onEnd },
      });
      await vi.waitFor(() => expect(onProgress).toHaveBeenCalled(), { timeout: 30_000, interval: 1 });
      before = await keyrings();
      process.emit('SIGINT', 'SIGINT');
      await starting;
    },
    { settleMs: 1 },
  );
  await expect(working).rejects.toMatchObject({ code: 130 });
  expect([before.length, await keyrings()]).toEqual([1, []]);
  await expect(starting).rejects.toMatchObject({ code: 130 });
  // The servers' guards tidy up behind them.
  await vi.waitFor(async () => expect(await readdir(temp)).toEqual([]), { timeout: 30_000, interval: 20 });
});

describe('names of demo and dev', () => {
  test('are the ordinary ones on servers of their own', () => {
    expect(ownPlace('demo', {})).toEqual({
      command: 'demo',
      names: deploymentNames(null),
      db: 'luma_sync_demo',
    });
  });

  test.each([{ temporal: {} }, { mongo: {} }, { temporal: {}, mongo: {} }])(
    'are new ones each time where a server is somebody’s: %j',
    (external) => {
      const [first, second] = [ownPlace('dev', external), ownPlace('dev', external)];
      const scope = first.scope ?? '';
      expect(scope).toMatch(/^dev-[0-9a-f]{8}$/);
      expect(first).toMatchObject({
        names: deploymentNames(scope),
        db: `luma_sync_${scope.replace('-', '_')}`,
      });
      expect(second.scope).not.toBe(scope);
      expect(second.db).not.toBe(first.db);
    },
  );
});

describe('organizations of demo and dev, on a MongoDB that is kept', () => {
  const { db, uri, name } = freshDatabase();
  const collection = db.collection<OrganizationDoc>('organizations');
  const put = (keyring: Keyring, organizations = DEMO_ORGANIZATIONS) =>
    putOrganizations({ mongo: { uri, db: name }, keyring }, organizations);

  test('have the keys of this run, which its key ring opens', async () => {
    const [first, second] = [parseKeyring(generateKeyring()), parseKeyring(generateKeyring())];
    await put(first);
    await collection.updateMany({}, { $set: { 'lumaSync.calendarId': 'cal-1' } });
    const mine = { id: 'mine', name: 'Mine' };
    await put(second, [...DEMO_ORGANIZATIONS, { ...mine, apiKey: 'secret-old' }]);
    await put(second, [{ ...mine, apiKey: 'secret-new' }]);

    const stored = await collection.find().toArray();
    const opened = stored.map(({ _id, lumaApiKey }) => [_id, open(second, String(_id), String(lumaApiKey))]);
    const expected = [...DEMO_ORGANIZATIONS.map(({ id, apiKey }) => [id, apiKey]), ['mine', 'secret-new']];
    expect(Object.fromEntries(opened)).toEqual(Object.fromEntries(expected));
    // The rest of what is known of them stays.
    expect(stored.filter(({ lumaSync }) => lumaSync?.calendarId === 'cal-1')).toHaveLength(3);
  });

  test('are not put in the place of others that share an id', async () => {
    await collection.deleteMany({});
    const theirs = { _id: 'harbour', name: 'Harbour Authority', lumaApiKey: 'sealed-by-them' };
    await collection.insertOne(theirs);
    await put(parseKeyring(generateKeyring()));
    expect(await collection.findOne({ _id: 'harbour' })).toEqual(theirs);
    expect(await collection.countDocuments()).toBe(3);
  });
});

describe('settings for a second terminal', () => {
  const PASSWORD = 'pass-w0rd';
  const around = {
    temporal: { address: '127.0.0.1:7', namespace: 'default', connectionOptions: {} },
    mongo: { uri: 'mongodb://127.0.0.1:8', db: 'luma_sync' },
    lumaBaseUrl: 'http://127.0.0.1:9',
    keyringFile: '/tmp/ring',
  };
  const fake = { url: 'http://127.0.0.1:9' } as NonNullable<Surroundings['fake']>;
  const own = {
    TEMPORAL_ADDRESS: '127.0.0.1:7',
    TEMPORAL_NAMESPACE: 'default',
    MONGODB_URI: 'mongodb://127.0.0.1:8',
    MONGODB_DB: 'luma_sync',
    LUMA_BASE_URL: 'http://127.0.0.1:9',
    LUMA_SYNC_KEYRING_FILE: '/tmp/ring',
  };

  test('are those of what was started here', () => {
    expect(terminalSettings({ ...around, fake }, readExternal({}), {})).toEqual({
      settings: own,
      fromEnvironment: [],
    });
  });

  test('clear what would lead that terminal elsewhere', () => {
    const env = {
      LUMA_SYNC_KEYRING: 'k1:real',
      LUMA_SYNC_SCOPE: 'staging',
      TEMPORAL_API_KEY: PASSWORD,
      TEMPORAL_NAMESPACE: 'production',
    };
    expect(terminalSettings({ ...around, fake }, readExternal(env), env)).toEqual({
      settings: { ...own, LUMA_SYNC_KEYRING: '', LUMA_SYNC_SCOPE: '', TEMPORAL_API_KEY: '' },
      fromEnvironment: [],
    });
  });

  test('name what the environment said, and never its values', () => {
    const env = {
      PATH: '/bin',
      LUMA_API_KEY: `secret-${PASSWORD}`,
      LUMA_BASE_URL: 'https://luma.example',
      MONGODB_DB: 'app',
      MONGODB_URI: `mongodb://root:${PASSWORD}@db.example/app`,
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_API_KEY: PASSWORD,
    };
    const external = readExternal(env);
    expect(external.mongo?.uri).toContain(PASSWORD);
    const scoped = { ...around, mongo: { uri: env.MONGODB_URI, db: 'luma_sync_dev_1' }, scope: 'dev-1' };
    expect(terminalSettings(scoped, external, env)).toEqual({
      settings: {
        MONGODB_DB: 'luma_sync_dev_1',
        LUMA_SYNC_KEYRING_FILE: '/tmp/ring',
        LUMA_SYNC_SCOPE: 'dev-1',
      },
      fromEnvironment: ['LUMA_BASE_URL', 'MONGODB_URI', 'TEMPORAL_ADDRESS', 'TEMPORAL_API_KEY'],
    });
  });
});

test('what the environment sets and nobody reads is said, without its value', () => {
  const env = {
    LUMA_BASE_URL: 'https://luma.example',
    LUMA_SYNC_KEYRING: 'k1:real',
    LUMA_SYNC_KEYRING_FILE: ' ',
    LUMA_SYNC_SCOPE: 'not a scope',
    MONGODB_DB: 'not/a/database',
    TEMPORAL_NAMESPACE: 'production',
  };
  const said = ignoredSettings(env, { fake: true, temporal: false });
  expect(said.map((line) => line.split(':')[0])).toEqual([
    ...['LUMA_SYNC_KEYRING', 'MONGODB_DB', 'LUMA_SYNC_SCOPE', 'LUMA_BASE_URL', 'TEMPORAL_NAMESPACE'],
  ]);
  expect(said.join()).not.toMatch(/real|luma\.example|not\/a|production/);
  expect(ignoredSettings(env, { fake: false, temporal: true })).toHaveLength(3);
  // And so it cannot be wrong either.
  expect(() => readExternal({ ...env, MONGODB_URI: 'mongodb://127.0.0.1' })).not.toThrow();
});
