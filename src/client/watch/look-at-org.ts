import type { Client } from '@temporalio/client';
import { isAnotherTry } from '../../policies/unreachable.js';
import type { OrgSyncProgress, OrgSyncResult } from '../../workflows/contract.js';
import type { DescribedWorkflow } from '../described-workflow.js';
import type { Obstacle } from '../obstacles.js';
import { queryProgress } from '../query-progress.js';
import { pagesOfLastSync } from './last-sync.js';
import type { WatchedOrg } from './look.js';
import { newPace, timeLeftMs, withSample } from './pace.js';
import { orgSyncAtEnd } from './progress-at-end.js';
import type { RememberedSync } from './sync-memory.js';
import { withHeartbeats, workOf } from './work.js';
import { untilWrittenMs } from './writing.js';

export interface LookAtOrg {
  orgId: string;
  workflowId: string;
  described: DescribedWorkflow;
  /** What holds it up, but for pauses. */
  obstacles: readonly Obstacle[];
  /** Brought up to date. */
  remembered: RememberedSync;
  /** How long its worker has to answer; 0: it is not asked. */
  queryLimitMs: number;
  /** Once it has ended well. */
  result?: OrgSyncResult;
}

/** Looks at one organization's sync by what Temporal says of it. */
export type LookAtOne = (
  client: Client,
  org: { orgId: string; workflowId: string },
  described: DescribedWorkflow,
  result?: OrgSyncResult,
) => Promise<WatchedOrg>;

/** An organization's sync at one moment: how far it is, what holds it up and when it is expected to end. */
export async function lookAtOrg(
  client: Client,
  { orgId, workflowId, described, obstacles: found, remembered, queryLimitMs, result }: LookAtOrg,
): Promise<WatchedOrg> {
  // A workflow with a task answers after it; its worker may be away.
  const isAsked = result === undefined && queryLimitMs > 0 && !described.hasTask;
  const asked = isAsked ? await queryProgress<OrgSyncProgress>(client, workflowId, queryLimitMs) : undefined;
  const before = remembered.progress;
  remembered.progress = result === undefined ? (asked ?? before) : orgSyncAtEnd(result, before);
  const obstacles = [...found];
  const watched: WatchedOrg = { orgId, workflowId, startedAt: remembered.startedAt, obstacles };
  if (remembered.progress === undefined) return watched;
  const now = Date.now();
  const progress = withHeartbeats(remembered.progress, described.activities, before);
  const pause = pauseOf(workflowId, progress, now);
  if (pause !== undefined && described.activities.length === 0) obstacles.push(pause);
  // Not for one who looks only once.
  if (progress.phase === 'listing' && remembered.looks > 1 && remembered.isLastAsked !== true) {
    remembered.isLastAsked = true;
    void pagesOfLastSync(client, workflowId).then((pages) => (remembered.pagesBefore = pages));
  }
  const { done, left } = workOf(progress, remembered.pagesBefore);
  // What a retry or an outage takes cannot be known.
  const isOutage = isAnotherTry(progress.pauseReason ?? '');
  const isHeldUp = isOutage || obstacles.some(({ kind }) => kind !== 'paused');
  const sample = {
    ...{ atMs: now, phase: progress.phase, done, left: isHeldUp ? null : left },
    pausedUntilMs: isOutage ? undefined : pause?.until.getTime(),
    limit: progress.limit,
  };
  const pace =
    remembered.pace === undefined
      ? newPace(remembered.startedAt.getTime(), progress.waitedMs, sample)
      : withSample(remembered.pace, sample);
  remembered.pace = pace;
  const leftMs = timeLeftMs(pace, now);
  const endedMs = left === 0 ? now - pace.stretch.to.atMs : 0;
  const untilMs = leftMs === null ? null : untilWrittenMs(progress, { left: left ?? 0, leftMs, endedMs });
  return {
    ...{ ...watched, progress, work: { done: pace.last.done, left } },
    endsAt: untilMs === null ? undefined : new Date(now + untilMs),
    asksUntil: leftMs === null ? undefined : new Date(now + leftMs),
  };
}

function pauseOf(workflowId: string, { pausedUntil, pauseReason }: OrgSyncProgress, now: number) {
  const until = new Date(pausedUntil ?? NaN);
  if (!(until.getTime() > now)) return undefined;
  return { kind: 'paused' as const, workflowId, until, reason: pauseReason ?? 'Luma asks for a pause' };
}
