import { describe, expect, test } from 'vitest';
import { planEvent } from '../../src/events/plan.js';
import { EVENT } from './support.js';

test('an event that is held changes, or stays the same', () => {
  expect(planEvent(EVENT, undefined, { title: EVENT.title })).toEqual({ kind: 'same' });
  expect(planEvent(EVENT, undefined, { title: 'Moon walk' })).toEqual({
    kind: 'change',
    change: { set: { title: 'Moon walk' }, unset: [] },
  });
});

test('an event that is held counts as held, though a crash left a copy among the removed', () => {
  expect(planEvent(EVENT, { ...EVENT, title: 'Older' }, { title: EVENT.title })).toEqual({ kind: 'same' });
});

test('a new event needs what every event needs', () => {
  expect(planEvent(undefined, undefined, EVENT)).toEqual({ kind: 'insert', fields: EVENT });
  expect(planEvent(undefined, undefined, { ...EVENT, title: null })).toEqual({
    kind: 'unusable',
    problems: [{ path: 'title', problem: 'missing' }],
  });
});

describe('an event that comes back', () => {
  const removed = { ...EVENT, description: 'kept', location: 'Ghent' };

  test('keeps what Luma does not speak of, and loses what Luma says there is none of', () => {
    expect(planEvent(undefined, removed, { visibility: 'public', title: 'Back', location: null })).toEqual({
      kind: 'insert',
      fields: { ...EVENT, description: 'kept', title: 'Back' },
    });
  });

  test.each([undefined, null])('does not while Luma is silent about its visibility: %j', (visibility) => {
    expect(planEvent(undefined, removed, { ...EVENT, visibility })).toEqual({
      kind: 'unusable',
      problems: [{ path: 'visibility', problem: 'missing' }],
    });
  });

  test('brings nothing of its removal back', () => {
    const doc = { ...removed, removedAt: new Date(0), removalReason: 'canceled', _id: 'x', revision: 4 };
    expect(planEvent(undefined, doc, { visibility: 'public' })).toEqual({ kind: 'insert', fields: removed });
  });
});
