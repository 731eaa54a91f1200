import { ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { noEvents } from '../../src/events/counts.js';
import { at, everything, useStore } from './support/store.js';

const rig = useStore();
const run = { _id: 'run-1', kind: 'org' as const, orgId: new ObjectId(), workflowId: 'w', startedAt: at(0) };

test('a run that begins twice began once', async () => {
  await rig.store.runs.begin(run);
  await rig.store.runs.begin({ ...run, startedAt: at(60) });
  expect(await everything(rig.db, 'sync_runs')).toEqual([{ ...run, state: 'running' }]);
});

test('the report of a run holds its end, and is the same when said twice', async () => {
  await rig.store.runs.begin(run);
  const report = { ...run, state: 'complete' as const, pages: 3, events: noEvents(), finishedAt: at(60) };
  await rig.store.runs.end(report);
  await rig.store.runs.end(report);
  expect(await everything(rig.db, 'sync_runs')).toEqual([report]);
});

test('a run that never began is reported too', async () => {
  await rig.store.runs.end({ ...run, state: 'failed', reason: 'OrgNotFound: no organization "x"' });
  expect(await everything(rig.db, 'sync_runs')).toMatchObject([{ state: 'failed' }]);
});

test('a run that ended does not begin again', async () => {
  await rig.store.runs.end({ ...run, state: 'complete' });
  await rig.store.runs.begin(run);
  expect(await everything(rig.db, 'sync_runs')).toMatchObject([{ state: 'complete' }]);
});
