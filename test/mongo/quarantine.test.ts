import { expect, test } from 'vitest';
import type { QuarantinedEntry } from '../../src/events/event.js';
import { at, everything, useStore } from './support/store.js';

const rig = useStore();

function entry(lumaEventId: string | null, problem = 'missing'): QuarantinedEntry {
  return { lumaEventId, problems: [{ path: 'start_at', problem }], values: { platform: 'luma' } };
}

test('an entry is kept once: since when, until when, and for the newest reasons', async () => {
  await rig.store.quarantine.record('org', [entry('evt-1')], at(0));
  await rig.store.quarantine.record('org', [entry('evt-1', 'not-a-date')], at(60));
  expect(await everything(rig.db, 'quarantined_entries')).toMatchObject([
    { lumaEventId: 'evt-1', problems: [{ problem: 'not-a-date' }], firstSeenAt: at(0), lastSeenAt: at(60) },
  ]);
});

test('entries without an id are told apart by their looks', async () => {
  await rig.store.quarantine.record('org', [entry(null), entry(null, 'not-a-date')], at(0));
  await rig.store.quarantine.record('org', [entry(null)], at(60));
  expect(await everything(rig.db, 'quarantined_entries')).toHaveLength(2);
});

test('events that came in order leave, those of others stay', async () => {
  await rig.store.quarantine.record('org', [entry('evt-1'), entry('evt-2'), entry(null)], at(0));
  await rig.store.quarantine.record('other', [entry('evt-1')], at(0));
  await rig.store.quarantine.release('org', new Set(['evt-1', 'evt-9']));
  const left = await everything(rig.db, 'quarantined_entries');
  expect(left.map((doc): unknown[] => [doc.orgId, doc.lumaEventId])).toEqual([
    ['org', null],
    ['org', 'evt-2'],
    ['other', 'evt-1'],
  ]);
});

test('with nothing to record, nothing is recorded', async () => {
  await rig.store.quarantine.record('org', [], at(0));
  expect(await everything(rig.db, 'quarantined_entries')).toEqual([]);
});
