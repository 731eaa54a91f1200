import { describe, expect, test } from 'vitest';
import { SyncOvertaken } from '../../src/mongo/fence.js';
import { applyAt, applyIn, at, everything, openSync, seen, useStore } from './support/store.js';

const rig = useStore();
const ORG = 'org';
const titles = async () =>
  (await everything(rig.db, 'events')).map((doc): unknown[] => [doc.lumaEventId, doc.title, doc.revision]);

/** A writer that has done all its writes and has not committed them: it waits to be let go. */
async function standingStill(syncId: string, said: Parameters<typeof applyIn>[3]) {
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((wrote) => {
    done = rig.store.fences.write(ORG, syncId, async (write) => {
      await applyIn(rig.store, write, 20, said);
      wrote();
      await gate;
    });
    // Whoever waits for it later hears of it.
    done.catch(() => undefined);
  });
  return { goOn, done };
}

describe('of a sync that was overtaken', () => {
  test('nothing is written: no change, no insert, no removal, though it had read and written before', async () => {
    await applyAt(rig.store, ORG, 0, { events: [seen('evt-1'), seen('evt-2')] });
    const old = await openSync(rig.store, ORG, 'old');
    const late = await standingStill(old, {
      events: [seen('evt-1', { title: 'Old' }), seen('evt-3')],
      hidden: ['evt-2'],
    });
    // The newer sync finds evt-1 as it is stored, so that it writes nothing about it; evt-3 it has never seen.
    await applyAt(rig.store, ORG, 30, { events: [seen('evt-1'), seen('evt-2', { title: 'Newer' })] });
    late.goOn();

    await expect(late.done).rejects.toThrow(SyncOvertaken);
    expect(await titles()).toEqual([
      ['evt-1', 'Title of evt-1', 1],
      ['evt-2', 'Newer', 2],
    ]);
    expect(await everything(rig.db, 'removed_events')).toEqual([]);
  });

  test('what was removed meanwhile stays removed', async () => {
    await applyAt(rig.store, ORG, 0, { events: [seen('evt-1')] });
    const late = await standingStill(await openSync(rig.store, ORG, 'old'), {
      events: [seen('evt-1', { title: 'Still public' })],
    });
    await applyAt(rig.store, ORG, 30, { hidden: ['evt-1'] });
    late.goOn();

    await expect(late.done).rejects.toThrow(SyncOvertaken);
    expect(await titles()).toEqual([]);
    expect(await everything(rig.db, 'removed_events')).toMatchObject([{ revision: 1, removedAt: at(30) }]);
  });

  test('no write begins', async () => {
    await openSync(rig.store, ORG, 'old');
    await openSync(rig.store, ORG, 'new');
    const write = rig.store.fences.write(ORG, 'old', () => Promise.resolve());
    await expect(write).rejects.toThrow(SyncOvertaken);
  });
});

describe('of a sync that has ended', () => {
  test('nothing is written any more, and it does not begin again', async () => {
    await openSync(rig.store, ORG, 'sync');
    const late = await standingStill('sync', { events: [seen('evt-1')] });
    await rig.store.fences.end(ORG, 'sync');
    late.goOn();

    await expect(late.done).rejects.toThrow(SyncOvertaken);
    expect(await titles()).toEqual([]);
    await expect(openSync(rig.store, ORG, 'sync')).rejects.toThrow(SyncOvertaken);
  });

  test('a late end does not end the sync that came after it', async () => {
    await openSync(rig.store, ORG, 'old');
    await openSync(rig.store, ORG, 'new');
    await rig.store.fences.end(ORG, 'old');
    await rig.store.fences.write(ORG, 'new', (write) =>
      applyIn(rig.store, write, 30, { events: [seen('evt-1')] }),
    );
    expect(await titles()).toEqual([['evt-1', 'Title of evt-1', 1]]);
  });
});

test('of two attempts at one write the later one does not wait for the earlier, which commits nothing', async () => {
  const syncId = await openSync(rig.store, ORG, 'sync');
  const late = await standingStill(syncId, { events: [seen('evt-1', { title: 'First' })] });
  await rig.store.fences.write(ORG, syncId, (write) =>
    applyIn(rig.store, write, 30, { events: [seen('evt-1', { title: 'Second' })] }),
  );
  late.goOn();
  await expect(late.done).rejects.toThrow(SyncOvertaken);
  expect(await titles()).toEqual([['evt-1', 'Second', 1]]);
});

test('a write that fails leaves nothing, and keeps nobody from the next one', async () => {
  const syncId = await openSync(rig.store, ORG, 'sync');
  const failing = rig.store.fences.write(ORG, syncId, async (write) => {
    await applyIn(rig.store, write, 20, { events: [seen('evt-1')] });
    throw new RangeError('a fault of the work');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(await titles()).toEqual([]);
  await rig.store.fences.write(ORG, syncId, (write) =>
    applyIn(rig.store, write, 30, { events: [seen('evt-2')] }),
  );
  expect(await titles()).toEqual([['evt-2', 'Title of evt-2', 1]]);
});

test('organizations do not keep each other from writing', async () => {
  const late = await standingStill(await openSync(rig.store, ORG, 'sync'), { events: [seen('evt-1')] });
  await applyAt(rig.store, 'other', 30, { events: [seen('evt-1')] });
  late.goOn();
  await late.done;
  expect(await titles()).toHaveLength(2);
});
