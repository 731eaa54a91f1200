import { describe, expect, test } from 'vitest';
import { needsOf, type Standing } from '../../src/policies/needs.js';

const NOW = new Date('2026-11-26T08:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const standing = (more: Partial<Standing> = {}): Standing => ({
  ...{ lastSuccessAt: hoursAgo(1), consecutiveFailures: 0, removalsHeld: 0, quarantined: 0, ...more },
});

test.each<[string, Partial<Standing>, string[]]>([
  ['all is well', {}, []],
  ['Luma rejects the key', { reason: 'LumaKeyRejected: 401' }, ['key-rejected']],
  ['Luma refuses the calendar', { reason: 'LumaForbidden: 403' }, ['key-rejected']],
  ['the key opens another calendar', { reason: 'LumaCalendarChanged: x' }, ['calendar-changed']],
  ['removals wait', { removalsHeld: 3 }, ['removals-held']],
  ['entries are in quarantine', { quarantined: 1 }, ['quarantine']],
  ['an outage that is young', { reason: 'LumaUnavailable: 503', consecutiveFailures: 1 }, []],
  ['an outage of a day', { reason: 'LumaUnavailable: 503', lastSuccessAt: hoursAgo(25) }, ['stale']],
  ['old, and the last sync was complete', { lastSuccessAt: hoursAgo(90) }, []],
  [
    'never synced, once failed',
    { reason: 'LumaUnavailable: 503', lastSuccessAt: undefined, consecutiveFailures: 1 },
    [],
  ],
  [
    'never synced, twice failed',
    { reason: 'LumaUnavailable: 503', lastSuccessAt: undefined, consecutiveFailures: 2 },
    ['stale'],
  ],
])('%s', (_, more, expected) => {
  expect(needsOf(standing(more), [], NOW)).toEqual(expected);
});

describe('what was told already', () => {
  test('is not over while syncs fail for a reason that says nothing about it', () => {
    const outage = standing({ reason: 'LumaUnavailable: 503' });
    expect(needsOf(outage, ['key-rejected'], NOW)).toEqual(['key-rejected']);
    expect(needsOf(standing({ reason: 'Canceled: x' }), ['calendar-changed', 'stale'], NOW)).toEqual([
      'calendar-changed',
      'stale',
    ]);
  });

  test('is over with a complete sync, and with a failure that shows it', () => {
    expect(needsOf(standing(), ['key-rejected', 'stale', 'quarantine'], NOW)).toEqual([]);
    expect(needsOf(standing({ reason: 'LumaCalendarChanged: x' }), ['key-rejected'], NOW)).toEqual([
      'calendar-changed',
    ]);
  });
});
