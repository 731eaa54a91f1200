import { PassThrough } from 'node:stream';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { screen } from '../../src/cli/output/screen.js';
import { checkLine } from '../../src/cli/output/status-check.js';
import { statusText } from '../../src/cli/output/status.js';
import { toTerminal } from '../../src/cli/output/styles.js';
import { needsOf } from '../../src/client/status/needs.js';
import type { Status } from '../../src/client/status.js';
import type { OrgSyncProgress } from '../../src/workflows/contract.js';

const at = new Date();
const ago = (hours: number) => new Date(at.getTime() - hours * 3_600_000);

const schedule = {
  ...{ scheduleId: 'sync-luma-events', when: 'daily at 07:00 UTC', paused: false, overlap: 'SKIP' },
  ...{ catchupWindowMs: 3_600_000, input: {}, nextRuns: [ago(-5)], recentRuns: [], running: [] },
};
const nothing = { count: 0, organizations: 0, first: [] };
const progress: OrgSyncProgress = {
  ...{ orgId: 'busy', syncId: 's', phase: 'details', dryRun: false, pages: 6, requests: 520, waitedMs: 0 },
  events: { seen: 600, inserted: 600, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 },
  ...{ detailsDue: 600, detailsAsked: 512, detailsPending: 0, unresolved: 0 },
};

/** Everything in order, but for what is given. */
function status(parts: Partial<Status> = {}): Status {
  const read: Omit<Status, 'verdict' | 'needs'> = {
    ...{ at, maxAgeMs: 26 * 3_600_000, unread: [], schedule, lastFullSync: null },
    workers: { taskQueue: 'luma-sync', polling: [{ identity: '4211@host', lastSeenAt: at }] },
    running: { fullSyncs: 0, orgSyncs: 0, syncs: [], stuck: { count: 0, first: [] } },
    organizations: {
      ...{ total: 2, withoutKey: 0, failing: [], stale: [], neverSynced: [], overdue: 0 },
      counts: { fresh: 2, stale: 0, failing: 0, neverSynced: 0, stuck: 0 },
      drifting: { count: 0, first: [] },
    },
    ...{ removals: nothing, quarantine: nothing },
    ...parts,
  };
  const needs = needsOf(read);
  const verdict = read.unread.length > 0 ? 'unknown' : needs.length > 0 ? 'needs-person' : 'fine';
  return { verdict, needs, ...read };
}

const stuckSync = {
  ...{ kind: 'org' as const, orgId: 'held-up', workflowId: 'luma-org-sync/held-up', taskQueue: 'old' },
  ...{ startedAt: ago(4), obstacles: [] },
  stuck: { why: 'it waits on the task queue old', remedy: ['temporal workflow terminate --workflow-id w'] },
};

/** Something of every kind. */
const troubled = status({
  running: {
    ...{ fullSyncs: 0, orgSyncs: 3, stuck: { count: 1, first: [stuckSync] } },
    syncs: [
      {
        ...{ kind: 'org', orgId: 'busy', workflowId: 'luma-org-sync/busy', taskQueue: 'luma-sync', progress },
        ...{ startedAt: ago(0.1), work: { done: 518, left: 88 }, endsAt: new Date(Date.now() + 245_000) },
        obstacles: [
          {
            ...{ kind: 'paused', workflowId: 'luma-org-sync/busy', reason: 'Luma asks for a pause: 13 s' },
            until: new Date(Date.now() + 9_500),
          },
        ],
      },
      {
        ...{ kind: 'org', orgId: 'retry', workflowId: 'luma-org-sync/retry', taskQueue: 'luma-sync' },
        ...{ startedAt: ago(0.1) },
        obstacles: [
          {
            ...{ kind: 'activity-failing', workflowId: 'w', activityType: 'openOrgSync', attempt: 4 },
            failure: { type: 'StoreUnavailable', message: 'MongoDB: away' },
            nextAttemptAt: new Date(Date.now() + 7_500),
          },
        ],
      },
    ],
  },
  organizations: {
    ...{ total: 1_216, withoutKey: 3, overdue: 0 },
    counts: { fresh: 1_190, stale: 12, failing: 1, neverSynced: 12, stuck: 1 },
    failing: [
      {
        ...{ orgId: 'rejected', failures: 2, since: ago(49), syncing: false },
        reason: `LumaKeyRejected: Luma does not accept the key (401)\u001b[2J ${'and more '.repeat(9)}`,
        remedy: 'make a new key at Luma, then: luma-sync orgs set-key rejected',
      },
    ],
    stale: [{ orgId: 'late', lastSyncedAt: ago(50), syncing: false }],
    neverSynced: [{ orgId: 'new', syncing: false }],
    drifting: { count: 1, first: [{ orgId: 'odd', drift: ['cover_url vanished'] }] },
  },
  removals: { count: 89, organizations: 1, first: [{ orgId: 'many', count: 89, since: ago(20) }] },
  quarantine: { count: 2, organizations: 1, first: [{ orgId: 'bad', count: 2, since: ago(20) }] },
});

describe('status for people', () => {
  it('fits 80 columns, commands apart, and shows the most urgent first', () => {
    const text = statusText(troubled, { width: 80 });
    const lines = toTerminal(text, new PassThrough()).split('\n');
    for (const line of lines.filter((one) => !one.includes('→'))) {
      expect(stringWidth(line)).toBeLessThanOrEqual(80);
    }
    const titles = lines
      .filter((line) => /^[A-Z]{2}/.test(line))
      .map((line) => line.replace(/[:→].*/, '').trim());
    expect(titles).toEqual([
      ...['STUCK 1', 'FAILING 1', 'STALE 12', 'NEVER SYNCED 12', 'REMOVALS TO DECIDE 89'],
      ...['IN QUARANTINE 2', "DRIFT OF LUMA'S ANSWERS 1", 'RUNNING 2'],
    ]);
    expect(text).toContain('and 11 more');
    expect(text).not.toContain('\u001b');
  });

  it('says of each what to do, what it waits for and when it is tried again', () => {
    const text = statusText(troubled);
    expect(text).toContain(
      'held-up  for 4 h: it waits on the task queue old\n    → temporal workflow terminate',
    );
    expect(text).toContain(`rejected  since ${ago(49).toISOString().slice(0, 10)}`);
    expect(text).toContain('2 times, LumaKeyRejected: Luma does not accept the key (401)\\u001b[2J');
    expect(text).toContain('→ make a new key at Luma, then: luma-sync orgs set-key rejected');
    expect(text).toMatch(
      /busy {3}█{8}▌░ {2}details 512\/600 {2}paused \d+ s, ~4 min left {2}Luma asks for a pause · 6 pages/,
    );
    expect(text).toMatch(
      /retry {2}·{10} +attempt 4 in \d+ s +StoreUnavailable: MongoDB: away \(openOrgSync\)/,
    );
    expect(text).toContain('89, the first since');
    expect(text).toContain('luma-sync removals list');
  });

  it('names fewer where a terminal has fewer rows, and counts the others', () => {
    const failing = Array.from({ length: 10 }, (_, index) => ({
      ...{
        orgId: `org-${index}`,
        failures: 1,
        syncing: false,
        reason: 'LumaKeyRejected: 401',
        remedy: 'mend it',
      },
    }));
    const organizations = troubled.organizations && {
      ...troubled.organizations,
      counts: { ...troubled.organizations.counts, failing: 25 },
      failing,
    };
    const lines = (rows: number) =>
      toTerminal(statusText({ ...troubled, organizations }, { width: 80, rows }), new PassThrough()).split(
        '\n',
      );
    expect(lines(100).filter((line) => line.includes('mend it'))).toHaveLength(10);
    expect(lines(48).length).toBeLessThanOrEqual(48);
    expect(lines(48).filter((line) => line.includes('mend it')).length).toBeGreaterThan(3);
    expect(lines(10).join('\n')).toMatch(/FAILING 25\n {2}org-0 .*\n {4}→ mend it\n {2}and 24 more/);
    expect(lines(100).join('\n')).toMatch(/TO DECIDE 89 .*\n {2}many {2}89, .* ago\n\n/);
  });

  it('a part that could not be read is said once for each reason, and the rest is shown', () => {
    const reason = 'Temporal at here: does not answer';
    const away = status({
      unread: [
        { part: 'workers', reason },
        { part: 'schedule', reason },
      ],
      ...{ workers: undefined, schedule: undefined, running: undefined },
    });
    const text = statusText(away);
    expect(text.match(/does not answer/g)).toHaveLength(1);
    expect(text).toContain('workers, schedule cannot be read');
    expect(text).toContain('orgs       2: 2 fresh');
    expect(checkLine(away)).toBe(`cannot tell: ${reason}`);
  });

  it('a paused schedule is shown with its note, and a missing one with the command that makes it', () => {
    const paused = status({ schedule: { ...schedule, paused: true, note: 'until Monday' } });
    expect(statusText(paused)).toContain('PAUSED (until Monday): daily at 07:00 UTC');
    expect(statusText(status({ schedule: null }))).toContain('luma-sync schedule apply');
  });
});

describe('status in one line', () => {
  it('all is well', () => {
    expect(checkLine(status())).toMatch(/^fine: 2 organizations fresh, 1 worker, next sync .* UTC$/);
  });

  it('names what needs a person, the most urgent first', () => {
    expect(checkLine(troubled)).toBe(
      'needs a person: 1 stuck (held-up), 1 failing (rejected), 12 stale (late, …), 89 removals to decide (many, …), 2 in quarantine (bad), 1 with drift (odd) – luma-sync status tells more',
    );
  });

  it('nobody who polls needs a person; an organization that waits for its first scheduled sync does not', () => {
    expect(checkLine(status({ workers: { taskQueue: 'q', polling: [] } }))).toMatch(
      /^needs .* no worker polls/,
    );
    const fresh = status().organizations;
    const organizations = fresh && {
      ...fresh,
      counts: { ...fresh.counts, neverSynced: 1 },
      neverSynced: [{ orgId: 'new', syncing: false }],
    };
    expect(status({ organizations }).verdict).toBe('fine');
    expect(status({ organizations, schedule: null }).needs).toMatchObject([
      { kind: 'never-synced', count: 1 },
    ]);
  });
});

describe('a screen', () => {
  const stream = (isTTY: boolean) => {
    const to = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 20, rows: 5 });
    return { to, written: () => (to.read() as string | null) ?? '' };
  };

  it('is drawn in place on a terminal, and what has no room there is counted', () => {
    const { to, written } = stream(true);
    const show = screen(to);
    show('one\ntwo');
    show('a\nb\nc\nd\ne\nf');
    const text = written();
    expect(text).toContain('\u001b[2J\u001b[Hone\u001b[K\ntwo\u001b[K\n\u001b[J');
    expect(text).toContain('\u001b[Ha\u001b[K\nb\u001b[K\nc\u001b[K\n… 3 more lines');
  });

  it('is blocks of plain text elsewhere', () => {
    const { to, written } = stream(false);
    const show = screen(to);
    show('one');
    show('one');
    expect(written()).toBe('one\n\none\n\n');
  });
});
