import { Client, Connection } from '@temporalio/client';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { open } from '../../src/secrets/sealed-key.js';
import { freshNamespace } from '../client/support/namespace.js';
import { startStandInWorker } from '../client/support/worker.js';
import { freshDatabase } from '../support/servers.js';
import { cli, cliHere, type CliProcess, type CliResult, ended, startCli } from './support/run.js';

const { db, uri, name } = freshDatabase();
const keyring = generateKeyring();
const stores = { MONGODB_URI: uri, MONGODB_DB: name, LUMA_SYNC_KEYRING: keyring };
let temporal: Record<string, string>;
let connection: Connection;
let client: Client;
let worker: { stop: () => Promise<void> };

beforeAll(async () => {
  const { address, namespace, connectionOptions } = await freshNamespace();
  temporal = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  worker = await startStandInWorker({ address, namespace, connectionOptions });
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
});

const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

/** Reads stderr until a text is there. */
async function said(child: CliProcess, words: string): Promise<void> {
  let text = '';
  while (!text.includes(words)) {
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    text += chunk.toString();
  }
}

describe('sync', () => {
  it('waits for the end and prints the report; data on stdout, messages on stderr', async () => {
    const result = await cli(['sync'], { env: temporal });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('Full sync complete in 12 s');
    expect(result.stderr).toContain('luma-full-sync');
  });

  it('exits 3 when organizations failed, and the result as JSON says which', async () => {
    const result = await cliHere(['sync', '--after', '2026-01-01', '--json'], temporal);
    expect(result.code).toBe(3);
    expect(json(result)).toMatchObject({
      status: 'partial',
      failures: [{ orgId: 'refused', type: 'LumaKeyRejected' }],
    });
  });

  it('of one organization prints its report, with --watch after its progress', async () => {
    const result = await cli(['sync', '--org', 'acme', '--watch', '--before', '2026-01-01'], {
      env: temporal,
    });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('Sync of acme complete');
    expect(result.stdout).toContain('..2026-01-01T00:00:00.000Z');
    expect(result.stderr).toContain('done · page 1');
    expect(result.stderr).not.toContain('\u001b');
  });

  it('that fails exits 1 with one message, and the failure as JSON', async () => {
    const result = await cliHere(['sync', '--org', 'refused', '--json'], temporal);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('error: LumaKeyRejected: Luma refuses the key (401)\n');
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(json(result)).toMatchObject({ status: 'failed', failure: { type: 'LumaKeyRejected' } });
  });

  it('of an unknown organization exits 2 and says how to see those there are', async () => {
    const { code, stderr } = await cliHere(['sync', '--org', 'gone'], temporal);
    expect(code).toBe(2);
    expect(stderr).toContain('error: there is no organization "gone" – see them with: luma-sync orgs list');
  });

  it('with --detach returns at once with the ids; a second one joins; Ctrl-C leaves it running', async () => {
    const detached = await cliHere(['sync', '--org', 'slow', '--detach', '--json'], temporal);
    expect(detached.code).toBe(0);
    expect(json(detached)).toMatchObject({ workflowId: 'luma-org-sync/slow', alreadyRunning: false });

    const child = startCli(['sync', '--org', 'slow'], temporal);
    await said(child, 'joined it');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended(child);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('luma-sync sync --org slow --watch');

    const handle = client.workflow.getHandle('luma-org-sync/slow');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.signal('release');
    await handle.result();
  });

  it('without Temporal exits 1 with its address and what to do', async () => {
    const { code, stdout, stderr } = await cliHere(['sync'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: Temporal at 127\.0\.0\.1:1: does not answer – .*\n$/);
  });
});

describe('schedule', () => {
  it('apply, show, trigger and delete do what they say, as JSON and for people', async () => {
    const run = (...args: string[]) => cliHere(['schedule', ...args], temporal);
    expect(json(await run('apply', '--json'))).toMatchObject({
      outcome: 'created',
      when: 'daily at 07:00 UTC',
    });
    expect((await run('apply', '--at', '06:15')).stderr).toContain('updated');
    expect((await run('show')).stdout).toContain('fires      daily at 06:15 UTC');
    expect(json(await run('trigger', '--json'))).toMatchObject({ outcome: 'started' });
    expect(await run('apply', '--cron', 'now and then')).toMatchObject({ code: 2, stdout: '' });
    expect(json(await run('delete', '--json'))).toEqual({ deleted: true });
    const missing = await run('show');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('luma-sync schedule apply');
  });
});

describe('orgs and events', () => {
  it('an organization is added with a key from a pipe, sealed, and listed without it', async () => {
    const args = ['orgs', 'add', '--id', 'acme', '--name', 'Acme 🎉', '--no-check', '--json'];
    const added = await cli(args, { env: stores, input: 'secret-canary\n' });
    expect(added.code).toBe(0);
    expect(json(added)).toEqual({ id: 'acme', name: 'Acme 🎉' });
    const stored = await db
      .collection<{ _id: string; lumaApiKey: string }>('organizations')
      .findOne({ _id: 'acme' });
    expect(open(parseKeyring(keyring), 'acme', stored?.lumaApiKey ?? '')).toBe('secret-canary');

    const listed = await cliHere(['orgs', 'list', '--json'], stores);
    expect(json(listed)).toEqual([{ id: 'acme', name: 'Acme 🎉', hasKey: true }]);
    for (const { stdout, stderr } of [added, listed]) expect(stdout + stderr).not.toContain('canary');

    const again = await cliHere(args, { ...stores, LUMA_API_KEY: 'secret-other' });
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('"acme" is there already');
  });

  it('adding without a key, or without a key ring, exits 2 and stores nothing', async () => {
    const args = ['orgs', 'add', '--name', 'Keyless'];
    expect((await cli(args, { env: stores })).stderr).toContain('no Luma key was given');
    const bare = await cli(args, { env: { MONGODB_URI: uri }, input: 'secret-canary' });
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain('LUMA_SYNC_KEYRING is not set');
    expect(await db.collection('organizations').countDocuments({ name: 'Keyless' })).toBe(0);
  });

  it('events are an array as JSON, upcoming and public ones only unless more is asked for; of an unknown organization exit 2', async () => {
    const event = (lumaEventId: string, startAt: Date, visibility = 'public') => ({
      ...{
        orgId: 'acme',
        lumaEventId,
        title: lumaEventId,
        startAt,
        timezone: 'UTC',
        url: 'https://luma.com/x',
        visibility,
      },
    });
    await db
      .collection('events')
      .insertMany([
        event('evt-past', new Date('2020-01-01')),
        event('evt-next', new Date('2120-01-01')),
        event('evt-members', new Date('2121-01-01'), 'members-only'),
      ]);
    const run = (...args: string[]) => cliHere(['events', '--org', 'acme', ...args], stores);
    expect(json(await run('--json'))).toMatchObject([{ lumaEventId: 'evt-next', orgId: 'acme' }]);
    expect(json(await run('--json', '--all'))).toMatchObject([{ lumaEventId: 'evt-past' }, {}]);
    expect(json(await run('--json', '--all-visibilities'))).toMatchObject([
      { lumaEventId: 'evt-next', visibility: 'public' },
      { lumaEventId: 'evt-members', visibility: 'members-only' },
    ]);
    const limited = await run('--all', '--limit', '1');
    expect(limited.stdout).toContain('Wed 2020-01-01 00:00 GMT');
    expect(limited.stderr).toContain('there may be more');
    const unknown = await cliHere(['events', '--org', 'nobody'], stores);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no organization "nobody"');
  });

  it('a reader that stops reading is no error', async () => {
    const child = startCli(['events', '--json', '--all'], stores);
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
  });
});
