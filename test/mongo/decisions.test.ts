import { once } from 'node:events';
import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/mongo/errors.js';
import { type Store, storeOf } from '../../src/mongo/store.js';
import { inTransaction } from '../../src/mongo/transaction.js';
import { applyAt, at, cancelAt, everything, holdAt, inWrite, seen, useStore } from './support/store.js';

const rig = useStore();

/** Events that are stored and held back. */
async function holdBack(...ids: string[]): Promise<void> {
  await applyAt(rig.store, 'org', 0, { events: ids.map((id) => seen(id)) });
  await holdAt(rig.store, 'org', 1, ...ids);
}

const decide = (
  ids: string[] | null,
  decision: 'approved' | 'rejected' = 'rejected',
  store: Store = rig.store,
) => store.decisions.onRemovals('org', { decision, ids, by: 'Ann' });

const none = { decided: [], alreadyGone: [], unknown: [], decidedBefore: [] };

const decisions = async () =>
  Object.fromEntries(
    (await rig.store.heldRemovals.list('org')).map((doc) => [
      doc.lumaEventId,
      `${doc.decision} ${doc.decidedBy ?? ''}`.trim(),
    ]),
  );

describe('a decision on removals', () => {
  test('is kept: who, when, what, beside what it decides', async () => {
    await holdBack('evt-1', 'evt-2', 'evt-3');
    const before = new Date(Date.now() - 60_000);
    expect(await decide(['evt-1'], 'approved')).toEqual({ ...none, decided: ['evt-1'] });
    expect(await decide(null)).toMatchObject({ decided: ['evt-2', 'evt-3'] });
    expect(await decisions()).toEqual({
      ...{ 'evt-1': 'approved Ann', 'evt-2': 'rejected Ann', 'evt-3': 'rejected Ann' },
    });
    const kept = await rig.store.decisions.list('org', 10);
    expect(kept).toMatchObject([
      { orgId: 'org', by: 'Ann', kind: 'removals-rejected', lumaEventIds: ['evt-2', 'evt-3'] },
      { orgId: 'org', by: 'Ann', kind: 'removals-approved', lumaEventIds: ['evt-1'] },
    ]);
    for (const doc of [...kept, ...(await rig.store.heldRemovals.list('org'))]) {
      const when = 'at' in doc ? doc.at : doc.decidedAt;
      expect(when?.getTime()).toBeGreaterThan(before.getTime());
    }
    expect(await rig.store.decisions.list('other', 10)).toEqual([]);
    expect(await rig.store.decisions.list(undefined, 1)).toHaveLength(1);
  });

  test('stands where only what waits is meant: another one decides nothing, and is told who decided what and when', async () => {
    await holdBack('evt-1', 'evt-2');
    await decide(['evt-1'], 'approved');
    const [standing] = await rig.store.heldRemovals.list('org');
    for (const decision of ['rejected', 'approved'] as const) {
      const waiting = { ids: ['evt-1', 'evt-2'], decision, by: 'Bob', onlyWaiting: true };
      expect(await rig.store.decisions.onRemovals('org', waiting)).toEqual({
        ...none,
        decidedBefore: [standing],
      });
    }
    expect(await decisions()).toEqual({ 'evt-1': 'approved Ann', 'evt-2': 'waiting' });
    expect(await decide(null)).toMatchObject({ decided: ['evt-2'], decidedBefore: [] });
    expect(await decide(null)).toEqual(none);
    expect(await rig.store.decisions.list('org', 10)).toHaveLength(2);
  });

  test('that replaces one is kept beside the first', async () => {
    await holdBack('evt-1');
    await decide(['evt-1'], 'approved');
    const change = { ids: ['evt-1'], decision: 'rejected', by: 'Bob' } as const;
    expect(await rig.store.decisions.onRemovals('org', change)).toEqual({ ...none, decided: ['evt-1'] });
    expect(await decisions()).toEqual({ 'evt-1': 'rejected Bob' });
    expect((await rig.store.decisions.list('org', 10)).map(({ kind }) => kind)).toEqual([
      'removals-rejected',
      'removals-approved',
    ]);
  });

  test('that cannot be kept is not made', async () => {
    await holdBack('evt-1');
    await rig.db.command({ collMod: 'decisions', validator: { by: { $ne: 'Ann' } } });
    await expect(decide(null)).rejects.toThrow(StoreUnavailable);
    await rig.db.command({ collMod: 'decisions', validator: {} });
    expect(await decisions()).toEqual({ 'evt-1': 'waiting' });
  });

  test('about nothing is no decision', async () => {
    expect(await decide(null)).toEqual(none);
    expect(await rig.store.decisions.list('org', 10)).toEqual([]);
  });

  test('with an event that is not held back decides nothing', async () => {
    await holdBack('evt-1');
    await applyAt(rig.store, 'org', 2, { events: [seen('evt-stays')] });
    expect(await decide(['evt-1', 'evt-stays', 'evt-never'])).toEqual({
      ...{ ...none, unknown: ['evt-stays', 'evt-never'] },
    });
    expect(await decisions()).toEqual({ 'evt-1': 'waiting' });
  });

  test.each([['named', ['evt-1', 'evt-2', 'evt-3']] as const, ['all', null] as const])(
    'says which events a sync had removed before (%s)',
    async (_, ids) => {
      await holdBack('evt-1', 'evt-2', 'evt-3');
      // One as a crash leaves it, one as a whole removal.
      await cancelAt(rig.store, 'org', 3, 'evt-1', 'evt-2');
      await inWrite(rig.store, 'org', (write) => rig.store.heldRemovals.forget(write, ['evt-2']));
      expect(await decide(ids === null ? null : [...ids])).toEqual({
        ...none,
        decided: ['evt-3'],
        alreadyGone: ids === null ? ['evt-1'] : ['evt-1', 'evt-2'],
      });
      expect(await decisions()).toEqual({ 'evt-3': 'rejected Ann' });
      expect(await rig.store.decisions.list('org', 1)).toMatchObject([{ lumaEventIds: ['evt-3'] }]);
    },
  );
});

describe('events that went without a person’s word', () => {
  const count = (since = at(-1)) => rig.store.decisions.countUnseenRemovals('org', { since });

  test('are counted from an instant on, without those that were approved or are no longer public', async () => {
    await applyAt(rig.store, 'org', 0, {
      events: ['evt-1', 'evt-2', 'evt-3', 'evt-4'].map((id) => seen(id)),
    });
    await cancelAt(rig.store, 'org', 10, 'evt-1');
    await cancelAt(rig.store, 'org', 20, 'evt-2');
    await applyAt(rig.store, 'org', 25, { hidden: ['evt-4'] });
    expect(await count()).toBe(2);
    expect(await count(at(15))).toBe(1);
    await holdAt(rig.store, 'org', 30, 'evt-3');
    await decide(['evt-3'], 'approved');
    await cancelAt(rig.store, 'org', 40, 'evt-3');
    // The rig's events are of a far future: the decision was long before them.
    expect(await count()).toBe(2);
    expect(await rig.store.decisions.countUnseenRemovals('other', { since: at(-1) })).toBe(0);
  });

  test('are no longer counted once a person has decided on removals', async () => {
    const ago = (seconds: number) => (Date.now() - at(0).getTime()) / 1000 - seconds;
    await applyAt(rig.store, 'org', ago(60), { events: ['evt-1', 'evt-2'].map((id) => seen(id)) });
    await cancelAt(rig.store, 'org', ago(50), 'evt-1');
    const since = new Date(Date.now() - 3_600_000);
    expect(await count(since)).toBe(1);
    await holdAt(rig.store, 'org', ago(40), 'evt-2');
    await decide(['evt-2'], 'rejected');
    expect(await count(since)).toBe(0);
  });
});

describe('a decision while a sync removes the event', () => {
  const client = new MongoClient(rig.uri, { monitorCommands: true });
  afterAll(() => client.close());

  test('waits for the removal, and says that the event is gone', async () => {
    await holdBack('evt-1', 'evt-2');
    const store = storeOf(client.db(rig.db.databaseName), { now: () => new Date() });
    const key = { orgId: 'org', lumaEventId: 'evt-1' };
    const conflict = once(client, 'commandFailed');
    let answer: Promise<unknown> = Promise.resolve();
    await inTransaction(rig.db.client, async (session) => {
      const [doc = {}] = await everything(rig.db, 'events');
      await rig.db.collection('removed_events').insertOne({ ...doc, _id: new ObjectId() }, { session });
      await rig.db.collection('events').deleteOne(key, { session });
      await rig.db.collection('held_removals').deleteOne(key, { session });
      answer = decide(['evt-1', 'evt-2'], 'rejected', store);
      await conflict;
    });
    expect(await answer).toEqual({ ...none, decided: ['evt-2'], alreadyGone: ['evt-1'] });
    expect(await decisions()).toEqual({ 'evt-2': 'rejected Ann' });
  });
});

describe('rebinding', () => {
  const organizations = () => rig.db.collection<{ _id: string }>('organizations');

  test('is kept with the calendar that was forgotten', async () => {
    const lumaSync = { calendarId: 'cal-1', calendarName: 'C', state: 'ok' };
    await organizations().insertOne({ _id: 'org', lumaSync } as { _id: string });
    expect(await rig.store.decisions.rebind('org', 'Ann')).toBe('cal-1');
    expect(await organizations().findOne()).toEqual({ _id: 'org', lumaSync: { state: 'ok' } });
    expect(await rig.store.decisions.rebind('org', 'Bob')).toBeNull();
    expect(await rig.store.decisions.list('org', 10)).toMatchObject([
      { by: 'Ann', kind: 'rebind', calendarId: 'cal-1' },
    ]);
  });

  test('that cannot be kept does not happen', async () => {
    await organizations().insertOne({ _id: 'org', lumaSync: { calendarId: 'cal-1' } } as { _id: string });
    await rig.db.command({ collMod: 'decisions', validator: { by: { $ne: 'Ann' } } });
    await expect(rig.store.decisions.rebind('org', 'Ann')).rejects.toThrow(StoreUnavailable);
    await rig.db.command({ collMod: 'decisions', validator: {} });
    expect(await organizations().findOne()).toMatchObject({ lumaSync: { calendarId: 'cal-1' } });
  });
});
