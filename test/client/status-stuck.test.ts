import { expect, test } from 'vitest';
import type { Obstacle } from '../../src/client/obstacles.js';
import { stuckBecause } from '../../src/client/status/stuck-because.js';

const now = Date.parse('2026-11-26T12:00:00Z');
const sync = {
  ...{ kind: 'org' as const, orgId: 'acme', workflowId: 'luma-org-sync/acme', taskQueue: 'luma-sync' },
  ...{ startedAt: new Date(now - 60_000), obstacles: [] as Obstacle[] },
};
const polled = { polled: true, taskQueue: 'luma-sync', now };

test('a sync that gets on is not stuck, pauses and a few attempts included', () => {
  const failure = { type: 'StoreUnavailable', message: 'away' };
  const obstacles: Obstacle[] = [
    { kind: 'paused', workflowId: 'w', until: new Date(now + 60_000), reason: 'Luma asks for it' },
    { kind: 'activity-failing', workflowId: 'w', activityType: 'openOrgSync', attempt: 4, failure },
  ];
  expect(stuckBecause({ ...sync, obstacles }, polled)).toBeUndefined();
});

test('on a queue without a worker: a worker is to be started on the own queue, and another one is ended', () => {
  const nobody = { ...polled, polled: false };
  expect(stuckBecause(sync, nobody)?.remedy).toEqual(['luma-sync worker']);
  const elsewhere = stuckBecause({ ...sync, taskQueue: 'old-queue' }, nobody);
  expect(elsewhere?.why).toContain('old-queue, where no worker polls');
  expect(elsewhere?.remedy).toEqual(['temporal workflow terminate --workflow-id luma-org-sync/acme']);
});

test('for hours, or with attempts that go on failing', () => {
  const old = { ...sync, startedAt: new Date(now - 4 * 3_600_000) };
  expect(stuckBecause(old, polled)?.remedy).toContainEqual(
    expect.stringContaining('temporal workflow cancel --workflow-id luma-org-sync/acme'),
  );
  // A full sync takes as long as its organizations do.
  expect(stuckBecause({ ...old, kind: 'full' }, polled)).toBeUndefined();
  const failure = { type: 'StoreUnavailable', message: 'away' };
  const activity = {
    kind: 'activity-failing' as const,
    workflowId: 'w',
    activityType: 'upsertEvents',
    failure,
  };
  expect(stuckBecause({ ...sync, obstacles: [{ ...activity, attempt: 10 }] }, polled)?.why).toContain(
    'upsertEvents fails again and again, attempt 10: StoreUnavailable: away',
  );
  const task = { kind: 'task-failing' as const, workflowId: 'w', failure, remedy: 'temporal operator …' };
  expect(stuckBecause({ ...sync, obstacles: [{ ...task, attempt: 3 }] }, polled)?.remedy).toEqual([
    'temporal operator …',
  ]);
});
