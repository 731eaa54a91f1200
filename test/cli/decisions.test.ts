import { userInfo } from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import { storeOf } from '../../src/mongo/store.js';
import { applyAt, cancelAt, holdAt, inWrite, seen } from '../mongo/support/store.js';
import { freshDatabase, mongoUri } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const { db, name } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
const run = (...args: string[]): Promise<CliResult> =>
  cliHere(args, { MONGODB_URI: mongoUri(), MONGODB_DB: name });
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
  const lumaSync = { calendarId: 'cal-1', state: 'ok' };
  await db
    .collection<{ _id: string }>('organizations')
    .insertOne({ _id: 'org', lumaSync } as { _id: string });
  const ids = ['evt-1', 'evt-2', 'evt-3'];
  await applyAt(store, 'org', 0, { events: ids.map((id) => seen(id)) });
  await holdAt(store, 'org', 1, ...ids);
});

const decide = (...args: string[]) => run('removals', ...args, '--org', 'org');

describe('a decision on the command line', () => {
  test('is kept under the name that was given, and shown with the removal', async () => {
    const approved = await decide('approve', '--all', '--by', 'Ann of the events team');
    expect(approved).toMatchObject({ code: 0, stdout: '3 removals approved\n' });
    expect(approved.stderr).toContain('Decided on: evt-1, evt-2, evt-3\n');
    const listed = await run('removals', 'list', '--org', 'org');
    expect(listed.stdout).toMatch(
      /evt-1 .* approved by Ann of the events team, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m,
    );
    expect(json(await run('removals', 'list', '--json'))).toMatchObject([
      { decidedBy: 'Ann of the events team' },
      {},
      {},
    ]);
  });

  test('without a name is kept under the system’s user', async () => {
    await decide('reject', 'evt-1');
    await run('orgs', 'rebind', 'org');
    await run('orgs', 'rebind', 'org', '--by', 'Bob');
    const { username: by } = userInfo();
    expect(json(await run('removals', 'history', '--org', 'org', '--json'))).toMatchObject([
      { orgId: 'org', by, kind: 'rebind', calendarId: 'cal-1' },
      { orgId: 'org', by, kind: 'removals-rejected', lumaEventIds: ['evt-1'] },
    ]);
    const table = await run('removals', 'history');
    expect(table.stdout).toMatch(/ org +\S+ +removals-rejected +1 event: evt-1$/m);
    expect(json(await run('removals', 'history', '--limit', '1', '--json'))).toHaveLength(1);
  });

  test('of all that wait leaves what was decided; one that names an event replaces it', async () => {
    await decide('approve', 'evt-1', '--by', 'Ann');
    expect(await decide('reject', '--all', '--by', 'Bob')).toMatchObject({ stdout: '2 removals rejected\n' });
    expect(await decide('reject', '--all', '--by', 'Bob')).toMatchObject({ stdout: '0 removals rejected\n' });
    expect(await decide('reject', 'evt-1', '--by', 'Bob')).toMatchObject({ stdout: '1 removal rejected\n' });
    expect(json(await run('removals', 'history', '--json'))).toMatchObject([
      { by: 'Bob', kind: 'removals-rejected', lumaEventIds: ['evt-1'] },
      { by: 'Bob', kind: 'removals-rejected', lumaEventIds: ['evt-2', 'evt-3'] },
      { by: 'Ann', kind: 'removals-approved', lumaEventIds: ['evt-1'] },
    ]);
  });

  test('outlives the events', async () => {
    await decide('approve', '--all');
    await cancelAt(store, 'org', 2, 'evt-1', 'evt-2', 'evt-3');
    await inWrite(store, 'org', (write) => store.heldRemovals.forget(write, ['evt-1', 'evt-2', 'evt-3']));
    expect(json(await run('removals', 'list', '--json'))).toEqual([]);
    expect(json(await run('removals', 'history', '--json'))).toMatchObject([
      { lumaEventIds: ['evt-1', 'evt-2', 'evt-3'] },
    ]);
  });

  test('to keep events of which some were removed meanwhile says which, and exits 3', async () => {
    await cancelAt(store, 'org', 2, 'evt-1');
    const rejected = await decide('reject', 'evt-1', 'evt-2');
    expect(rejected).toMatchObject({ code: 3, stdout: '1 removal rejected\n' });
    expect(rejected.stderr).toContain('Already removed by a sync, so nothing was decided about: evt-1\n');
    expect(rejected.stderr).toContain('1 removal of org still to decide on.');

    await cancelAt(store, 'org', 3, 'evt-3');
    const all = await decide('reject', '--all', '--json');
    expect(all.code).toBe(3);
    expect(json(all)).toEqual({ decided: 0, waiting: 0, lumaEventIds: [], alreadyGone: ['evt-3'] });
    expect(all.stderr).not.toContain('They stay');
  });

  test('to let events go of which some are gone already is done', async () => {
    await cancelAt(store, 'org', 2, 'evt-1');
    expect(await decide('approve', '--all')).toMatchObject({ code: 0, stdout: '2 removals approved\n' });
  });

  test.each([['approve'], ['reject']])('%s refuses a name that is none', async (command) => {
    for (const by of ['', '   ', 'x'.repeat(201), 'a\u001b[31mb', 'a\nb']) {
      const { code } = await decide(command, '--all', '--by', by);
      expect({ by, code }).toEqual({ by, code: 2 });
    }
    expect(json(await run('removals', 'history', '--json'))).toEqual([]);
  });

  test('nothing was decided yet: that is said', async () => {
    const { code, stderr } = await run('removals', 'history');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Nothing was decided yet.\n' });
    expect((await run('removals', 'history', '--org', 'nobody')).code).toBe(2);
  });
});
