/**
 * Stand-ins for the two workflows: the same names, inputs and answers, ending as the test says. They let the
 * client be tested against a real server without Luma or MongoDB.
 */
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  executeChild,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type {
  FullSyncInput,
  FullSyncProgress,
  FullSyncResult,
  OrgSyncInput,
  OrgSyncProgress,
  OrgSyncResult,
} from '../../../src/workflows/contract.js';

const events = { seen: 3, inserted: 2, changed: 0, unchanged: 1, removed: 0, held: 0, quarantined: 0 };
const times = { startedAt: '2026-01-01T07:00:00.000Z', finishedAt: '2026-01-01T07:00:12.300Z' };

const orgIdKey = defineSearchAttributeKey('LumaOrgId', SearchAttributeType.KEYWORD);
const { alwaysFails } = proxyActivities<{ alwaysFails: () => Promise<void> }>({
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '100 ms' },
});

/**
 * Organizations: `gone` is unknown, `refused` has a rejected key, `slow…` waits for the signal `release`; `failing…`
 * fails in an activity without end, `buggy…` in its own code, `marked…` sets the search attribute.
 */
export async function OrgSyncWorkflow({ orgId, window }: OrgSyncInput): Promise<OrgSyncResult> {
  let released = false;
  setHandler(defineSignal('release'), () => {
    released = true;
  });
  setHandler(defineQuery<OrgSyncProgress>('progress'), (): OrgSyncProgress => ({
    ...{ orgId, syncId: 'sync-1', dryRun: false, pages: 1, events, requests: 2, waitedMs: 0 },
    ...{ detailsDue: 0, detailsAsked: 0, detailsPending: 0, unresolved: 0 },
    phase: released ? 'done' : 'listing',
  }));
  if (orgId === 'gone') throw ApplicationFailure.nonRetryable('no organization "gone"', 'OrgNotFound');
  if (orgId === 'refused') {
    throw ApplicationFailure.nonRetryable('Luma refuses the key (401)', 'LumaKeyRejected');
  }
  if (orgId.startsWith('failing')) await alwaysFails();
  if (orgId.startsWith('buggy')) throw new TypeError('cannot read what is not there');
  if (orgId.startsWith('marked')) upsertSearchAttributes([{ key: orgIdKey, value: orgId }]);
  if (orgId.startsWith('slow')) await condition(() => released);
  return {
    ...{
      status: 'complete',
      orgId,
      syncId: 'sync-1',
      calendarId: 'cal-1',
      pages: 1,
      events,
      detailsPending: 0,
      unresolved: 0,
      dryRun: false,
    },
    ...{ drift: window === undefined ? [] : [`${window.after ?? ''}..${window.before ?? ''}`] },
    ...{ requests: 2, waitedMs: 5_000, ...times },
  };
}

/** In part where a window was given: the one input that the command line passes on. With `concurrency` as a parent. */
export async function FullSyncWorkflow({ window, concurrency }: FullSyncInput): Promise<FullSyncResult> {
  if (concurrency !== undefined) {
    await executeChild(OrgSyncWorkflow, { workflowId: 'child', args: [{ orgId: 'failing-child' }] });
  }
  const partial = window !== undefined;
  const orgs = { total: 3, completed: partial ? 2 : 3, failed: partial ? 1 : 0, alreadySyncing: 0 };
  setHandler(defineQuery<FullSyncProgress>('progress'), (): FullSyncProgress => ({
    ...{ phase: 'done', orgs: { ...orgs, running: 0 }, running: [], events, requests: 6, waitedMs: 0 },
  }));
  const failure = { orgId: 'refused', type: 'LumaKeyRejected', message: 'Luma refuses the key (401)' };
  return await Promise.resolve({
    ...{ status: partial ? 'partial' : 'complete', orgs, events, failures: partial ? [failure] : [] },
    ...{ requests: 6, waitedMs: 0, ...times },
  });
}
