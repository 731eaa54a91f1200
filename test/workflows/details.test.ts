import { describe, expect, test } from 'vitest';
import { noEvents } from '../../src/events/counts.js';
import type { FullSyncProgress } from '../../src/workflows/contract.js';
import { type FullSyncView, fullDetails } from '../../src/workflows/full-details.js';
import { orgDetails } from '../../src/workflows/org-details.js';
import { withRemedy } from '../../src/workflows/remedies.js';
import { newProgress } from '../../src/workflows/report.js';
import { ActivitySummaries, childSummary } from '../../src/workflows/summaries.js';

const progress = (running: string[], failed: number): FullSyncProgress => ({
  phase: 'syncing',
  orgs: { total: 9, completed: 2, failed, alreadySyncing: 0, running: running.length },
  running,
  ...{ events: noEvents(), requests: 12, waitedMs: 0 },
});
const view = (more: Partial<FullSyncView>): FullSyncView => ({
  ...{ progress: progress([], 0), failures: [], obstacles: [], lookedAt: null, ...more },
});
const rows = (details: string) => details.split('\n').filter((line) => line.startsWith('| `'));

describe('the details of a full sync', () => {
  test('list what is stuck, failed, retried and paused, in this order', () => {
    const details = fullDetails(
      view({
        progress: progress(['c', 'd', 'e'], 1),
        failures: [{ orgId: 'a', type: 'LumaForbidden', message: 'Luma refuses access (403)' }],
        obstacles: [
          {
            orgId: 'c',
            kind: 'paused',
            reason: 'Luma asks for a pause: 60 s',
            until: '2026-01-01T07:01:00.000Z',
          },
          { orgId: 'd', kind: 'stuck', reason: 'attempt 4 of the workflow task' },
          { orgId: 'e', kind: 'retrying', reason: 'openOrgSync, attempt 3: StoreUnavailable' },
        ],
        lookedAt: '2026-01-01T07:00:10.000Z',
      }),
    );
    const found = rows(details).map((line) => [
      /`(\w)`/.exec(line)?.[1],
      /stuck|failed|retrying|paused/.exec(line)?.[0],
    ]);
    expect(found).toEqual([
      ['d', 'stuck'],
      ['a', 'failed'],
      ['e', 'retrying'],
      ['c', 'paused'],
    ]);
    expect(details).toContain('Luma asks for a pause: 60 s (07:01:00 UTC)');
    expect(details).toContain('as they were at 07:00:10 UTC');
  });

  test('leave out what was seen of a sync that has ended since', () => {
    const obstacles = [{ orgId: 'c', kind: 'paused' as const, reason: 'Luma asks for a pause: 60 s' }];
    expect(rows(fullDetails(view({ obstacles, lookedAt: '2026-01-01T07:00:10.000Z' })))).toEqual([]);
  });

  test('stay below the 20,000 bytes that Temporal keeps, and count what they leave out', () => {
    const failures = Array.from({ length: 50 }, (_, nth) => ({
      ...{ orgId: `🎪${nth}`.repeat(40), type: 'LumaContractBroken', message: '🎪'.repeat(400) },
    }));
    const details = fullDetails(view({ progress: progress([], 70), failures }));
    expect(Buffer.byteLength(details)).toBeLessThan(20_000);
    const left = Number(/and (\d+) more: `luma-sync orgs list`/.exec(details)?.[1]);
    expect(rows(details).length + left).toBe(70);
    expect(rows(details).length).toBeGreaterThan(5);
  });

  test('show ids and reasons as they are: none of them ends a cell, or is a link', () => {
    const failures = [{ orgId: 'a|b`c', type: 'Odd', message: '[x](https://example.com) | <b>\n| y' }];
    const details = fullDetails(view({ progress: progress([], 1), failures }));
    const line = details.split('\n').find((one) => one.includes('failed\u00a0'));
    expect(line).toContain('a\\|b\\`c');
    expect(line).toContain(String.raw`\[x\](https://example.com) \| \<b\>\\u000a\| y`);
    expect(line?.match(/(?<!\\)\|/g)).toHaveLength(4);
  });
});

describe('the details of an organization’s sync', () => {
  const base = { ...newProgress({ orgId: 'acme' }, 'sync-1'), phase: 'details' as const };

  test('say what it waits for, and until when', () => {
    const pausedUntil = '2026-01-01T07:01:00.000Z';
    const pause = orgDetails({ ...base, pausedUntil, pauseReason: 'Luma asks for a pause: 60 s' });
    expect(pause).toContain('⏸ Paused until **07:01:00 UTC**: Luma asks for a pause: 60 s');
    const outage = orgDetails({
      ...base,
      pausedUntil,
      pauseReason: 'Luma cannot be reached (503, /x): try 4 in 4 s',
    });
    expect(outage).toContain('🔁 Tries again at **07:01:00 UTC**');
  });

  test('say what to do about a failure', () => {
    const failure = { type: 'LumaKeyRejected', message: 'Luma does not accept the API key (401, /v1/x)' };
    expect(orgDetails({ ...base, failure })).toContain('luma-sync orgs set-key acme');
  });
});

test('a remedy is added once, and names the organization as a shell takes it', () => {
  const failure = { type: 'StoreUnavailable', message: 'MongoDB: read organization failed (x)' };
  const { message } = withRemedy(failure, '-a b');
  expect(message).toBe(`${failure.message} – look at MongoDB, then: luma-sync sync '--org=-a b'`);
  expect(withRemedy({ ...failure, message }, 'acme').message).toBe(message);
});

test.each([
  ['LumaForbidden', 'Luma refuses access (404, /ics/get)'],
  ['OrgHasNoKey', 'organization acme has no Luma key, and its lumaIcalUrl is no address like x'],
])('the remedy for a feed (%s) names the feed', (type, message) => {
  const { message: said } = withRemedy({ type, message }, 'acme');
  expect(said).toContain('luma-sync orgs set-feed acme URL');
  expect(said).not.toMatch(/set-key|the key is good/);
});

test('summaries tell the slice, from one to the next', () => {
  const state = { progress: newProgress({ orgId: 'acme' }, 'sync-1'), inQuestion: 1 };
  const of = new ActivitySummaries(state);
  const ids = { orgId: 'acme', syncId: 'sync-1' };
  expect(of.fetchLumaPages({ ...ids, stagedSeq: 10 })).toBe('pages from 11');
  expect(of.upsertEvents({ ...ids, phase: 'listing', fromSeq: 1, throughSeq: 10 })).toBe('pages 1-10');
  state.progress.detailsDue = 60;
  state.progress.detailsAsked = 40;
  expect(of.fetchEventDetails()).toBe('details from 41 of 60');
  state.progress.detailsAsked = 60;
  expect(of.upsertEvents({ ...ids, phase: 'details', fromSeq: 3, throughSeq: 3 })).toBe('details 41-60');
  expect(of.settleRemovals()).toBe('1 event no longer listed');
});

test.each([
  ['acme', {}, 'acme'],
  [
    'acme',
    { window: { after: '2026-11-01T00:00:00Z' }, dryRun: true },
    'acme: dry run, events from 2026-11-01',
  ],
  [
    'acme',
    { window: { after: '2026-11-01T00:00:00Z', before: '2026-12-01T00:00:00Z' } },
    'acme: events from 2026-11-01 to 2026-12-01',
  ],
])('the child of %s with %o is summed up as "%s"', (orgId, kind, expected) => {
  expect(childSummary(orgId, kind)).toBe(expected);
});

test('a summary has at most 400 bytes, whatever the id', () => {
  const window = { after: '2026-11-01T00:00:00Z', before: '2026-12-01T00:00:00Z' };
  expect(
    Buffer.byteLength(childSummary('🎪'.repeat(150), { window, dryRun: true, full: true })),
  ).toBeLessThan(400);
});
