import { describe, expect, test, vi } from 'vitest';
import { DEMO_ORGANIZATIONS } from '../../src/cli/embedded/demo-organizations.js';
import { endAll } from '../../src/cli/embedded/end-all.js';
import { untilInterrupted } from '../../src/cli/embedded/interrupt.js';
import { putOrganizations } from '../../src/cli/embedded/put-organizations.js';
import { readExternal } from '../../src/cli/embedded/read-external.js';
import { terminalSettings } from '../../src/cli/embedded/terminal-settings.js';
import type { Surroundings } from '../../src/cli/embedded/surroundings.js';
import type { OrganizationDoc } from '../../src/mongo/documents.js';
import { generateKeyring, type Keyring, parseKeyring } from '../../src/secrets/keyring.js';
import { open } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';

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
  test('is ended, the latest first, whatever becomes of the others; the first failure is told', async () => {
    const { ran, all } = ends('a b c d', 'bd');
    await expect(endAll(all)).rejects.toThrow(/^d$/);
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
    const working = untilInterrupted((onEnd) => {
      all.forEach(onEnd);
      return failing('the work')();
    });
    await expect(working).rejects.toThrow(/^the work$/);
    expect(ran).toEqual(['c', 'b', 'a']);
  });

  test.each([
    ['', { code: 143 }],
    ['b', { message: 'b' }],
  ])('is ended at a signal; what fails then (%j) is told', async (failing, told) => {
    const { ran, all } = ends('a b c', failing);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const working = untilInterrupted((onEnd) => {
      all.forEach(onEnd);
      return new Promise(() => undefined);
    });
    process.emit('SIGTERM', 'SIGTERM');
    await expect(working).rejects.toMatchObject(told);
    expect(ran).toEqual(['c', 'b', 'a']);
    expect(said).toHaveBeenCalledExactlyOnceWith('\nStopping …\n');
    said.mockRestore();
  });
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
  const around: Omit<Surroundings, 'stop' | 'keyring'> = {
    temporal: { address: '127.0.0.1:7', namespace: 'default', connectionOptions: {} },
    mongo: { uri: 'mongodb://127.0.0.1:8', db: 'luma_sync' },
    lumaBaseUrl: 'http://127.0.0.1:9',
  };
  const fake = { url: 'http://127.0.0.1:9' } as NonNullable<Surroundings['fake']>;

  test('are those of what was started here', () => {
    const env = { TEMPORAL_NAMESPACE: 'elsewhere', LUMA_BASE_URL: '' };
    const settings = terminalSettings({ ...around, fake, keyringFile: '/tmp/ring' }, readExternal(env), env);
    expect(settings).toEqual({
      settings: {
        TEMPORAL_ADDRESS: '127.0.0.1:7',
        MONGODB_URI: 'mongodb://127.0.0.1:8',
        MONGODB_DB: 'luma_sync',
        LUMA_BASE_URL: 'http://127.0.0.1:9',
        LUMA_SYNC_KEYRING_FILE: '/tmp/ring',
      },
      fromEnvironment: [],
    });
  });

  test('name what the environment said, and never its values', () => {
    const env = {
      PATH: '/bin',
      LUMA_API_KEY: `secret-${PASSWORD}`,
      LUMA_BASE_URL: 'https://luma.example',
      LUMA_SYNC_KEYRING: generateKeyring(),
      MONGODB_URI: `mongodb://root:${PASSWORD}@db.example/app`,
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_API_KEY: PASSWORD,
    };
    const external = readExternal(env);
    const { temporal = around.temporal, mongo = around.mongo, lumaBaseUrl } = external;
    expect(mongo.uri).toContain(PASSWORD);
    expect(terminalSettings({ temporal, mongo, lumaBaseUrl }, external, env)).toEqual({
      settings: {},
      fromEnvironment: [
        'LUMA_BASE_URL',
        'LUMA_SYNC_KEYRING',
        'MONGODB_URI',
        'TEMPORAL_ADDRESS',
        'TEMPORAL_API_KEY',
      ],
    });
  });
});
