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
      expect(refused).toMatchObject({ code: 2, stdout: '' });
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

  it('is checked with one request and without a key ring, and found to be of another calendar', async () => {
    const check = (...args: string[]) => run(['orgs', 'check', 'tea', ...args]);
    expect((await check()).stdout).toMatch(/^The feed works: Tea Club \(cal-tea\), 2 upcoming events/);
    await organizations().updateOne({ _id: 'tea' }, { $set: { 'lumaSync.calendarId': 'cal-old' } });
    const other = await check('--json');
    expect(json(other)).toMatchObject({ source: 'ical', calendarId: 'cal-tea', boundTo: 'cal-old' });
    expect(other).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('luma-sync orgs set-feed tea URL') as string,
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

  it('whose key cannot be opened for want of a key ring says how to make one', async () => {
    await organizations().updateOne({ _id: 'tea' }, { $set: { lumaApiKey: 'sealed:v1:k1:x' } });
    const check = await run(['orgs', 'check', 'tea']);
    expect([check.code, check.stderr]).toEqual([2, expect.stringContaining('luma-sync keyring new')]);
  });

  it('shows of its address no more than is asked for', async () => {
    for (const lumaIcalUrl of [`${url}&token=canary`, url.replace('://', '://ann:canary@')]) {
      await organizations().updateOne({ _id: 'tea' }, { $set: { lumaIcalUrl } });
      for (const args of [
        ['list'],
        ['list', '--json'],
        ['show', 'tea'],
        ['show', 'tea', '--json'],
        ['check', 'tea'],
      ]) {
        const { stdout, stderr } = await run(['orgs', ...args]);
        expect(stdout + stderr).not.toContain('canary');
      }
    }
    expect((await run(['orgs', 'show', 'tea'])).stdout).toMatch(/^problem +lumaIcalUrl is no address like/m);
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

describe('orgs set-feed', () => {
  const stored = () => organizations().findOne({ _id: 'tea' });
  const setFeed = (...args: string[]) => run(['orgs', 'set-feed', 'tea', ...args]);
  const synced = (source: string, calendarId = 'cal-tea') =>
    organizations().updateOne(
      { _id: 'tea' },
      { $set: { lumaSync: { calendarId, source, lastSuccessAt: new Date() } } },
    );
  beforeEach(() =>
    organizations().insertOne({ _id: 'tea', name: 'Tea', lumaTimezone: 'Asia/Tokyo', own: 1 }),
  );

  it('reads the feed first, and stores its address in its one form beside what is there', async () => {
    const set = await setFeed(`${url}&utm_source=x`, '--json');
    expect(json(set)).toMatchObject({ id: 'tea', calendarId: 'cal-tea', upcoming: 2, source: 'ical' });
    expect(set.stderr).toContain('luma-sync sync --org tea');
    expect(await stored()).toEqual({
      ...{ _id: 'tea', name: 'Tea', lumaIcalUrl: url, lumaTimezone: 'Asia/Tokyo', own: 1 },
    });
    expect(rig.luma.requests.map(({ path }) => path)).toEqual(['/ics/get']);
    await setFeed(url, '--timezone', 'europe/rome');
    expect(await stored()).toMatchObject({ lumaTimezone: 'Europe/Rome' });
  });

  it('refuses the feed of another calendar, one that cannot be read, and what is no address of Luma’s', async () => {
    await synced('ical');
    const other = url.replace('cal-tea', 'cal-other');
    const changed = await setFeed(other);
    expect(changed).toMatchObject({ code: 1, stdout: '' });
    expect(changed.stderr).toMatch(
      /^error: the feed is of calendar cal-other, .* cal-tea .*orgs rebind tea.*\n$/,
    );
    rig.luma.calendar('cal-tea').setFault({ kind: 'html' });
    expect((await setFeed(url)).stderr).toMatch(
      /^error: .*no iCalendar.* Nothing was stored; --no-check .*\n$/,
    );
    for (const wrong of ['https://ann:canary@evil.example/ics/get?entity=calendar&id=cal-tea', 'canary']) {
      for (const check of [[], ['--no-check']]) {
        const refused = await setFeed(wrong, ...check);
        expect(refused).toMatchObject({ code: 2, stdout: '' });
        expect(refused.stderr).toMatch(
          /^error: icalUrl must be the address of a calendar's feed at Luma.*\n$/,
        );
        expect(refused.stderr).not.toMatch(/canary|evil/);
      }
    }
    expect(await stored()).not.toHaveProperty('lumaIcalUrl');
    expect(json(await setFeed(other, '--no-check', '--json'))).toEqual({ id: 'tea', source: 'ical' });
    expect(await stored()).toMatchObject({ lumaIcalUrl: other });
  });

  it('beside a key says that the key goes first; once it is taken away, what becomes of the documents', async () => {
    await synced('api');
    await organizations().updateOne({ _id: 'tea' }, { $set: { lumaApiKey: 'secret-canary' } });
    const beside = await setFeed(url, '--json');
    expect(json(beside)).toMatchObject({ source: 'api' });
    expect(beside.stderr).toContain('not read: there is a Luma key');
    expect(beside.stderr).toContain('luma-sync orgs set-key --remove tea');

    const removed = await run(['orgs', 'set-key', 'tea', '--remove', '--json']);
    expect(json(removed)).toEqual({ id: 'tea', removed: true, source: 'ical', webhookLeft: false });
    expect(removed.stderr).toMatch(
      /keeps the documents, with what only the API knew.*luma-sync sync --org tea/,
    );
    expect(await stored()).not.toHaveProperty('lumaApiKey');
    const again = await run(['orgs', 'set-key', 'tea', '--remove', '--json']);
    expect(json(again)).toMatchObject({ removed: false, source: 'ical' });

    const after = await setFeed(url, '--json');
    expect(json(after)).toMatchObject({ source: 'ical', sourceBefore: 'api' });
    expect(after.stderr).toContain(
      'came from the API so far: the next sync reads the feed and keeps the documents',
    );
  });

  it('takes the feed away, and says where that leaves an organization without a key', async () => {
    await setFeed(url);
    const removed = await setFeed('--remove', '--json');
    expect(json(removed)).toEqual({ id: 'tea', removed: true, source: null });
    expect(removed.stderr).toMatch(
      /its events stay as they are.*orgs set-key tea or luma-sync orgs set-feed tea URL\n$/,
    );
    expect(await stored()).toEqual({ _id: 'tea', name: 'Tea', lumaTimezone: 'Asia/Tokyo', own: 1 });
    expect(await rig.store.organizations.idsToSync(null, 10)).toEqual({ orgIds: [], next: null });
    expect(json(await setFeed('--remove', '--json'))).toMatchObject({ removed: false });
  });

  it('a key that is taken away leaves its webhook at Luma, which is said', async () => {
    await organizations().updateOne(
      { _id: 'tea' },
      { $set: { lumaApiKey: 'secret-canary', lumaIcalUrl: url } },
    );
    await rig.store.webhooks.put('tea', {
      ...{ id: 'wh-1', url: 'https://x.example/', sealedSecret: 'sealed:v1:k1:x', state: 'active' },
      registeredAt: new Date(),
    });
    const { stderr, stdout } = await run(['orgs', 'set-key', 'tea', '--remove']);
    expect(stderr).toContain('Its webhook is still registered at Luma');
    expect(stdout + stderr).not.toContain('canary');
  });

  it.each([
    [['orgs', 'set-feed', 'tea'], 'no address was given'],
    [['orgs', 'set-feed', 'tea', 'https://x.example/', '--remove'], '--remove takes neither'],
    [['orgs', 'set-feed', 'tea', '--remove', '--timezone', 'UTC'], '--remove takes neither'],
    [['orgs', 'set-key', 'tea', '--remove', '--key-file', '-'], '--remove and --key-file exclude each other'],
    [['orgs', 'set-feed', 'nobody', '--remove'], 'there is no organization "nobody"'],
    [['orgs', 'set-key', 'nobody', '--remove'], 'there is no organization "nobody"'],
  ])('used wrongly (%j) says so', async (args, message) => {
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
