import { expect, test } from 'vitest';
import type { QuarantinedEntry } from '../../src/events/event.js';
import type { EntrySource } from '../../src/mongo/documents.js';
import { applyAt, at, everything, inWrite, seen, useStore } from './support/store.js';

const rig = useStore();

const record = (
  orgId: string,
  entries: QuarantinedEntry[],
  when: Date,
  { source = 'listing', syncId }: { source?: EntrySource; syncId?: string } = {},
) => inWrite(rig.store, orgId, (write) => rig.store.quarantine.record(write, source, entries, when), syncId);
const release = (orgId: string, source: EntrySource, ids: string[]) =>
  inWrite(rig.store, orgId, (write) => rig.store.quarantine.release(write, source, new Set(ids)));
const left = async () =>
  (await everything(rig.db, 'quarantined_entries')).map((doc): unknown[] => [doc.source, doc.lumaEventId]);

function entry(lumaEventId: string | null, problem = 'missing'): QuarantinedEntry {
  return { lumaEventId, problems: [{ path: 'start_at', problem }], values: { platform: 'luma' } };
}

test('an entry is kept once: since when, until when, and for the newest reasons', async () => {
  await record('org', [entry('evt-1')], at(0));
  await record('org', [entry('evt-1', 'not-a-date')], at(60));
  expect(await everything(rig.db, 'quarantined_entries')).toMatchObject([
    { lumaEventId: 'evt-1', problems: [{ problem: 'not-a-date' }], firstSeenAt: at(0), lastSeenAt: at(60) },
  ]);
});

test('entries without an id are told apart by their looks', async () => {
  await record('org', [entry(null), entry(null, 'not-a-date')], at(0));
  await record('org', [entry(null)], at(60));
  expect(await everything(rig.db, 'quarantined_entries')).toHaveLength(2);
});

test('events that came in order leave, those of others stay', async () => {
  await record('org', [entry('evt-1'), entry('evt-2'), entry(null)], at(0));
  await record('other', [entry('evt-1')], at(0));
  await release('org', 'listing', ['evt-1', 'evt-9']);
  const docs = await everything(rig.db, 'quarantined_entries');
  expect(docs.map((doc): unknown[] => [doc.orgId, doc.lumaEventId])).toEqual([
    ['org', null],
    ['org', 'evt-2'],
    ['other', 'evt-1'],
  ]);
});

test('with nothing to record, nothing is recorded', async () => {
  await record('org', [], at(0));
  expect(await everything(rig.db, 'quarantined_entries')).toEqual([]);
});

test('what only a details request has found stays, whatever a listing shows in order', async () => {
  await record('org', [entry('evt-1')], at(0), { source: 'details' });
  await record('org', [entry('evt-1')], at(0), { source: 'listing' });
  await release('org', 'listing', ['evt-1']);
  expect(await left()).toEqual([['details', 'evt-1']]);
  await release('org', 'details', ['evt-1']);
  expect(await left()).toEqual([]);
});

test('the end of a listing forgets what it did not show, and of details what is gone', async () => {
  await applyAt(rig.store, 'org', 0, { events: [seen('evt-stored')] });
  await record('org', [entry('evt-stored'), entry('evt-gone')], at(0), {
    source: 'details',
    syncId: 'before',
  });
  await record('org', [entry('evt-mended'), entry(null)], at(0), { syncId: 'between' });
  await record('org', [entry('evt-seen')], at(60), { syncId: 'last' });
  await inWrite(rig.store, 'org', (write) => rig.store.quarantine.forgetUnseen(write), 'last');
  expect(await left()).toEqual([
    ['listing', 'evt-seen'],
    ['details', 'evt-stored'],
  ]);
});
