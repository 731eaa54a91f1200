import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { test } from 'vitest';
import { Clock } from '../support/sync-driver.js';
import { useRig } from '../support/rig.js';
import { histories } from './commands.js';
import { HistoryWorld } from './world.js';

/** Histories a run of the suite; raise it to search for longer. A failure prints the seed that repeats it. */
const HISTORIES = 10;

/** Far ahead: MongoDB forgets by its own clock what looks as old as expired. */
const BEGAN = new Date('2090-11-03T18:00:00Z');
const rig = useRig();

test('whatever happens to a calendar and to its syncs: events are never wrong, and true after clean syncs', async () => {
  const clock = new Clock(BEGAN.getTime());
  const luma = await rig.startLuma({ calendars: [], now: BEGAN, maxPageSize: 50, clock: clock.nowMs });
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const orgId = `org-${randomUUID().slice(0, 8)}`;
      const { store, keyring } = rig;
      const world = await HistoryWorld.begin({ luma, store, keyring, clock, orgId }, history);
      for (const command of history.commands) await world.step(command);
      await world.endWell();
    }),
    { numRuns: HISTORIES },
  );
}, 300_000);
