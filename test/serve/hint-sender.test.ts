import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Hint, HintSender, type SenderMeans } from '../../src/serve/webhooks/hint-sender.js';
import type { EventsChanged } from '../../src/workflows/contract.js';

/** A sender, and what it sent. */
function sender(means: Partial<SenderMeans> = {}) {
  const sent: [string, EventsChanged][] = [];
  const remembered = new Set<string>();
  const key = (orgId: string, id: string) => `${orgId} ${id}`;
  const hints = new HintSender({
    signal: (orgId, changed) => {
      sent.push([orgId, changed]);
      return Promise.resolve();
    },
    repeated: (orgId, ids) => Promise.resolve(new Set(ids.filter((id) => remembered.has(key(orgId, id))))),
    remember: (orgId, ids) => {
      for (const id of ids) remembered.add(key(orgId, id));
      return Promise.resolve();
    },
    ...means,
  });
  return { hints, sent, remembered };
}

const at = new Date(1_800_000_000_000);
const of = (eventId: string, deliveryId: string | null = `msg-${eventId}`): Hint => ({
  ...{ deliveryId, at, what: { eventId } },
});

test('hints that come together are one signal, with each event once; each organization has its own', async () => {
  const { hints, sent } = sender();
  await Promise.all([
    hints.send('a', of('evt-1')),
    hints.send('a', of('evt-2')),
    hints.send('a', of('evt-1', 'msg-other')),
    hints.send('b', of('evt-1')),
  ]);
  const toldAt = at.getTime();
  expect(new Map(sent)).toEqual(
    new Map([
      ['a', { ids: ['evt-1', 'evt-2'], toldAt }],
      ['b', { ids: ['evt-1'], toldAt }],
    ]),
  );
  expect(sent).toHaveLength(2);
});

test('1,000 hints are a few signals, and say that they are many', async () => {
  const { hints, sent } = sender();
  const all = Array.from({ length: 1_000 }, (_, nth) => hints.send('a', of(`evt-${nth}`)));
  await Promise.all(all);
  expect(sent.length).toBeLessThanOrEqual(2);
  expect(sent[0]?.[1].many).toBe(true);
  expect(new Set(sent.flatMap(([, { ids }]) => ids)).size).toBe(1_000);
});

test('hints of several events wait a moment for more, so that a burst begins with one signal', async () => {
  const { hints, sent } = sender();
  const first = Promise.all([hints.send('a', of('evt-1')), hints.send('a', of('evt-2'))]);
  await delay(150);
  expect(sent).toEqual([]);
  await Promise.all([first, ...[3, 4, 5].map((nth) => hints.send('a', of(`evt-${nth}`)))]);
  expect(sent.map(([, { ids, many }]) => [ids.length, many])).toEqual([[5, true]]);
});

test('the first signal of a burst says that they are many, also where the first hint came alone', async () => {
  const more: Promise<void>[] = [];
  const { hints, sent } = sender({
    repeated: () => {
      if (more.length === 0) for (let nth = 1; nth <= 20; nth++) more.push(hints.send('a', of(`evt-${nth}`)));
      return Promise.resolve(new Set());
    },
  });
  await hints.send('a', of('evt-0'));
  await Promise.all(more);
  expect(sent.map(([, { ids, many }]) => [ids.length, many])).toEqual([
    [1, true],
    [20, true],
  ]);
});

test('what cannot be asked for, and a delivery that names no event, need a listing', async () => {
  const { hints, sent } = sender();
  await hints.send('a', of('calev-1'));
  await hints.send('a', { deliveryId: null, at, what: 'some-event' });
  expect(sent.map(([, { ids, listing }]) => ({ ids, listing }))).toEqual([
    { ids: [], listing: true },
    { ids: [], listing: true },
  ]);
});

test('a repeat is answered and not passed on; one that comes at the same moment waits for the first', async () => {
  const { hints, sent } = sender();
  await Promise.all([hints.send('a', of('evt-1')), hints.send('a', of('evt-1'))]);
  await hints.send('a', of('evt-1'));
  expect(sent).toHaveLength(1);
  // Another organization's delivery may have the same id.
  await hints.send('b', of('evt-1'));
  expect(sent).toHaveLength(2);
});

test('one without an id is passed on each time', async () => {
  const { hints, sent } = sender();
  await hints.send('a', of('evt-1', null));
  await hints.send('a', of('evt-1', null));
  expect(sent).toHaveLength(2);
});

test('what was not passed on is said, not remembered, and passed on when it comes again', async () => {
  let isDown = true;
  const { hints, sent, remembered } = sender();
  const failing = sender({
    signal: (orgId, changed) => {
      if (isDown) return Promise.reject(new Error('down'));
      sent.push([orgId, changed]);
      return Promise.resolve();
    },
  });
  await expect(failing.hints.send('a', of('evt-1'))).rejects.toThrow('down');
  expect(failing.remembered.size).toBe(0);
  isDown = false;
  await failing.hints.send('a', of('evt-1'));
  expect(sent).toHaveLength(1);
  await hints.settled();
  expect(remembered.size).toBe(0);
});

test('a hint that was passed on and could not be remembered is passed on again', async () => {
  let failures = 1;
  const { hints, sent } = sender({
    remember: () => (failures-- > 0 ? Promise.reject(new Error('no store')) : Promise.resolve()),
  });
  await expect(hints.send('a', of('evt-1'))).rejects.toThrow('no store');
  await hints.send('a', of('evt-1'));
  expect(sent).toHaveLength(2);
});
