import { expect, test } from 'vitest';
import { addCounts, noEvents } from '../../src/events/counts.js';

test('counts add up by name and leave the summands alone', () => {
  const a = { seen: 9, inserted: 1, changed: 2, unchanged: 3, removed: 1, held: 1, quarantined: 1 };
  const sum = addCounts(a, { ...noEvents(), seen: 1, held: 4 });
  expect(sum).toEqual({
    seen: 10,
    inserted: 1,
    changed: 2,
    unchanged: 3,
    removed: 1,
    held: 5,
    quarantined: 1,
  });
  expect(a.seen).toBe(9);
  expect(addCounts(noEvents(), noEvents())).toEqual(noEvents());
});
