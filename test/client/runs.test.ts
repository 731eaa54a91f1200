import { ObjectId } from 'mongodb';
import { PassThrough } from 'node:stream';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync, RunNotFound } from '../../src/client.js';
import { runTable } from '../../src/cli/output/runs.js';
import { toTerminal } from '../../src/cli/output/styles.js';
import { runDays } from '../../src/client/runs-days.js';
import { freshDatabase } from '../support/servers.js';
import { cliHere } from '../cli/support/run.js';

const { db, uri, name } = freshDatabase();
const env = { MONGODB_URI: uri, MONGODB_DB: name };
let lumaSync: LumaSync;

const DAY_MS = 86_400_000;
const events = { seen: 5, inserted: 2, changed: 1, unchanged: 2, removed: 1, held: 0, quarantined: 0 };
const orgId = new ObjectId();

function run(_id: string, startedAt: Date, extra: object = {}) {
  const finishedAt = new Date(startedAt.getTime() + 65_000);
  return {
    ...{ _id: _id as never, kind: 'org', orgId, workflowId: 'w', state: 'complete', startedAt, finishedAt },
    ...{ pages: 1, events, requests: 7, waitedMs: 60_000, calendarId: 'cal-1', ...extra },
  };
}

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

beforeAll(async () => {
  lumaSync = connectLumaSync({ mongo: { uri, db: name } });
  await db.collection('organizations').insertOne({ _id: orgId, name: 'Acme', lumaApiKey: 'sealed' });
  const full = { kind: 'full', orgId: undefined, state: 'partial', calendarId: undefined };
  await db.collection('sync_runs').insertMany(
    [
      run('aaaa1111-0', daysAgo(0)),
      run('aaaa2222-0', daysAgo(2), { state: 'failed', reason: 'LumaUnavailable: 503\u001b[2J' }),
      run('bbbb1111-0', daysAgo(40)),
      run('dddd1111-0', daysAgo(1), { dryRun: true, preview: { inserted: [{ title: 'secret' }] } }),
      run('ffff1111-0', daysAgo(1.5), {
        ...full,
        orgs: { total: 2, completed: 1, failed: 1, alreadySyncing: 0 },
        failures: [{ orgId: 'x', type: 'LumaKeyRejected', message: '401' }],
      }),
    ],
    { ignoreUndefined: true },
  );
});
afterAll(() => lumaSync.close());

test('syncs are listed, the latest first, of all or of one organization, without what dry runs found', async () => {
  const all = await lumaSync.runs.list();
  expect(all.map(({ id }) => id.slice(0, 4))).toEqual(['aaaa', 'dddd', 'ffff', 'aaaa', 'bbbb']);
  expect(all[0]).toMatchObject({ orgId: orgId.toHexString(), durationMs: 65_000 });
  expect(JSON.stringify(all)).not.toContain('secret');
  const own = await lumaSync.runs.list({ orgId: orgId.toHexString(), limit: 2 });
  expect(own.map(({ id }) => id)).toEqual(['aaaa1111-0', 'dddd1111-0']);
});

test('one sync is found by the beginning of its id, where only one begins so', async () => {
  expect(await lumaSync.runs.show('bbbb')).toMatchObject({ id: 'bbbb1111-0', requests: 7 });
  await expect(lumaSync.runs.show('aaaa')).rejects.toThrow(/more than one sync .* write more of it/);
  await expect(lumaSync.runs.show('cccc')).rejects.toBeInstanceOf(RunNotFound);
});

test('the last 30 days tell what real syncs did, day by day', async () => {
  const days = await lumaSync.runs.days(orgId.toHexString());
  expect(days).toHaveLength(30);
  expect(days.at(-1)).toMatchObject({ syncs: 1, changed: 4, requests: 7, longestMs: 65_000 });
  expect(days.at(-2)).toMatchObject({ syncs: 0 });
  expect(days.at(-3)).toMatchObject({ syncs: 1, failed: 1 });
});

test('syncs of a day count together, and its longest one', () => {
  const from = new Date('2026-11-01T00:00:00Z');
  const one = {
    id: 'a',
    kind: 'org' as const,
    workflowId: 'w',
    state: 'complete' as const,
    events,
    requests: 2,
  };
  const at = (time: string, durationMs: number) => ({ ...one, startedAt: new Date(time), durationMs });
  expect(
    runDays(
      [at('2026-11-01T23:59:59Z', 5), at('2026-11-02T00:00:00Z', 7), at('2026-11-02T12:00:00Z', 3)],
      from,
      2,
    ),
  ).toEqual([
    { date: '2026-11-01', syncs: 1, failed: 0, changed: 4, requests: 2, longestMs: 5 },
    { date: '2026-11-02', syncs: 2, failed: 0, changed: 8, requests: 4, longestMs: 7 },
  ]);
});

test('the table fits 80 columns, with the result cut before anything else', async () => {
  const table = runTable(await lumaSync.runs.list(), 80);
  const lines = toTerminal(table, new PassThrough()).split('\n');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(lines[4]).toMatch(/aaaa2222 .* failed; /);
});

test('the command line lists, shows and draws them; in ASCII where the locale is not UTF-8', async () => {
  const listed = await cliHere(['runs', 'list', '--org', orgId.toHexString()], env);
  expect(listed.code).toBe(0);
  expect(listed.stdout).toMatch(/aaaa2222 .* 65 s +60 s +4 +7 +failed; LumaUnavailable: 503\\u001b\[2J$/m);
  expect(listed.stdout).toMatch(/^ {2}events changed {2}\| {27}# #\| {2}8, at most 4 a day$/m);
  const drawn = await cliHere(['runs', 'show', 'aaaa1111'], { ...env, LANG: 'C.UTF-8' });
  expect(drawn.stdout).toMatch(/^Sync of \w+: complete$/m);
  expect(drawn.stdout).toContain('waited         1 min 0 s for Luma');
  expect(drawn.stdout).toContain('5 seen: 2 inserted, 1 changed, 2 unchanged, 1 removed');
  expect(drawn.stdout).toMatch(/\| {27}█ █\|/);
  const json = JSON.parse((await cliHere(['runs', 'list', '--json'], env)).stdout) as object;
  expect(json).toMatchObject({
    runs: [{ id: 'aaaa1111-0' }, {}, {}, {}, {}],
    lastDays: [{ days: { length: 30 } }],
  });
  const full = await cliHere(['runs', 'show', 'ffff'], env);
  expect(full.stdout).toMatch(/^Full sync: partial$/m);
  expect(full.stdout).toMatch(/^x +LumaKeyRejected +401$/m);
  expect(await cliHere(['runs', 'show', 'aaaa'], env)).toMatchObject({ code: 2, stdout: '' });
});
