import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { bar } from '../../src/cli/output/bar.js';
import { watchLog } from '../../src/cli/output/watch-log.js';
import { watchLines } from '../../src/cli/output/watch-view.js';
import type { SyncLook, WatchedOrg } from '../../src/client/watch/look.js';
import type { OrgSyncProgress } from '../../src/workflows/contract.js';

const now = new Date('2026-01-01T07:00:00.000Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const events = { seen: 600, inserted: 600, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 };
const narrow = { columns: 80, rows: 20 };

function org(orgId: string, more: Partial<OrgSyncProgress> = {}, rest: Partial<WatchedOrg> = {}): WatchedOrg {
  const progress: OrgSyncProgress = {
    ...{ orgId, syncId: 's', phase: 'details', dryRun: false, pages: 12, events, requests: 524, waitedMs: 0 },
    ...{ detailsDue: 600, detailsAsked: 512, detailsPending: 0, unresolved: 0, ...more },
  };
  const work = { done: 524, left: 88 };
  return {
    orgId,
    workflowId: `luma-org-sync/${orgId}`,
    startedAt: now,
    progress,
    obstacles: [],
    work,
    ...rest,
  };
}

function fullLook(orgs: WatchedOrg[], more: Partial<SyncLook> = {}): SyncLook {
  const counts = { total: 120, completed: 38, failed: 3, alreadySyncing: 0, running: orgs.length };
  return {
    ...{ at: now, workflowId: 'luma-full-sync', startedAt: later(-90), orgs, obstacles: [] },
    ...{ total: 120, expectedTotal: 120 },
    fullSync: { phase: 'syncing', orgs: counts, running: [], events, requests: 900, waitedMs: 0 },
    ...more,
  };
}

const textOf = (look: SyncLook, at = now, size = narrow) =>
  watchLines(look, at, size).map(({ text }) => text);

const paused = (seconds: number): WatchedOrg['obstacles'] => [
  { kind: 'paused', workflowId: 'w', until: later(seconds), reason: 'Luma asks for a pause: 48 s' },
];
const failing: WatchedOrg['obstacles'] = [
  {
    ...{
      kind: 'activity-failing',
      workflowId: 'luma-org-sync/acme',
      activityType: 'upsertEvents',
      attempt: 3,
    },
    failure: { type: 'StoreUnavailable', message: 'MongoDB: write events failed' },
    nextAttemptAt: later(12),
  },
];

describe('a watched sync on a terminal', () => {
  it('has a line for each organization, with a bar, its phase and about when it ends', () => {
    const [head, counts, first] = textOf(
      fullLook([org('acme', {}, { endsAt: later(240) })], { endsAt: later(600) }),
    );
    expect(head).toBe('Full sync  ███▍░░░░░░  41/120 organizations, 3 failed  ~10 min left, until 07:10 UTC');
    expect(counts).toMatch(/^ {2}1 running, 78 waiting · events 1200 seen: .* 1,424 requests$/);
    expect(first).toContain('  acme  ████████▌░  details 512/600  ~4 min left  12 pages · events 600 seen');
  });

  it('counts a pause down each second, and does not show one that is over', () => {
    const look = fullLook([org('acme', {}, { obstacles: paused(34), endsAt: later(240) })]);
    expect(textOf(look)[2]).toContain('paused 34 s, ~4 min left  Luma asks for a pause · ');
    expect(textOf(look, later(1))[2]).toContain('paused 33 s');
    expect(textOf(look, later(35))[2]).not.toContain('paused');
  });

  it('tells a pause for a Luma that cannot be reached among what fails', () => {
    const reason = 'Luma does not answer (503, /v1/events/get): try 3 in 4 s';
    const obstacles: WatchedOrg['obstacles'] = [{ kind: 'paused', workflowId: 'w', until: later(4), reason }];
    const [, , line] = watchLines(fullLook([org('acme', {}, { obstacles })]), now, narrow);
    expect(line?.tone).toBe('bad');
    expect(line?.text).toContain('paused 4 s  Luma does not answer (503, /v1/events/get): try 3 · 12 pages');
  });

  it('tells attempt, reason and time of the next try of what is failing, above all others and within 80 columns', () => {
    const look = fullLook([org('berlin'), org('acme', {}, { obstacles: failing })]);
    const lines = watchLines(look, now, narrow);
    const told = lines.filter(({ tone }) => tone === 'bad').map(({ text }) => text);
    expect(told.slice(0, -1).join(' ')).toBe(
      'upsertEvents of luma-org-sync/acme fails and is tried again: StoreUnavailable: MongoDB: write events failed; attempt 3 follows at 07:00:12 UTC',
    );
    expect(told.slice(0, -1).every((text) => stringWidth(text) < 80)).toBe(true);
    expect(told.at(-1)?.slice(0, 79)).toContain('details 512/600  attempt 3 in 12 s  StoreUnavailable');
    expect(lines.at(-1)?.text).toContain('berlin');
  });

  it('with hundreds of organizations shows the troubled ones, as many others as there is room for, and counts the rest', () => {
    const many = Array.from({ length: 200 }, (_, n) => org(`org-${n}`, {}, { startedAt: later(n) }));
    const failed = Array.from({ length: 9 }, (_, n) => ({
      ...{ orgId: `bad-${n}`, workflowId: 'w', obstacles: [] },
      failure: { type: 'LumaKeyRejected', message: 'Luma does not accept the key (401)' },
    }));
    const lines = textOf(fullLook([...many, org('zed', {}, { obstacles: failing }), ...failed]));
    expect(lines.length).toBeLessThanOrEqual(20);
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(at('zed  ')).toBeGreaterThan(0);
    expect(at('bad-0')).toBeGreaterThan(at('zed  '));
    expect(at('org-0')).toBeGreaterThan(at('bad-4'));
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^ {2}and 19\d more running$/),
      '  and 4 more failed',
    ]);
    expect(lines[at('bad-0')]).toMatch(/failed +LumaKeyRejected: Luma does not accept/);
  });

  it('with more than 200 organizations has lines for those that fail, pause or are slow, and a total of the others', () => {
    const many = Array.from({ length: 28 }, (_, n) => org(`org-${n}`, {}, { startedAt: later(n) }));
    const orgs = [
      ...many,
      org('late', {}, { isSlow: true, startedAt: later(-600) }),
      org('limited', {}, { obstacles: paused(34) }),
      org('zed', {}, { obstacles: failing }),
    ];
    const counts = { total: 400, completed: 96, failed: 0, alreadySyncing: 0, running: orgs.length };
    const look = fullLook(orgs, { total: null, expectedTotal: 1_000 });
    const fullSync = { ...look.fullSync, orgs: counts } as SyncLook['fullSync'];
    const lines = textOf({ ...look, fullSync }, now, { columns: 80, rows: 60 });
    expect(lines[0]).toMatch(/^Full sync {2}\S{10} {2}96\/~1,000 organizations$/);
    expect(lines[1]).toMatch(/^ {2}31 running \(1 failing, 1 paused, 1 slow\), 873 waiting · /);
    const told = lines.slice(2).filter((line) => /[█·]{10}|[█░]/.test(line));
    expect(told.map((line) => line.trim().split(' ')[0])).toEqual(['zed', 'limited', 'late']);
    expect(told[2]).toContain('details 512/600  for 10 min 0 s');
    expect(lines.at(-1)).toBe('  and 28 more running');
    const unread = textOf({ ...look, fullSync, expectedTotal: undefined });
    expect(unread[0]).toContain('96/400+ organizations');
    expect(unread.at(-1)).toBe('  and 28 more running');
  });

  it('waits for a worker in words that tell how to start one', () => {
    const waits: WatchedOrg['obstacles'] = [
      { kind: 'not-taken', workflowId: 'luma-full-sync', taskQueue: 'luma-sync', step: '1' },
    ];
    const look: SyncLook = {
      at: now,
      workflowId: 'luma-full-sync',
      orgs: [],
      obstacles: waits,
      hasWorkers: false,
    };
    const text = textOf(look).join(' ');
    expect(text).toContain('Full sync  ··········  starting');
    expect(text).toContain('Start one in another terminal: luma-sync worker');
  });

  it('says that Temporal is away, for how long, and how long it is tried', () => {
    const away = {
      address: '127.0.0.1:7233',
      reason: 'does not answer',
      since: later(-12),
      until: later(78),
    };
    const text = textOf(fullLook([org('acme')], { away })).join(' ');
    expect(text).toMatch(
      /^Temporal at 127\.0\.0\.1:7233: does not answer, for 12 s\. Trying again for 1 min 18 s\. The sync goes on meanwhile\. Full sync/,
    );
  });

  it('of one organization has its line, and what was made so far below', () => {
    const one = org('acme', {}, { obstacles: paused(34) });
    const lines = textOf({ at: now, workflowId: one.workflowId, orgs: [one], obstacles: [] });
    expect(lines[0]).toBe('acme  ████████▌░  details 512/600  paused 34 s');
    expect(lines[1]).toMatch(/^ {2}Luma asks for a pause · 12 pages · events 600 seen: .* 524 requests$/);
  });

  it('has a bar of eighths, and dots where nothing is known', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(0.54, 4), bar(1, 4), bar(null, 4)]).toEqual([
      ...['░░░░', '██░░', '██▏░', '████', '····'],
    ]);
  });
});

describe('a watched sync in a log', () => {
  it('has a line for each phase and pause, and how far it is every ten seconds', () => {
    const news = watchLog();
    const look = (seconds: number, more: Partial<OrgSyncProgress>): SyncLook => {
      const one = org('acme', { detailsAsked: 5 + seconds, ...more });
      return { at: later(seconds), workflowId: one.workflowId, orgs: [one], obstacles: [] };
    };
    expect(news(look(0, {}))).toEqual([expect.stringMatching(/^details · page 12 .* details 5 of 600/)]);
    expect(news(look(3, {}))).toEqual([]);
    expect(news(look(11, {}))).toEqual([expect.stringContaining('details 16 of 600')]);
    const pausedUntil = later(60).toISOString();
    expect(news(look(12, { pausedUntil }))).toContain('paused until 07:01:00 UTC: Luma asks for it');
    expect(news(look(14, {}))).toEqual([]);
    expect(news(look(15, { phase: 'done' }))).toEqual([expect.stringMatching(/^done · /)]);
  });

  it('of a full sync names each organization, unless there are too many', () => {
    const news = watchLog();
    const lines = news(fullLook([org('acme')]));
    expect(lines[0]).toMatch(/^41\/120 organizations, 3 failed · 1 running, 78 waiting · events 1200 seen/);
    expect(lines[1]).toMatch(/^ {2}acme: details · page 12/);
    const many = Array.from({ length: 21 }, (_, n) => org(`org-${n}`));
    expect(watchLog()(fullLook(many))).toHaveLength(1);
  });
});
