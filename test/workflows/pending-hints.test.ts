import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addHint,
  forgetAnswered,
  gatherMs,
  MOST_IDS,
  noHints,
  takeIds,
} from '../../src/workflows/pending-hints.js';

const T = 1_800_000_000_000;
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, nth) => `evt-${from + nth}`);

test('ids wait once each, until they are taken', () => {
  const pending = noHints(T);
  addHint(pending, { ids: ['evt-1', 'evt-2'] }, T);
  addHint(pending, { ids: ['evt-2', 'evt-3'] }, T);
  expect(takeIds(pending)).toEqual(['evt-1', 'evt-2', 'evt-3']);
  expect(takeIds(pending)).toEqual([]);
  expect(pending.listing).toBe(false);
});

test('an event that cannot be asked for, and more than so many, need a listing', () => {
  const pending = noHints(T);
  addHint(pending, { ids: ['calev-1'] }, T);
  expect(pending).toMatchObject({ ids: [], listing: true });
  const many = noHints(T);
  addHint(many, { ids: ids(MOST_IDS) }, T);
  expect(many.listing).toBe(false);
  addHint(many, { ids: ids(2, MOST_IDS - 1) }, T);
  expect(many.listing).toBe(true);
  expect(many.ids).toHaveLength(MOST_IDS);
});

test('a signal that anybody may have sent puts nothing in but ids of events', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), fc.anything(), (values, other) => {
      const pending = noHints(T);
      for (const hint of [
        other,
        { ids: values },
        { ids: other, listing: other, toldAt: other, many: other },
      ]) {
        addHint(pending, hint, T);
      }
      for (const [id, toldAt] of pending.ids) {
        expect(id).toMatch(/^evt-[A-Za-z0-9_-]+$/);
        expect(toldAt === null || typeof toldAt === 'number').toBe(true);
      }
      expect(typeof pending.listing).toBe('boolean');
      expect(typeof pending.many).toBe('boolean');
    }),
  );
});

test('a hint is answered by a question that was asked after it, and by none that was asked before', () => {
  const pending = noHints(T);
  addHint(pending, { ids: ['evt-1'], toldAt: T - 500 }, T);
  addHint(pending, { ids: ['evt-2'], toldAt: T - 50 }, T);
  addHint(pending, { ids: ['evt-3'] }, T);
  addHint(pending, { ids: ['evt-4'], toldAt: T - 500 }, T);
  // Two clocks may be apart by a little: within that, nothing counts as answered.
  forgetAnswered(pending, ['evt-1', 'evt-2', 'evt-3'], T);
  expect(takeIds(pending)).toEqual(['evt-2', 'evt-3', 'evt-4']);
});

test('a change or two wait for nothing; a burst waits until it is over, and not for ever', () => {
  const pending = noHints(T);
  for (let nth = 0; nth < 3; nth++) addHint(pending, { ids: ids(1, nth) }, T);
  expect(gatherMs(pending, T, T)).toBe(0);
  addHint(pending, { ids: ids(1, 9) }, T);
  expect(gatherMs(pending, T, T)).toBe(3_000);
  expect(gatherMs(pending, T, T + 2_500)).toBe(500);
  addHint(pending, { ids: ids(1, 10) }, T + 19_500);
  expect(gatherMs(pending, T, T + 19_500)).toBe(500);
  expect(gatherMs(pending, T, T + 20_000)).toBe(0);
  takeIds(pending);
  addHint(pending, { ids: ids(1) }, T);
  expect(gatherMs(pending, T, T)).toBe(0);
  addHint(pending, { ids: ids(1), many: true }, T);
  expect(gatherMs(pending, T, T)).toBe(3_000);
});
