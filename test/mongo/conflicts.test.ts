import { MongoNetworkError } from 'mongodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { mergePages } from '../../src/events/merge-pages.js';
import { type Collections, collectionsOf } from '../../src/mongo/collections.js';
import { StoreUnavailable } from '../../src/mongo/errors.js';
import { eventStore } from '../../src/mongo/events.js';
import { applyAt, at, contents, everything, optionsAt, seen, useStore } from './support/store.js';

const rig = useStore();
afterEach(() => void vi.restoreAllMocks());

/** A store whose connection another writer, or a crash, gets in the way of. */
function interruptedStore() {
  const collections: Collections = collectionsOf(rig.db);
  return { collections, events: eventStore(collections) };
}

/** Lets something happen after events were read and before they are written. */
function beforeWriting(collections: Collections, happens: () => Promise<unknown>, times = 1): void {
  const write = collections.events.bulkWrite.bind(collections.events);
  const spy = vi.spyOn(collections.events, 'bulkWrite');
  for (let time = 0; time < times; time++) {
    spy.mockImplementationOnce(async (...args) => {
      await happens();
      return await write(...args);
    });
  }
}

describe('another writer that is faster', () => {
  test('with a change: what it wrote is read again, and the newest word stands', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1'), seen('evt-2')] });
    const { collections, events } = interruptedStore();
    beforeWriting(collections, () =>
      applyAt(rig.store, 'org', 10, { events: [seen('evt-1', { title: 'Theirs', location: 'Ghent' })] }),
    );
    const said = { events: [seen('evt-1', { title: 'Ours' }), seen('evt-2', { title: 'Ours too' })] };
    const result = await events.apply('org', mergePages([contents(20, said)]), optionsAt(20));
    expect(result).toMatchObject({ changed: 2, inserted: 0, unchanged: 0 });
    expect(await everything(rig.db, 'events')).toMatchObject([
      { lumaEventId: 'evt-1', title: 'Ours', location: 'Ghent', revision: 3 },
      { lumaEventId: 'evt-2', title: 'Ours too', revision: 2 },
    ]);
  });

  test('with the same new event: it is there once', async () => {
    const { collections, events } = interruptedStore();
    beforeWriting(collections, () => applyAt(rig.store, 'org', 10, { events: [seen('evt-1')] }));
    const said = { events: [seen('evt-1', { title: 'Newer' }), seen('evt-2')] };
    await events.apply('org', mergePages([contents(20, said)]), optionsAt(20));
    expect(await everything(rig.db, 'events')).toMatchObject([
      { lumaEventId: 'evt-1', title: 'Newer', revision: 2 },
      { lumaEventId: 'evt-2', revision: 1 },
    ]);
  });

  test('with a removal: the event that Luma shows comes back', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1')] });
    const { collections, events } = interruptedStore();
    beforeWriting(collections, () => applyAt(rig.store, 'org', 10, { hidden: ['evt-1'] }));
    const said = { events: [seen('evt-1', { title: 'Shown' })] };
    await events.apply('org', mergePages([contents(20, said)]), optionsAt(20));
    expect(await everything(rig.db, 'events')).toMatchObject([{ title: 'Shown', createdAt: at(0) }]);
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
  });

  test('again and again: it is said, instead of trying for ever', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1')] });
    const { collections, events } = interruptedStore();
    let count = 0;
    const theirs = () =>
      applyAt(rig.store, 'org', 10, { events: [seen('evt-1', { title: `Theirs ${count++}` })] });
    beforeWriting(collections, theirs, 100);
    const said = mergePages([contents(20, { events: [seen('evt-1', { title: 'Ours' })] })]);
    await expect(events.apply('org', said, optionsAt(20))).rejects.toThrow(StoreUnavailable);
  });
});

describe('a crash between the two writes', () => {
  test('of a removal leaves the event in place, and the next apply finishes the move', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1')] });
    const [held] = await everything(rig.db, 'events');
    const { collections, events } = interruptedStore();
    vi.spyOn(collections.events, 'bulkWrite').mockRejectedValueOnce(new MongoNetworkError('gone'));
    const hidden = mergePages([contents(20, { hidden: ['evt-1'] })]);
    await expect(events.apply('org', hidden, optionsAt(20))).rejects.toThrow(StoreUnavailable);
    expect(await everything(rig.db, 'events')).toEqual([held]);

    const result = await events.apply('org', hidden, { ...optionsAt(20), now: at(30) });
    expect(result.removed).toBe(1);
    expect(await everything(rig.db, 'events')).toEqual([]);
    expect(await everything(rig.db, 'removed_events')).toMatchObject([{ ...held, removedAt: at(30) }]);
  });

  test('of a removal is healed by an apply that shows the event, too', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1')] });
    const [held] = await everything(rig.db, 'events');
    await rig.db
      .collection('removed_events')
      .insertOne({ ...held, removedAt: at(10), removalReason: 'not-public' });
    expect(await applyAt(rig.store, 'org', 20, { events: [seen('evt-1')] })).toMatchObject({ unchanged: 1 });
    expect(await everything(rig.db, 'events')).toEqual([held]);
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
  });

  test('of a return leaves the event in sight, and the next apply finishes it', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-1')] });
    await applyAt(rig.store, 'org', 10, { hidden: ['evt-1'] });
    const { collections, events } = interruptedStore();
    vi.spyOn(collections.removedEvents, 'deleteMany').mockRejectedValueOnce(new MongoNetworkError('gone'));
    const shown = mergePages([contents(20, { events: [seen('evt-1')] })]);
    const options = optionsAt(20);
    await expect(events.apply('org', shown, options)).rejects.toThrow(StoreUnavailable);
    const [back] = await everything(rig.db, 'events');
    expect(back).toMatchObject({ createdAt: at(0), revision: 2 });

    await events.apply('org', shown, options);
    expect(await everything(rig.db, 'events')).toEqual([back]);
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
  });
});
