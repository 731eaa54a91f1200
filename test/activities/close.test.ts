import { noopMetricMeter } from '@temporalio/common';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { CloseOrgSyncInput } from '../../src/activities/close-org-sync.js';
import type { OrganizationDoc, OrgId, SyncRunDoc } from '../../src/mongo/documents.js';
import { observeShape } from '../../src/luma/drift.js';
import { useRig } from '../support/rig.js';
import { lumaEntry } from '../luma/support/entries.js';
import { environment, run } from './support/activities.js';

const rig = useRig();
const organizations = () => rig.store.db.collection<OrganizationDoc>('organizations');
const runs = async () => await rig.store.db.collection<SyncRunDoc>('sync_runs').find().toArray();
const NOW = new Date('2090-11-03T18:05:00Z');
const events = { seen: 5, inserted: 4, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 1 };

function closing(orgId: string, input: Partial<CloseOrgSyncInput> = {}): CloseOrgSyncInput {
  return {
    workflowId: `luma-org-sync/${orgId}`,
    end: { state: 'complete' },
    report: {
      orgId,
      syncId: 'sync-1',
      calendarId: 'cal-1',
      pages: 3,
      events,
      detailsPending: 0,
      unresolved: 0,
      dryRun: false,
      requests: 4,
      waitedMs: 61_000,
      startedAt: '2090-11-03T18:00:00.000Z',
      finishedAt: '2090-11-03T18:04:00.000Z',
    },
    ...input,
  };
}

async function underWay(_id: OrgId): Promise<void> {
  await organizations().insertOne({ _id });
  await beginSync(_id, 'sync-1', new Date('2090-11-03T18:00:00Z'));
}

/** Closing touches no Luma, so none is started. */
const close = async (input: CloseOrgSyncInput) => {
  const { store, keyring } = rig;
  await run({ store, keyring, luma: {} as never, now: () => NOW }, 'closeOrgSync', input);
};
const stateOf = async (_id: OrgId) => await organizations().findOne({ _id });

/** A sync of the organization, as it is now, begins. */
async function beginSync(_id: OrgId, syncId: string, now: Date): Promise<void> {
  const { organizations } = rig.store;
  await organizations.beginSync(await organizations.get(String(_id)), syncId, now);
}

test('a complete sync is reported, and the organization says since when its events are true', async () => {
  await underWay('acme');
  await close(closing('acme'));
  expect(await stateOf('acme')).toMatchObject({
    eventsLastSynced: NOW,
    lumaSync: { state: 'ok', lastSuccessAt: NOW, consecutiveFailures: 0 },
  });
  expect(await runs()).toEqual([
    {
      _id: 'sync-1',
      kind: 'org',
      orgId: 'acme',
      workflowId: 'luma-org-sync/acme',
      state: 'complete',
      calendarId: 'cal-1',
      pages: 3,
      events,
      requests: 4,
      waitedMs: 61_000,
      unresolved: 0,
      drift: [],
      detailsPending: 0,
      startedAt: new Date('2090-11-03T18:00:00Z'),
      finishedAt: new Date('2090-11-03T18:04:00Z'),
    },
  ]);
});

test('a sync of a window is complete, and says nothing about all events', async () => {
  await underWay('acme');
  const window = { after: '2026-11-01T00:00:00Z' };
  await close(closing('acme', { window }));
  const org = await stateOf('acme');
  expect(org?.lumaSync?.state).toBe('ok');
  expect(org).not.toHaveProperty('eventsLastSynced');
  expect(await runs()).toMatchObject([{ window }]);
});

describe.each(['failed', 'canceled'] as const)('a sync that %s', (state) => {
  const end = { state, failure: { type: 'LumaForbidden', message: 'Luma refuses access (403, /v1/x)' } };
  const reason = 'LumaForbidden: Luma refuses access (403, /v1/x)';

  test('says why, once however often it is closed', async () => {
    await underWay('acme');
    for (let attempt = 0; attempt < 3; attempt++) await close(closing('acme', { end }));
    const org = await stateOf('acme');
    expect(org?.lumaSync).toMatchObject({
      state,
      reason,
      consecutiveFailures: state === 'failed' ? 1 : 0,
    });
    expect(org).not.toHaveProperty('eventsLastSynced');
    expect(await runs()).toMatchObject([{ state, reason }]);
  });

  test('before the calendar was known has none in its report', async () => {
    await underWay('acme');
    const input = closing('acme', { end });
    await close({ ...input, report: { ...input.report, calendarId: null } });
    const [report] = await runs();
    expect(report).toMatchObject({ state, reason });
    expect(report).not.toHaveProperty('calendarId');
  });

  test.each([
    { other: 'before it', startedAt: new Date('2090-11-03T17:00:00Z'), says: state },
    { other: 'after it', startedAt: new Date('2090-11-03T18:01:00Z'), says: 'syncing' },
  ])(
    'before it had said that it was under way is told, unless another began: one that began $other',
    async ({ startedAt, says }) => {
      await organizations().insertOne({ _id: 'acme' });
      const other = { _id: 'another', kind: 'org' as const, orgId: 'acme', workflowId: 'w', startedAt };
      await rig.store.runs.begin(other);
      await beginSync('acme', 'another', startedAt);
      for (let attempt = 0; attempt < 2; attempt++) await close(closing('acme', { end }));
      expect((await stateOf('acme'))?.lumaSync?.state).toBe(says);
      expect(await runs()).toContainEqual(expect.objectContaining({ _id: 'sync-1', state, reason }));
    },
  );

  test('of an organization that is gone is reported all the same', async () => {
    await close(closing('gone', { end }));
    expect(await runs()).toMatchObject([{ orgId: 'gone', state, reason }]);
    expect(await organizations().countDocuments()).toBe(0);
  });
});

test('an ObjectId stays one in the report', async () => {
  const _id = new ObjectId();
  await underWay(_id);
  await close(closing(_id.toHexString()));
  expect((await stateOf(_id))?.lumaSync?.state).toBe('ok');
  expect((await runs())[0]?.orgId).toEqual(_id);
});

test.each([
  ['complete', undefined],
  ['partial', undefined],
  ['canceled', 'Canceled'],
] as const)('a full sync that ended %s is reported', async (state, reason) => {
  const report = {
    orgs: { total: 3, completed: 2, failed: 1, alreadySyncing: 0 },
    events,
    failures: [{ orgId: 'acme', type: 'LumaKeyRejected', message: '401' }],
    requests: 9,
    waitedMs: 0,
    startedAt: '2090-11-03T18:00:00.000Z',
    finishedAt: '2090-11-03T18:04:00.000Z',
  };
  const input = {
    ...{ runId: 'run-1', workflowId: 'luma-full-sync', state, report },
    ...(reason === undefined ? {} : { reason }),
  };
  const deps = { store: rig.store, keyring: rig.keyring, luma: {} as never };
  for (let attempt = 0; attempt < 2; attempt++) await run(deps, 'closeFullSync', input);
  expect(await runs()).toEqual([
    {
      _id: 'run-1',
      kind: 'full',
      workflowId: 'luma-full-sync',
      state,
      ...(reason === undefined ? {} : { reason }),
      orgs: report.orgs,
      events,
      failures: report.failures,
      requests: 9,
      waitedMs: 0,
      startedAt: new Date(report.startedAt),
      finishedAt: new Date(report.finishedAt),
    },
  ]);
});

test('organizations with a key are named in ranges, by the string form of their ids', async () => {
  const objectId = new ObjectId();
  await organizations().insertMany([
    { _id: objectId, lumaApiKey: 'k' },
    { _id: 'b', lumaApiKey: 'k' },
    { _id: 'a', lumaApiKey: 'k' },
    { _id: 'embed', lumaCalendarUrl: 'https://luma.com/embed' },
  ]);
  const deps = { store: rig.store, keyring: rig.keyring, luma: {} as never };
  const first = await run(deps, 'getOrgsWithLumaConfig', { after: null, limit: 2 });
  expect(first.orgIds).toEqual(['a', 'b']);
  expect(await run(deps, 'getOrgsWithLumaConfig', { after: first.next, limit: 2 })).toEqual({
    orgIds: [objectId.toHexString()],
    next: null,
  });
});

test('a difference in what Luma answers is logged and counted by a real sync, not by a dry run', async () => {
  await underWay('acme');
  const told: string[] = [];
  const counter = {
    ...noopMetricMeter.createCounter(''),
    add: (value: number) => void told.push(`+${value}`),
  };
  const closeAfter = async (syncId: string, entry: unknown, dryRun: boolean) => {
    await beginSync('acme', syncId, NOW);
    await rig.store.stagedPages.add({
      ...{ syncId, orgId: 'acme', phase: 'listing', seq: 1, observedAt: NOW, entries: 1 },
      ...{ events: [], hidden: [], quarantined: [], undescribed: [], shape: observeShape([entry]) },
    });
    const env = environment(
      {},
      ({ level, meta }) => {
        if (level === 'WARN') told.push(String(meta?.drift));
      },
      Object.assign(Object.create(noopMetricMeter) as typeof noopMetricMeter, {
        createCounter: () => counter,
      }),
    );
    const { store, keyring } = rig;
    const input = closing('acme');
    const report = { ...input.report, syncId, dryRun };
    const deps = { store, keyring, luma: {} as never, now: () => NOW };
    return await run(deps, 'closeOrgSync', { ...input, report }, env);
  };
  expect(await closeAfter('sync-1', lumaEntry(), false)).toEqual({ drift: [] });
  const gone = lumaEntry({ cover_url: undefined });
  expect(await closeAfter('sync-2', gone, true)).toEqual({ drift: ['cover_url vanished'] });
  expect(told).toEqual([]);
  expect(await closeAfter('sync-3', gone, false)).toEqual({ drift: ['cover_url vanished'] });
  expect(told).toEqual(['cover_url vanished', '+1']);
});
