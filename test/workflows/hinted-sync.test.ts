import { expect, test } from 'vitest';
import { noEvents } from '../../src/events/counts.js';
import { HintedSync } from '../../src/workflows/hinted-sync.js';
import { newOrgSyncState } from '../../src/workflows/org-sync-state.js';
import { newChain, SyncChain } from '../../src/workflows/sync-chain.js';

const T = 1_800_000_000_000;
const input = { orgId: 'acme', hinted: true };
const NO_WAIT = { pauseMs: 0 };

/** A hinted sync with a clock of its own. @param meanwhile what happens while the calendar is opened */
async function sync(meanwhile: (chain: SyncChain) => void) {
  let nowMs = T;
  const slept: number[] = [];
  const sleep = (ms: number) => {
    slept.push(ms);
    nowMs += ms;
    return Promise.resolve();
  };
  const chain = new SyncChain(newChain(input, T), {
    ...{ now: () => nowMs, sleep, until: () => Promise.resolve(true), isSince: () => true },
  });
  const asked: string[][] = [];
  const not = () => Promise.reject(new Error('not in a hinted sync'));
  const order = new HintedSync(input, newOrgSyncState(input, 'sync-1', new Date(T)), {
    activities: {
      ...{ firstLook: not, fetchLumaPages: not, fetchEventDetails: not, settleRemovals: not },
      ...{ upsertEvents: not, previewSync: not },
      openOrgSync: async () => {
        // The first look at what has come is over by now.
        await Promise.resolve();
        nowMs += 60;
        meanwhile(chain);
        return { calendarId: 'cal-1', requests: 0, ...NO_WAIT };
      },
      followHints: ({ hintedIds }) => {
        asked.push(hintedIds);
        return Promise.resolve({
          ...{ complete: true, asked: hintedIds.length, events: noEvents(), unresolved: 0 },
          ...{ needsListing: false, askedFromMs: nowMs, requests: hintedIds.length, ...NO_WAIT },
        });
      },
      closeOrgSync: () => Promise.resolve({ drift: [] }),
    },
    ...{ workflowId: 'luma-org-sync/acme', partOf: null, sleep, now: () => nowMs, random: () => 0 },
    ...{ onChange: () => undefined, tell: () => Promise.resolve(), shielded: (work) => work() },
    continueWhenLong: () => Promise.resolve(),
    gather: (sinceMs) => chain.gather(sinceMs),
    takeIds: () => chain.takeIds(),
    followed: (ids, how) => chain.followed(ids, how),
  });
  chain.hint({ ids: ['evt-0'], toldAt: T });
  await order.run();
  return { asked, slept, follows: await chain.next() };
}

test('one change is asked about at once', async () => {
  expect(await sync(() => undefined)).toEqual({ asked: [['evt-0']], slept: [], follows: false });
});

test('a burst of which the first hint came alone is one sync, with one question for each event', async () => {
  const outcome = await sync((chain) => chain.hint({ ids: ['evt-0', 'evt-1'], toldAt: T + 50, many: true }));
  expect(outcome).toEqual({ asked: [['evt-0', 'evt-1']], slept: [3_000], follows: false });
});
