import { expect, test } from 'vitest';
import { type ClassifyOptions, organizationsStatus } from '../../src/client/status/organizations.js';
import { remedyFor } from '../../src/client/status/remedies.js';
import type { OrganizationSummary } from '../../src/mongo/organizations.js';

const now = new Date('2026-11-26T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

function org(id: string, fields: Partial<OrganizationSummary> = {}): OrganizationSummary {
  const at = hoursAgo(5);
  return { id, name: id, hasKey: true, state: 'ok', lastSuccessAt: at, eventsLastSynced: at, ...fields };
}

const never = { lastSuccessAt: undefined, eventsLastSynced: undefined };

function judged(summaries: readonly OrganizationSummary[], options: Partial<ClassifyOptions> = {}) {
  return organizationsStatus(summaries, {
    ...{ now, maxAgeMs: 26 * 3_600_000, limit: 10, running: null, remedy: remedyFor },
    ...options,
  });
}

test('each organization is in one state: the age of its last whole sync decides where nothing worse does', () => {
  const status = judged([
    org('fresh'),
    org('stale', { lastSuccessAt: hoursAgo(27), eventsLastSynced: hoursAgo(27) }),
    org('failing', { state: 'failed', consecutiveFailures: 2, reason: 'LumaKeyRejected: no' }),
    org('new', { state: undefined, ...never }),
    org('keyless', { hasKey: false, ...never }),
  ]);
  expect(status).toMatchObject({
    ...{ total: 4, withoutKey: 1 },
    counts: { fresh: 1, stale: 1, failing: 1, neverSynced: 1, stuck: 0 },
    stale: [{ orgId: 'stale', lastSyncedAt: hoursAgo(27) }],
    failing: [{ orgId: 'failing', failures: 2, reason: 'LumaKeyRejected: no' }],
    neverSynced: [{ orgId: 'new' }],
  });
  expect(judged([org('a')], { maxAgeMs: 4 * 3_600_000 }).counts.stale).toBe(1);
});

test('a sync with a window makes nothing fresh: only one of the whole calendar does', () => {
  const part = org('part', { eventsLastSynced: undefined });
  const long = org('long', { eventsLastSynced: hoursAgo(50) });
  const status = judged([part, long]);
  expect(status.counts).toMatchObject({ fresh: 0, stale: 1, neverSynced: 1 });
  expect(status.neverSynced[0]?.remark).toBe('synced in part only');
});

test('an organization fails until a sync succeeds, also while it is being tried again', () => {
  const again = org('again', { state: 'syncing', consecutiveFailures: 3, reason: 'LumaUnavailable: 503' });
  const running = { running: new Set(['again']), stuck: new Set<string>() };
  expect(judged([again], { running }).failing).toMatchObject([{ orgId: 'again', syncing: true }]);
});

test('one that no sync can be of fails, with what is wrong; a stuck one is only that', () => {
  const unusable = org('odd', { hasKey: false, unusable: 'lumaApiKey is a number, not text', ...never });
  const both = org('both', { state: 'failed', consecutiveFailures: 1 });
  const running = { running: new Set(['both']), stuck: new Set(['both']) };
  const status = judged([unusable, both], { running });
  expect(status.counts).toMatchObject({ failing: 1, stuck: 1 });
  expect(status.failing).toMatchObject([{ orgId: 'odd', reason: 'lumaApiKey is a number, not text' }]);
});

test('a sync that ended without a report is told apart from one that runs', () => {
  const lost = org('lost', { state: 'syncing', ...never, lastAttemptAt: hoursAgo(30) });
  const nobody = { running: new Set<string>(), stuck: new Set<string>() };
  expect(judged([lost], { running: nobody })).toMatchObject({
    overdue: 1,
    neverSynced: [{ remark: 'its last sync ended without a report', syncing: false }],
  });
  expect(judged([lost]).neverSynced[0]?.remark).toBeUndefined();
});

test('of thousands all are counted, and the ten are named that wait longest', () => {
  const many = Array.from({ length: 3_000 }, (_, index) =>
    org(`org-${index}`, { eventsLastSynced: hoursAgo(100 + index) }),
  );
  const { counts, stale } = judged(many);
  expect(counts.stale).toBe(3_000);
  expect(stale).toHaveLength(10);
  expect(stale[0]?.orgId).toBe('org-2999');
});

test('the remedy for a failure is a command that a shell takes as it is', () => {
  expect(remedyFor('LumaKeyRejected: 401', "it's")).toContain("luma-sync orgs set-key 'it'\\''s'");
  expect(remedyFor('LumaCalendarChanged: other', '-x')).toContain('luma-sync orgs rebind -- -x');
  for (const ofFeed of [
    'LumaCalendarChanged: the feed is of calendar cal-2, earlier syncs were of cal-1',
    'LumaForbidden: Luma refuses access (404, /ics/get)',
    'OrgHasNoKey: organization a has no Luma key, and its lumaIcalUrl is no address like x',
  ]) {
    expect(remedyFor(ofFeed, 'a')).toContain('luma-sync orgs set-feed a URL');
  }
  expect(remedyFor('SomethingNew: odd', 'a')).toContain('docs/operating.md');
});
