import { PassThrough } from 'node:stream';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { eventJson, eventTable } from '../../src/cli/commands/events.js';
import { organizationTable } from '../../src/cli/commands/orgs.js';
import { scheduleText } from '../../src/cli/commands/schedule.js';
import {
  fullSyncLines,
  orgSyncLines,
  type ProgressStream,
  progressView,
} from '../../src/cli/output/progress.js';
import { dryRunText } from '../../src/cli/output/preview.js';
import { fullSyncReport, orgSyncReport } from '../../src/cli/output/report.js';
import { readLumaKey } from '../../src/cli/secret-input.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import type { FullSyncResult, OrgSyncResult } from '../../src/workflows/contract.js';

const events = { seen: 3, inserted: 2, changed: 0, unchanged: 1, removed: 0, held: 0, quarantined: 0 };
const times = { startedAt: '2026-01-01T07:00:00.000Z', finishedAt: '2026-01-01T07:00:12.300Z' };

function stream(isTTY: boolean): { to: ProgressStream; written: () => string } {
  const to = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 40 });
  return { to, written: () => (to.read() as string | null) ?? '' };
}

describe('reports', () => {
  it('a full sync done in part names every failed organization and why', () => {
    const report = fullSyncReport({
      ...{ status: 'partial', orgs: { total: 4, completed: 2, failed: 1, alreadySyncing: 1 }, events },
      failures: [{ orgId: 'acme', type: 'LumaKeyRejected', message: 'Luma refuses the key (401)' }],
      ...{ requests: 7, waitedMs: 61_000, ...times },
    });
    expect(report).toContain('Full sync done in part in 12 s');
    expect(report).toContain('4: 2 completed, 1 failed, 1 already syncing');
    expect(report).toContain('3 seen: 2 inserted, 1 unchanged');
    expect(report).toContain('7 requests, 1 min 1 s spent waiting');
    expect(report).toMatch(/acme +LumaKeyRejected +Luma refuses the key/);
  });

  it('organizations that another sync was busy with are named, and how to free those that are stuck', () => {
    const busy = { workflowId: 'luma-org-sync/acme', runningForMs: 60_000, stuck: false };
    const stuck = { workflowId: "luma-org-sync/it's", runningForMs: 90_000_000, stuck: true };
    const report = fullSyncReport({
      ...{ status: 'partial', orgs: { total: 9, completed: 6, failed: 0, alreadySyncing: 3 }, events },
      alreadySyncing: [
        { orgId: 'acme', ...busy },
        { orgId: "it's", ...stuck },
      ],
      ...{ failures: [], requests: 7, waitedMs: 0, ...times },
    });
    expect(report).toContain('acme  another sync of it runs (luma-org-sync/acme, for 1 min 0 s)\n');
    expect(report).toContain(
      "it's  another sync of it runs (luma-org-sync/it's, for 25 h 0 min): not done\n",
    );
    expect(report).toContain("temporal workflow describe --workflow-id 'luma-org-sync/it'\\''s'");
    expect(report).toContain("temporal workflow terminate --workflow-id 'luma-org-sync/it'\\''s'");
    expect(report).not.toContain('terminate --workflow-id luma-org-sync/acme');
  });

  it('failures that the result does not name are counted', () => {
    const failures = [{ orgId: 'acme', type: 'LumaUnavailable', message: '503' }];
    const orgs = { total: 60, completed: 0, failed: 60, alreadySyncing: 0 };
    const report = fullSyncReport({
      ...{ status: 'partial', orgs, events, failures, requests: 0, waitedMs: 0, ...times },
    });
    expect(report).toContain('and 59 organizations more');
  });

  it('one organization’s sync says what is still to come and what Luma changed', () => {
    const report = orgSyncReport({
      ...{ status: 'complete', orgId: 'acme', syncId: 's', calendarId: 'cal-1', pages: 1, events },
      ...{ detailsPending: 5, unresolved: 2, dryRun: false, drift: ['cover_url vanished'] },
      ...{ requests: 1, waitedMs: 0, ...times },
    });
    expect(report).toContain('2 events not listed');
    expect(report).toContain('cal-1, 1 page');
    expect(report).toContain('5 events to be asked for');
    expect(report).toContain('cover_url vanished');
    expect(report).not.toContain('waiting');
  });

  const org: OrgSyncResult = {
    ...{ status: 'complete', orgId: 'acme', syncId: 's', calendarId: 'cal-1', pages: 1, events },
    ...{ detailsPending: 0, unresolved: 0, dryRun: false, drift: [], requests: 1, waitedMs: 0, ...times },
  };
  const full: FullSyncResult = {
    ...{ status: 'complete', orgs: { total: 1, completed: 1, failed: 0, alreadySyncing: 0 }, events },
    ...{ failures: [], requests: 1, waitedMs: 0, ...times },
  };

  it('what waits for a person is said with the command that shows it', () => {
    const waiting = { ...events, held: 5, quarantined: 1 };
    const report = orgSyncReport({ ...org, events: waiting });
    expect(report).toContain('5 removals wait for a decision: luma-sync removals list --org acme');
    expect(report).toContain('1 entry that cannot be trusted: luma-sync quarantine list --org acme');
    expect(fullSyncReport({ ...full, events: waiting })).toMatch(/5 removals .*: luma-sync removals list$/m);
    expect(orgSyncReport(org)).not.toMatch(/removals|quarantine/);
  });

  it('a dry run says that nothing was written', () => {
    const held = { ...events, held: 5 };
    expect(orgSyncReport({ ...org, events: held, dryRun: true })).toMatch(
      /^Dry run of acme [^]*nothing was written$/,
    );
    expect(fullSyncReport({ ...full, dryRun: true })).toMatch(
      /^Dry run of a full sync [^]*nothing was written$/,
    );
    expect(orgSyncReport({ ...org, events: held, dryRun: true })).not.toContain('luma-sync removals');
  });

  it('a dry run shows each difference field by field, and how many are not shown', () => {
    const start = { from: new Date('2026-11-24T17:00:00Z'), to: new Date('2026-11-25T17:00:00Z') };
    const text = dryRunText({
      ...{ orgId: 'acme', syncId: 's', state: 'complete' },
      events: { ...events, inserted: 250, changed: 1, removed: 1, held: 1 },
      preview: {
        inserted: [{ lumaEventId: 'evt-1', title: 'New\u001b[2J' }],
        changed: [
          {
            ...{ lumaEventId: 'evt-2', title: 'Old' },
            fields: {
              title: { from: 'Old', to: 'x'.repeat(100) },
              startAt: start,
              location: { from: 'Here', to: null },
              tags: { from: ['a'], to: [] },
            },
          },
        ],
        hidden: [{ lumaEventId: 'evt-3', title: 'Hidden', reason: 'not-public' }],
        removed: [],
        held: [{ lumaEventId: 'evt-4', title: 'Gone', reason: 'canceled' }],
        unknown: ['descriptions: 3 events would be asked for'],
      },
    });
    expect(text).toContain('would be inserted: 250\n    evt-1  New\\u001b[2J\n');
    expect(text).toContain('title: "Old" → "xxx');
    expect(text).not.toContain('x'.repeat(61));
    expect(text).toContain('startAt: 2026-11-24T17:00:00.000Z → 2026-11-25T17:00:00.000Z');
    expect(text).toContain('location: "Here" → nothing');
    expect(text).toContain('tags: ["a"] → []');
    expect(text).toContain('would be removed: 1\n    evt-3  Hidden  (not-public)');
    expect(text).toContain('would be held for a decision: 1\n    evt-4  Gone  (canceled)');
    expect(text).toContain('could not know: descriptions');
  });

  it('a schedule shows its next runs and the last one', () => {
    const text = scheduleText({
      ...{ scheduleId: 'sync-luma-events', when: 'daily at 07:00 UTC', paused: false, overlap: 'SKIP' },
      ...{ catchupWindowMs: 3_600_000, input: {}, running: [] },
      nextRuns: [new Date('2026-01-02T07:00:00Z'), new Date('2026-01-03T07:00:00Z')],
      recentRuns: [
        { workflowId: 'luma-full-sync-x', runId: 'r', startedAt: new Date('2026-01-01T07:00:00Z') },
      ],
    });
    expect(text).toContain('next runs  2026-01-02 07:00 UTC\n           2026-01-03 07:00 UTC\n');
    expect(text).toContain('last run   2026-01-01 07:00 UTC  luma-full-sync-x');
  });
});

describe('tables of stored data', () => {
  const event: EventDoc = {
    ...{ _id: new ObjectId(), orgId: new ObjectId('65f000000000000000000001'), lumaEventId: 'evt-1' },
    ...{ title: '🎉 שלום', startAt: new Date('2026-11-24T17:00:00Z'), timezone: 'Europe/Berlin' },
    ...{ url: 'https://luma.com/x', isVirtual: true, locationKind: 'online', location: 'Online' },
    ...{ visibility: 'public', platform: 'luma', tags: [], source: 'api', revision: 1 },
    ...{ syncedAt: new Date(0), createdAt: new Date(0), changedAt: new Date(0) },
  };

  it('events show the time at their own place', () => {
    expect(eventTable([event])).toContain('Tue 2026-11-24 18:00 GMT+1');
  });

  it('events show their visibility where others than public ones were asked for', () => {
    const hidden = { ...event, visibility: 'members-only' };
    expect(eventTable([hidden], undefined, { withVisibility: true })).toMatch(
      /^START +VISIBILITY +EVENT [^]*members-only/,
    );
    expect(eventTable([event])).not.toContain('VISIBILITY');
  });

  it('an event in a zone that this machine does not know is shown in UTC', () => {
    expect(eventTable([{ ...event, timezone: 'Mars/Olympus' }])).toContain('Tue 2026-11-24 17:00 GMT');
  });

  it('an event as JSON has ISO dates, the organization’s id as text, and no id of MongoDB’s', () => {
    const json = JSON.parse(JSON.stringify(eventJson(event))) as Record<string, unknown>;
    expect(json).toMatchObject({
      orgId: '65f000000000000000000001',
      lumaEventId: 'evt-1',
      startAt: '2026-11-24T17:00:00.000Z',
    });
    expect(json).not.toHaveProperty('_id');
  });

  it('organizations show whether they have a key, and how they are', () => {
    const table = organizationTable([
      { id: 'a', name: 'A', hasKey: true, state: 'failed', reason: 'LumaKeyRejected: 401' },
      { id: 'b', name: 'B', hasKey: true },
      { id: 'd', name: 'D', hasKey: true, state: 'ok', removalsHeld: 5, drift: ['cover_url vanished'] },
      { id: 'c', name: 'C', hasKey: false, calendarUrl: 'https://luma.com/c' },
    ]);
    expect(table).toMatch(/^a .* yes +failed +– +LumaKeyRejected: 401$/m);
    expect(table).toMatch(/^d .* ok .* 5 removals to decide on; Luma changed: cover_url vanished$/m);
    expect(table).toMatch(/^b .* yes +not synced yet/m);
    expect(table).toMatch(/^c .*luma\.com\/c +no +not synced: no key/m);
  });
});

describe('live progress', () => {
  const progress = {
    ...{
      phase: 'syncing' as const,
      running: ['a', 'b', 'c', 'd', 'e', 'f'],
      events,
      requests: 6,
      waitedMs: 0,
    },
    orgs: { total: 9, completed: 1, failed: 1, alreadySyncing: 0, running: 6 },
  };

  it('is rewritten in place on a terminal, cut to its width', () => {
    const { to, written } = stream(true);
    const view = progressView(to);
    view.show(['one', 'x'.repeat(100)]);
    expect(written()).toBe(`\u001b[0Jone\n${'x'.repeat(38)}…\n`);
    view.show(['two']);
    expect(written()).toBe('\u001b[2A\u001b[0Jtwo\n');
  });

  it('stays below what is said meanwhile', () => {
    const { to, written } = stream(true);
    const view = progressView(to);
    view.show(['one', 'two']);
    written();
    view.say('No worker\u001b[2J');
    expect(written()).toBe('\u001b[2A\u001b[0JNo worker\\u001b[2J\none\ntwo\n');
  });

  it('lets nothing from outside move the cursor', () => {
    for (const isTTY of [true, false]) {
      const { to, written } = stream(isTTY);
      progressView(to).show(['a\u001b[2Jb\u202ec']);
      expect(written()).toMatch(/a\\u001b\[2Jb\\u202ec\n$/);
    }
  });

  it('elsewhere is plain lines, one for each change, without escape sequences', () => {
    const { to, written } = stream(false);
    const view = progressView(to);
    view.show(['one', 'same']);
    view.show(['one', 'same']);
    view.show(['two', 'same']);
    expect(written()).toBe('one\nsame\ntwo\n');
  });

  it('of a full sync counts organizations and names a few that run', () => {
    const [first, second] = fullSyncLines(progress);
    expect(first).toContain('organizations 2 of 9 (1 failed)');
    expect(second).toBe('syncing a, b, c, d, e and 1 more');
  });

  it('of one organization says until when and why it pauses', () => {
    const lines = orgSyncLines(
      {
        ...{ orgId: 'acme', syncId: 's', phase: 'listing', pages: 2, events, requests: 3, waitedMs: 0 },
        ...{ dryRun: false, detailsDue: 8, detailsAsked: 3, detailsPending: 0, unresolved: 0 },
        ...{ pausedUntil: '2026-01-01T07:01:00.000Z', pauseReason: 'Luma asks for a pause: 60 s' },
      },
      new Date('2026-01-01T07:00:20.000Z'),
    );
    expect(lines[0]).toMatch(/^listing · page 2 .* details 3 of 8 /);
    expect(lines[1]).toBe('paused until 07:01:00 UTC, 40 s left: Luma asks for a pause: 60 s');
  });
});

describe('the Luma key', () => {
  const piped = (text: string) => Object.assign(new PassThrough(), { isTTY: false }).end(text);

  it('is read from a pipe, blanks around it taken away', async () => {
    expect(await readLumaKey({ input: piped(' secret-abc\n') })).toBe('secret-abc');
  });

  it('comes from the environment before standard input, and from - before the environment', async () => {
    const environmentKey = 'secret-env';
    expect(await readLumaKey({ environmentKey, input: piped('secret-in') })).toBe('secret-env');
    expect(await readLumaKey({ file: '-', environmentKey, input: piped('secret-in') })).toBe('secret-in');
  });

  it('is asked for on a terminal without being shown', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const key = readLumaKey({ input: terminal });
    terminal.write('secret-typed\r');
    expect(await key).toBe('secret-typed');
  });

  it('that is empty or no key is refused without being shown', async () => {
    await expect(readLumaKey({ input: piped('') })).rejects.toThrow(/no Luma key/);
    await expect(readLumaKey({ input: piped('canary one') })).rejects.toThrow(/cannot be a Luma key/);
    await expect(readLumaKey({ input: piped('canary one') })).rejects.not.toThrow(/canary/);
    await expect(readLumaKey({ file: '/nowhere/key', input: piped('') })).rejects.toThrow(/ENOENT/);
  });
});
