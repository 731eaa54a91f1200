import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseKeyring } from '../../src/secrets/keyring.js';
import { open, seal } from '../../src/secrets/sealed-key.js';
import { freshDatabase } from '../support/servers.js';
import { cli, cliHere } from './support/run.js';

const { db, uri, name } = freshDatabase();
const organizations = db.collection<{ _id: string; lumaApiKey: string }>('organizations');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luma-sync-keyring-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => db.dropDatabase());

const ringText = (...ids: string[]) =>
  ids.map((id) => `${id}:${randomBytes(32).toString('base64')}`).join(',');
const stores = (ring: string) => ({ MONGODB_URI: uri, MONGODB_DB: name, LUMA_SYNC_KEYRING: ring });

describe('keyring new', () => {
  it('makes a file that only its owner may read, and prints its path and never the key', async () => {
    const file = join(folder, 'ring');
    const { code, stdout, stderr } = await cli(['keyring', 'new', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${file}\n` });
    expect(stderr).toContain('LUMA_SYNC_KEYRING_FILE');
    const text = await readFile(file, 'utf8');
    expect(parseKeyring(text).keyIds).toHaveLength(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain(text.split(':')[1]?.slice(0, 10));

    const json = await cliHere(['keyring', 'new', join(folder, 'second'), '--json']);
    const keyId = parseKeyring(await readFile(join(folder, 'second'), 'utf8')).sealingKeyId;
    expect(JSON.parse(json.stdout)).toEqual({ file: join(folder, 'second'), keyId });
  });

  it('never overwrites: not a file, not a link to one, not a link to nowhere; nor makes folders', async () => {
    await writeFile(join(folder, 'there'), 'mine');
    await symlink(join(folder, 'there'), join(folder, 'link'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'dangling'));
    const before = await readdir(folder);
    for (const file of ['there', 'link', 'dangling', '.', 'missing/ring']) {
      const { code, stdout, stderr } = await cliHere(['keyring', 'new', join(folder, file)]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: .*\n$/);
    }
    expect(await readdir(folder)).toEqual(before);
    expect(await readFile(join(folder, 'there'), 'utf8')).toBe('mine');
  });
});

describe('keyring check', () => {
  it('tells how each key stands, exits 1 where one does not fit, and names loose permissions', async () => {
    const [known, other] = [ringText('k1', 'k2'), ringText('k1', 'k3')];
    const run = (ring: string, ...args: string[]) => cliHere(['keyring', 'check', ...args], stores(ring));
    expect(await run(known)).toMatchObject({ code: 0, stdout: expect.stringContaining('unknown') as string });
    await organizations.insertOne({ _id: 'acme', lumaApiKey: seal(parseKeyring(known), 'acme', 'secret-x') });

    const fits = await run(known, '--json');
    expect(fits.code).toBe(0);
    expect(JSON.parse(fits.stdout)).toEqual([
      { keyId: 'k1', state: 'matches', seals: true, organizations: 1 },
      { keyId: 'k2', state: 'unknown', seals: false, organizations: 0 },
    ]);
    const differs = await run(other);
    expect(differs.code).toBe(1);
    expect(differs.stdout).toMatch(/k1 .*DIFFERS/);
    expect(differs.stdout).toMatch(/k3 .*unknown/);
    const missing = await run(ringText('k4'));
    expect(missing.code).toBe(1);
    expect(missing.stdout).toMatch(/k1 .*MISSING/);

    const file = join(folder, 'loose');
    await writeFile(file, known);
    await chmod(file, 0o644);
    const env = { ...stores(''), LUMA_SYNC_KEYRING_FILE: file };
    const loose = await cliHere(['keyring', 'check'], env);
    expect(loose.code).toBe(0);
    expect(loose.stderr).toContain(
      `warning: the key ring ${file} can be read or written by other users (mode 0644)`,
    );
  });
});

it('a worker whose key has other bytes under its id ends with 2 and one line, and changes nothing', async () => {
  const [right, wrong] = [ringText('k1'), ringText('k1')];
  await organizations.insertOne({ _id: 'acme', lumaApiKey: seal(parseKeyring(right), 'acme', 'secret-x') });
  expect(
    (
      await cliHere(['orgs', 'add', '--name', 'B', '--id', 'b', '--no-check'], {
        ...stores(right),
        LUMA_API_KEY: 'secret-b',
      })
    ).code,
  ).toBe(0);
  const before = await organizations.find().toArray();
  const file = join(folder, 'wrong');
  await writeFile(file, wrong, { mode: 0o644 });
  const worker = await cli(['worker'], { env: { ...stores(''), LUMA_SYNC_KEYRING_FILE: file } });
  expect(worker.code).toBe(2);
  expect(worker.stderr).toMatch(
    /^error: the key ring's key k1 is not what .* – use the key ring of the other workers.*\n$/,
  );
  expect(JSON.parse(worker.stdout)).toMatchObject({
    level: 'warn',
    msg: expect.stringContaining('chmod 600') as string,
  });
  for (const args of [
    ['orgs', 'add', '--name', 'C', '--no-check'],
    ['orgs', 'set-key', 'acme', '--no-check'],
  ]) {
    const refused = await cliHere(args, { ...stores(wrong), LUMA_API_KEY: 'secret-c' });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('key k1 is not');
  }
  expect(await organizations.find().toArray()).toEqual(before);
});

describe('orgs set-key', () => {
  it('takes the key from a pipe, a file or the environment, and stores it sealed', async () => {
    const ring = ringText('k1');
    await organizations.insertOne({ _id: 'acme', lumaApiKey: 'secret-old' });
    const storedKey = async () =>
      open(parseKeyring(ring), 'acme', (await organizations.findOne({ _id: 'acme' }))?.lumaApiKey ?? '');
    const piped = await cli(['orgs', 'set-key', 'acme', '--no-check', '--json'], {
      env: stores(ring),
      input: 'secret-piped\n',
    });
    expect(piped).toMatchObject({ code: 0, stdout: '{"id":"acme"}\n' });
    expect(await storedKey()).toBe('secret-piped');

    await writeFile(join(folder, 'key'), 'secret-filed\n');
    expect(
      (
        await cliHere(
          ['orgs', 'set-key', 'acme', '--no-check', '--key-file', join(folder, 'key')],
          stores(ring),
        )
      ).code,
    ).toBe(0);
    expect(await storedKey()).toBe('secret-filed');

    const env = { ...stores(ring), LUMA_API_KEY: 'secret-set' };
    expect(await cliHere(['orgs', 'set-key', 'acme', '--no-check'], env)).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await storedKey()).toBe('secret-set');
    const unknown = await cliHere(['orgs', 'set-key', 'nobody'], env);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('there is no organization "nobody"');
    const without = await cli(['orgs', 'set-key', 'acme'], { env: stores(ring) });
    expect(without.code).toBe(2);
    expect(await storedKey()).toBe('secret-set');
  });
});

it('orgs list shows documents of any kind, and says what of them cannot be used', async () => {
  await db.collection<{ _id: unknown; [field: string]: unknown }>('organizations').insertMany([
    { _id: 7, name: 'Seven', lumaApiKey: 'secret-canary' },
    { _id: 'odd', name: { de: 'Ungerade' }, lumaApiKey: 5, lumaSync: null, eventsLastSynced: 'today' },
    { _id: 'late', name: 'Late', lumaSync: { state: 'ok', lastSuccessAt: 'yesterday', drift: {} } },
  ] as never);
  const { code, stdout } = await cliHere(['orgs', 'list'], stores(ringText('k1')));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^7 .*not syncable.*its _id is a number: a sync needs a string or an ObjectId$/m);
  expect(stdout).toMatch(
    /^odd .*not syncable.*lumaApiKey is a number, not text; name is an object, not text/m,
  );
  expect(stdout).toMatch(/^late .*lumaSync\.lastSuccessAt is text, not a date/m);
  expect(stdout).not.toContain('canary');
});

it('no help text shows a key on a command line', async () => {
  for (const args of [
    [],
    ['worker'],
    ['orgs', 'add'],
    ['orgs', 'set-key'],
    ['keyring'],
    ['keyring', 'new'],
  ]) {
    const { stdout } = await cliHere([...args, '--help']);
    expect(stdout).not.toMatch(/openssl|LUMA_SYNC_KEYRING=/);
  }
});
