import { expect, test } from 'vitest';
import { createLumaApi } from '../../src/luma/api.js';
import { storeOf } from '../../src/mongo/store.js';
import { type CrashPoint, CrashingDb } from '../support/crashes.js';
import { driveSync } from '../support/sync-driver.js';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

/** A sync whose process dies at one write, and is gone on with. @returns how often it died */
async function dyingSync(point: CrashPoint): Promise<number> {
  const crashing = new CrashingDb(desk.rig.store.db);
  crashing.plan(point);
  const deps = {
    luma: createLumaApi({ baseUrl: desk.luma.url, now: desk.clock.nowMs }),
    store: storeOf(crashing.db, { now: () => new Date() }),
    keyring: desk.rig.keyring,
    now: desk.clock.now,
  };
  const alive = { revive: () => crashing.revive(), goesOn: () => true };
  const { state, crashes } = await driveSync(deps, desk.clock, desk.orgId, {}, alive);
  expect(state).toBe('complete');
  return crashes;
}

test.each([
  ['after', 0],
  // Two pages of a feed.
  ['midway', 245],
] as const)(
  'a sync of a feed may die at any of its writes, %s it: every event is there once, and what is gone is gone',
  async (when, more) => {
    const many = Array.from({ length: more }, (_, index) => ({
      id: `evt-x${index}`,
      start_at: inDays(index),
    }));
    await desk.beginWithFeed([...daily(8), ...external(2), ...many]);
    await desk.sync();
    desk.calendar.cancel('evt-2');
    desk.calendar.cancel('calev-1');
    await desk.sync();
    for (let write = 1, crashes = 1; crashes > 0; write += 1) {
      desk.calendar.addEvent({ id: `evt-new${write}`, start_at: inDays(write) });
      desk.calendar.editEvent('evt-3', { name: `Edited ${write}` });
      crashes = await dyingSync({ write, when });
      expect(await desk.ids()).toEqual(
        desk.calendar
          .visibleEvents()
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(await desk.removed()).toEqual({ 'evt-2': 'no-longer-listed', 'calev-1': 'no-longer-listed' });
    }
    expect(await desk.event('evt-3')).toMatchObject({
      title: expect.stringMatching(/^Edited \d+$/) as string,
    });
  },
);

test('a key that comes while the feed is read ends the sync, and the next one uses it', async () => {
  await desk.beginWithFeed(daily(3));
  const luma = createLumaApi({ baseUrl: desk.luma.url });
  const meanwhile = {
    ...luma,
    getFeed: async (...args: Parameters<typeof luma.getFeed>) => {
      const feed = await luma.getFeed(...args);
      await desk.switchTo('api');
      return feed;
    },
  };
  expect(await desk.sync({ deps: { luma: meanwhile } })).toMatchObject({
    failure: { type: 'LumaKeyChanged' },
  });
  expect(await desk.ids()).toEqual([]);
  expect(await desk.sync()).toMatchObject({
    state: 'complete',
    events: { inserted: 3 },
    sourceBefore: undefined,
  });
});
