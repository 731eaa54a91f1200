import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { Clock } from '../support/sync-driver.js';
import type { Change, Command, History, SyncCommand } from './commands.js';
import { HistoryWorld } from './world.js';

/** Far ahead: MongoDB forgets by its own clock what looks as old as expired. */
const BEGAN = new Date('2090-11-03T18:00:00Z');
const rig = useRig();

const SYNC: SyncCommand = { kind: 'sync', crashes: [], goesOn: true };

/** One of each kind of write in a single sync: new, changed, hidden, back, canceled, transferred, twice unlisted. */
const BEFORE: Command[] = [
  SYNC,
  { kind: 'transfer', pick: 0 },
  { kind: 'vanish', pick: 0 },
  SYNC,
  { kind: 'return', pick: 0 },
  { kind: 'add', sort: 'managed', day: 9 },
  { kind: 'edit', pick: 1, what: 'title' },
  { kind: 'hide', pick: 2, visibility: 'private' },
  { kind: 'cancel', pick: 3 },
  { kind: 'transfer', pick: 4 },
];
/** The same calendar, read from the feed once the key is gone, for the second time. */
const TO_FEED: Command[] = [...BEFORE.slice(0, 4), { kind: 'switch' }, SYNC, ...BEFORE.slice(4)];
/** So many that they are held, and then approved: the removals themselves are cut off. */
const HELD: Command[] = [SYNC, { kind: 'cancel-many', pick: 2 }, SYNC, { kind: 'approve' }];

const SORTS: Extract<Change, { kind: 'add' }>['sort'][] = [
  ...Array.from({ length: 5 }, () => 'managed' as const),
  ...(['external', 'external', 'view', 'private'] as const),
];
const HISTORY: History = {
  events: SORTS.map((sort, day) => ({ sort, day })),
  commands: [],
  source: 'api',
  ...{ pageSize: 7, pagesASlice: 2, budget: 200, detailsASync: 100, inFlight: 2 },
};

test.each([
  ['that finds nothing new', 'that is gone on with', [SYNC, SYNC], 'after', true],
  ['that does everything', 'that nobody goes on with', BEFORE, 'after', false],
  ['that does everything', 'that is gone on with', BEFORE, 'midway', true],
  ['of a feed that had a key', 'that is gone on with', TO_FEED, 'after', true],
  ['that carries out what was approved', 'that is gone on with', HELD, 'midway', true],
] as const)(
  'a sync %s, %s, may die at any of its writes',
  async (_, __, before, when, goesOn) => {
    const clock = new Clock(BEGAN.getTime());
    const luma = await rig.startLuma({ calendars: [], now: BEGAN, clock: clock.nowMs });
    const { store, keyring } = rig;
    const orgId = `org-${randomUUID().slice(0, 8)}`;
    const world = await HistoryWorld.begin({ luma, store, keyring, clock, orgId }, HISTORY);
    for (const command of before) await world.step(command);
    // What comes before is done once, and everything put back to its end for each write.
    const back = await world.keep();

    let writes = 0;
    for (let crashed = true; crashed;) {
      await back();
      crashed = await world.step({ kind: 'sync', crashes: [{ write: writes + 1, when }], goesOn });
      await world.step(SYNC);
      if (crashed) writes++;
    }
    expect(writes).toBeGreaterThan(0);
  },
  180_000,
);
