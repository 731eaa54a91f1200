import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { readStanding } from '../../src/mongo/standing.js';
import { at, useStore } from './support/store.js';

const rig = useStore();
const put = async (name: string, docs: object[]) => {
  await rig.db.collection(name).insertMany(docs);
};
const organization = (_id: unknown, lumaSync?: object, more: object = {}) => ({
  ...{ _id, lumaApiKey: 'k', ...more },
  ...(lumaSync === undefined ? {} : { lumaSync }),
});
const ok = { state: 'ok', consecutiveFailures: 0 };

test('how all organizations with a key stand is counted, by state', async () => {
  await put('organizations', [
    organization('a', ok, { eventsLastSynced: at(20) }),
    organization('b', ok, { eventsLastSynced: at(10) }),
    organization('c', { state: 'failed', consecutiveFailures: 2 }),
    organization(new ObjectId(), { state: 'syncing', consecutiveFailures: 0 }),
    organization('d'),
    organization('e', { state: 'on holiday' }),
    organization(7, ok),
    organization('f', ok, { lumaApiKey: 12 }),
    { _id: 'no key', lumaCalendarUrl: 'https://luma.com/x', lumaSync: ok },
  ]);
  const { states, oldestSuccessAt } = await readStanding(rig.db, 10);
  expect(states).toEqual({ ok: 2, syncing: 1, failed: 1, canceled: 0, never: 1, unusable: 2, unknown: 1 });
  expect(oldestSuccessAt).toEqual(at(10));
});

test('those that need somebody are named first: failures, then no success, then the oldest success', async () => {
  await put('organizations', [
    organization('fresh', ok, { eventsLastSynced: at(30) }),
    organization('stale', ok, { eventsLastSynced: at(10) }),
    organization('new'),
    organization('failed once', { state: 'failed', consecutiveFailures: 1 }, { eventsLastSynced: at(20) }),
    organization('failed often', { state: 'failed', consecutiveFailures: 9, drift: ['x vanished'] }),
  ]);
  const { worst } = await readStanding(rig.db, 4);
  expect(worst).toEqual([
    { id: 'failed often', state: 'failed', consecutiveFailures: 9, drift: 1 },
    { id: 'failed once', state: 'failed', consecutiveFailures: 1, drift: 0, lastSuccessAt: at(20) },
    { id: 'new', state: 'never', consecutiveFailures: 0, drift: 0 },
    { id: 'stale', state: 'ok', consecutiveFailures: 0, drift: 0, lastSuccessAt: at(10) },
  ]);
});

test('removals and entries that wait for a person are counted, the most first; the decided ones are not', async () => {
  const many = (orgId: unknown, count: number, more: object) =>
    Array.from({ length: count }, (_, n) => ({
      orgId,
      lumaEventId: `evt-${n}`,
      entryKey: `evt-${n}`,
      ...more,
    }));
  await put('held_removals', [
    ...many('a', 2, { decision: 'waiting' }),
    ...many('b', 5, { decision: 'waiting' }),
    ...many('c', 1, { decision: 'rejected' }),
  ]);
  await put('quarantined_entries', [...many('a', 3, {}), ...many('b', 1, {})]);
  const { removalsHeld, quarantined } = await readStanding(rig.db, 1);
  expect(removalsHeld).toEqual({ total: 7, organizations: [{ id: 'b', count: 5 }] });
  expect(quarantined).toEqual({ total: 4, organizations: [{ id: 'a', count: 3 }] });
});

describe('what another program wrote into an organization', () => {
  const ODD = [
    null,
    'ok',
    7,
    [],
    [{ state: 'syncing' }],
    true,
    { consecutiveFailures: 'three', drift: 'all' },
  ];
  test.each(ODD.map((lumaSync) => ({ lumaSync })))(
    'counts for nothing and stops nothing: lumaSync is $lumaSync',
    async ({ lumaSync }) => {
      await put('organizations', [{ _id: 'odd', lumaApiKey: 'k', lumaSync, eventsLastSynced: 'yesterday' }]);
      const { worst, oldestSuccessAt } = await readStanding(rig.db, 10);
      expect(worst).toMatchObject([{ id: 'odd', consecutiveFailures: 0, drift: 0 }]);
      expect(worst[0]).not.toHaveProperty('lastSuccessAt');
      expect(oldestSuccessAt).toBeUndefined();
    },
  );
});
