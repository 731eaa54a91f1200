import { beforeEach, describe, expect, it } from 'vitest';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const rig = useRig();
const organizations = () =>
  rig.store.db.collection<{ _id: string; [field: string]: unknown }>('organizations');
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
let env: Record<string, string>;
let url: string;

beforeEach(async () => {
  const events = [-1, 1, 2].map((day) => ({ id: `evt-${day + 5}`, start_at: inDays(day) }));
  await rig.startLuma({
    calendars: [
      { id: 'cal-tea', name: 'Tea Club', events },
      { id: 'cal-other', events: 0 },
    ],
  });
  url = `${rig.luma.url}/ics/get?entity=calendar&id=cal-tea`;
  env = { MONGODB_URI: mongoUri(), MONGODB_DB: rig.store.db.databaseName, LUMA_BASE_URL: rig.luma.url };
});

const run = (args: string[], more: Record<string, string> = {}) => cliHere(args, { ...env, ...more });
const add = (address: string, ...args: string[]) =>
  run(['orgs', 'add', '--name', 'Tea', '--id', 'tea', '--ical', address, ...args]);
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const withRing = () => ({ LUMA_SYNC_KEYRING: rig.keyringText });

describe('orgs add --ical', () => {
  it('reads the feed first, shows what it is of, and needs no key and no key ring', async () => {
    const added = await add(`  ${url}&utm_source=x`, '--timezone', 'europe/rome', '--json');
    expect(json(added)).toEqual({
      ...{ id: 'tea', name: 'Tea', calendarId: 'cal-tea', calendarName: 'Tea Club', upcoming: 2 },
      ...{ calendarUrl: 'https://luma.com/calendar/cal-tea', notPublic: 0, more: false },
    });
    expect(added.stderr).toContain('Calendar: Tea Club (cal-tea), 2 upcoming events');
    expect(await organizations().findOne({ _id: 'tea' })).toEqual({
      ...{ _id: 'tea', name: 'Tea', lumaIcalUrl: url, lumaTimezone: 'Europe/Rome' },
      lumaCalendarUrl: 'https://luma.com/calendar/cal-tea',
    });
    expect(rig.luma.requests.map(({ path }) => path)).toEqual(['/ics/get']);
  });

  it('asks no host but Luma’s, and stores nothing else', async () => {
    for (const check of [[], ['--no-check']]) {
      const refused = await add('https://evil.example/ics/get?entity=calendar&id=cal-tea', ...check);
      expect(refused).toMatchObject({ code: check.length === 0 ? 1 : 2, stdout: '' });
      expect(refused.stderr).toMatch(
        /^error: .*https:\/\/api\.luma\.com\/ics\/get\?entity=calendar&id=cal-….*\n/,
      );
      expect(refused.stderr).not.toContain('evil');
    }
    expect(await organizations().countDocuments()).toBe(0);
  });

  it('stores nothing where the calendar is unknown or the feed is none, unless told not to ask', async () => {
    const unknown = await add(url.replace('cal-tea', 'cal-nobody'));
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(
      /^error: Luma refuses access \(404, \/ics\/get\) – see whether the calendar is public/,
    );
    rig.luma.calendar('cal-tea').setFault({ kind: 'html' });
    expect((await add(url)).stderr).toMatch(/^error: Luma's answer is not what it documents: no iCalendar/);
    expect(await organizations().countDocuments()).toBe(0);
    expect(json(await add(url, '--no-check', '--json'))).toEqual({ id: 'tea', name: 'Tea' });
  });

  it.each([
    [['--key-file', '-'], '--ical and --key-file exclude each other'],
    [['--timezone', 'Mars/Olympus'], 'timezone must be an IANA name'],
  ])('used wrongly (%j) says so', async (args, message) => {
    const { code, stderr } = await add(url, ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(await organizations().countDocuments()).toBe(0);
  });
});

describe('an organization with a feed', () => {
  beforeEach(() => add(url));

  it('is shown with it, and listed as one that is synced', async () => {
    expect((await run(['orgs', 'list'])).stdout).toMatch(/^tea .* feed +not synced yet/m);
    expect((await run(['orgs', 'show', 'tea'])).stdout).toContain(`feed          ${url}`);
    await organizations().insertOne({
      _id: 'odd',
      lumaIcalUrl: 'https://x.example/',
      lumaTimezone: 'Mars/Olympus',
    });
    await organizations().insertOne({ _id: 'odder', lumaIcalUrl: 7 });
    expect(json(await run(['orgs', 'list', '--json']))).toMatchObject([
      {
        ...{ id: 'odd', source: 'ical' },
        problems: [
          expect.stringMatching(/^lumaIcalUrl is no address like/),
          'lumaTimezone is no time zone that is known: UTC is used',
        ],
      },
      { id: 'odder', hasKey: false, unusable: 'lumaIcalUrl is a number, not text' },
      { id: 'tea', hasKey: false, source: 'ical' },
    ]);
    const { organizations: stores } = rig.store;
    expect(await stores.idsToSync(null, 10)).toEqual({ orgIds: ['odd', 'tea'], next: null });
    expect(await stores.unusable()).toEqual([{ id: 'odder', reason: 'lumaIcalUrl is a number, not text' }]);
  });

  it('is checked with one request, and found to be of another calendar', async () => {
    const check = (...args: string[]) => run(['orgs', 'check', 'tea', ...args], withRing());
    expect((await check()).stdout).toMatch(/^The feed works: Tea Club \(cal-tea\), 2 upcoming events/);
    await organizations().updateOne({ _id: 'tea' }, { $set: { 'lumaSync.calendarId': 'cal-old' } });
    const other = await check('--json');
    expect(json(other)).toMatchObject({ source: 'ical', calendarId: 'cal-tea', boundTo: 'cal-old' });
    expect(other).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('put the right lumaIcalUrl') as string,
    });
  });

  it('may get a key of the same calendar only', async () => {
    await organizations().updateOne(
      { _id: 'tea' },
      { $set: { 'lumaSync.calendarId': 'cal-tea', 'lumaSync.source': 'ical' } },
    );
    const setKey = (id: string) =>
      run(['orgs', 'set-key', 'tea', '--json'], { ...withRing(), LUMA_API_KEY: rig.luma.calendar(id).key });
    expect((await setKey('cal-other')).stderr).toContain('the key opens calendar cal-other');
    const set = await setKey('cal-tea');
    expect(json(set)).toMatchObject({ id: 'tea', sourceBefore: 'ical' });
    expect(set.stderr).toContain('the next sync keeps their documents and fills in what the feed lacks');
    expect((await run(['orgs', 'show', 'tea'])).stdout).toContain(`${url} (not read: there is a key)`);
  });

  it('is estimated at one request a sync', async () => {
    const { stdout } = await run(['estimate', '--org', 'tea', '--json'], {
      ...withRing(),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(JSON.parse(stdout)).toMatchObject({
      organizations: [{ orgId: 'tea', aRun: { lumaRequests: 1 } }],
    });
  });

  it('is not synced again once it is removed, though its document has fields of the application', async () => {
    await organizations().updateOne({ _id: 'tea' }, { $set: { own: 1 } });
    await rig.store.organizations.remove('tea', { keepEvents: false });
    expect(await organizations().findOne({ _id: 'tea' })).not.toHaveProperty('lumaIcalUrl');
    expect(await rig.store.organizations.idsToSync(null, 10)).toEqual({ orgIds: [], next: null });
  });
});
