import { beforeEach, describe, expect, it } from 'vitest';
import { open } from '../../src/secrets/sealed-key.js';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const rig = useRig();
const organizations = () =>
  rig.store.db.collection<{ _id: string; lumaApiKey?: string; [field: string]: unknown }>('organizations');
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
let env: Record<string, string>;
let keys: string[];

beforeEach(async () => {
  const events = [1, 2, 3].map((day) => ({ id: `evt-${day}`, start_at: inDays(day) }));
  const rest = [
    { id: 'evt-past', start_at: inDays(-3) },
    { id: 'evt-private', start_at: inDays(2), visibility: 'private' as const },
  ];
  await rig.startLuma({
    calendars: [
      { id: 'cal-rust', name: 'Rust Berlin', events: [...events, ...rest] },
      { id: 'cal-other', events: 0 },
    ],
  });
  keys = rig.luma.calendars.map(({ key }) => key);
  env = {
    MONGODB_URI: mongoUri(),
    MONGODB_DB: rig.store.db.databaseName,
    LUMA_SYNC_KEYRING: rig.keyringText,
    LUMA_BASE_URL: rig.luma.url,
  };
});

const run = (args: string[], more: Record<string, string> = {}) => cliHere(args, { ...env, ...more });
const add = (key = 0, ...args: string[]) =>
  run(['orgs', 'add', '--name', 'Rust', '--id', 'rust', ...args], { LUMA_API_KEY: keys[key] ?? '' });
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const stored = (id = 'rust') => organizations().findOne({ _id: id });
const opened = async () => open(rig.keyring, 'rust', (await stored())?.lumaApiKey ?? '');

describe('orgs add', () => {
  it('shows the calendar and its upcoming events, and stores its page', async () => {
    const added = await add(0, '--json');
    expect(added.code).toBe(0);
    expect(json(added)).toMatchObject({
      ...{ id: 'rust', name: 'Rust', calendarId: 'cal-rust', calendarName: 'Rust Berlin' },
      ...{ upcoming: 3, notPublic: 1, more: false },
    });
    expect(added.stderr).toContain('Rust Berlin (cal-rust), 3 upcoming events, 1 more that are not public');
    const doc = await stored();
    expect(doc?.lumaCalendarUrl).toBe((json(added) as { calendarUrl: string }).calendarUrl);
    expect(doc?.lumaCalendarUrl).toMatch(/^https:\/\/luma\.com\//);
    expect(added.stdout + added.stderr).not.toContain(keys[0]);
  });

  it('stores nothing where Luma refuses the key or does not answer, unless told not to ask', async () => {
    rig.luma.calendar('cal-rust').setFault({ kind: 'rejected-key' });
    const refused = await add();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error: Luma does not accept the API key .* --no-check .*\n$/);
    const away = await run(['orgs', 'add', '--name', 'R', '--id', 'rust'], {
      ...{ LUMA_API_KEY: 'secret-x', LUMA_BASE_URL: 'http://127.0.0.1:1' },
    });
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(await organizations().countDocuments()).toBe(0);

    const before = rig.luma.requests.length;
    const unasked = await add(0, '--no-check', '--json');
    expect(json(unasked)).toEqual({ id: 'rust', name: 'Rust' });
    expect(rig.luma.requests).toHaveLength(before);
    expect(await stored()).not.toHaveProperty('lumaCalendarUrl');
  });
});

describe('orgs set-key', () => {
  it('takes a key of the same calendar, and refuses one of another', async () => {
    await add();
    await organizations().updateOne({ _id: 'rust' }, { $set: { 'lumaSync.calendarId': 'cal-rust' } });
    const other = await run(['orgs', 'set-key', 'rust'], { LUMA_API_KEY: keys[1] ?? '' });
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/opens calendar cal-other, .* cal-rust .*orgs rebind rust/);
    expect(await opened()).toBe(keys[0]);

    const forced = await run(['orgs', 'set-key', 'rust', '--no-check'], { LUMA_API_KEY: keys[1] ?? '' });
    expect(forced.code).toBe(0);
    expect(await opened()).toBe(keys[1]);
    const back = await run(['orgs', 'set-key', 'rust', '--json'], { LUMA_API_KEY: keys[0] ?? '' });
    expect(json(back)).toMatchObject({ id: 'rust', calendarId: 'cal-rust' });
    expect(await opened()).toBe(keys[0]);
  });
});

describe('orgs check', () => {
  it('tells what the stored key opens, and exits 3 where it is another calendar than before', async () => {
    await add();
    const first = await run(['orgs', 'check', 'rust', '--json']);
    expect(first.code).toBe(0);
    expect(json(first)).toMatchObject({ id: 'rust', calendarId: 'cal-rust', boundTo: null, upcoming: 3 });
    await organizations().updateOne({ _id: 'rust' }, { $set: { 'lumaSync.calendarId': 'cal-old' } });
    const other = await run(['orgs', 'check', 'rust']);
    expect(other.code).toBe(3);
    expect(other.stdout).toContain('The key works: Rust Berlin (cal-rust), 3 upcoming events');
    expect(other.stderr).toMatch(/cal-old.*orgs rebind rust.*orgs set-key rust/);

    await organizations().insertOne({ _id: 'bare' });
    const bare = await run(['orgs', 'check', 'bare']);
    expect(bare).toMatchObject({ code: 1, stdout: '' });
    expect(bare.stderr).toContain('orgs set-key bare');
    expect((await run(['orgs', 'check', 'nobody'])).code).toBe(2);
  });
});

describe('orgs show', () => {
  it('tells how it stands and how its key is stored, never the key', async () => {
    await add();
    const shown = await run(['orgs', 'show', 'rust']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain(`key           sealed with ${rig.keyring.sealingKeyId}\n`);
    expect(shown.stdout).toContain('state         not synced yet\n');
    expect(shown.stdout).not.toContain(keys[0]);
    await organizations().insertOne({ _id: 'app', name: 'App', lumaApiKey: 'secret-canary' });
    const app = await run(['orgs', 'show', 'app', '--json']);
    expect(json(app)).toMatchObject({ id: 'app', key: 'clear-text', events: 0, visibilities: ['public'] });
    expect(app.stdout).not.toContain('canary');
    expect((await run(['orgs', 'show', 'nobody'])).code).toBe(2);
  });
});
