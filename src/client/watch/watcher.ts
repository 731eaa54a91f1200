import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import {
  type FullSyncProgress,
  type OrgSyncProgress,
  orgSyncWorkflowId,
  PROGRESS_QUERY,
} from '../../workflows/contract.js';
import { type DescribedWorkflow, describeWorkflow, type Obstacle } from '../obstacles.js';
import { hasWorkers, type TemporalAccess } from '../temporal.js';
import { failedSyncs } from './failed.js';
import { fullSyncLeftMs } from './full-sync-end.js';
import type { SyncLook, WatchedOrg } from './look.js';
import { newPace, type Pace, timeLeftMs, withSample } from './pace.js';
import { pagesOfLastSync } from './last-sync.js';
import { withHeartbeats, workOf } from './work.js';

/** Looked at side by side. */
const AT_ONCE = 16;
/** Without a limit, the SDK tries for minutes to reach a Temporal that is away. */
const ANSWER_LIMIT_MS = 3_000;
/** With hundreds of organizations. */
const LOOK_LIMIT_MS = 20_000;
/** A worker that is there answers sooner. */
const QUERY_LIMIT_MS = 2_000;
/** A step that nobody has taken for so long waits for a worker: one that is there takes it at once. */
const TAKEN_WITHIN_MS = 2_000;
/** A full sync reads so many organizations at a time: a multiple of it may not be all. */
const RANGE = 200;

/** What is remembered of an organization's sync from look to look. */
interface Seen {
  firstRunId: string;
  startedAt: Date;
  progress?: OrgSyncProgress;
  pace?: Pace;
  /** Of the last complete sync; looked up once. */
  pagesBefore?: Promise<number | undefined>;
  stepsSince: Map<string, number>;
}

/** Looks at one sync, again and again: what it remembers of earlier looks tells how fast the work comes on. */
export function syncWatcher(
  temporal: TemporalAccess,
  { workflowId, orgId }: { workflowId: string; orgId: string | undefined },
): () => Promise<SyncLook> {
  const seen = new Map<string, Seen>();
  const failed = failedSyncs();
  const limit = pLimit(AT_ONCE);
  let full: FullSyncProgress | undefined;
  let atOnce = 0;

  async function lookAtOrg(
    client: Client,
    org: { orgId: string; workflowId: string },
    given?: DescribedWorkflow,
  ): Promise<WatchedOrg | null> {
    const described = given ?? (await describeWorkflow(client, org.workflowId));
    if (described === null || (given === undefined && !described.isRunning)) return null;
    const known = await knownOf(client, org.workflowId, described);
    const asked = described.hasTask ? undefined : await progressOf<OrgSyncProgress>(client, org.workflowId);
    const before = known.progress;
    known.progress = asked ?? before;
    const obstacles = lasting(described.own, known.stepsSince);
    const watched: WatchedOrg = { ...org, startedAt: known.startedAt, obstacles };
    if (known.progress === undefined) return watched;
    const now = Date.now();
    const progress = withHeartbeats(known.progress, described.activities, before);
    const pause = pauseOf(org.workflowId, progress, now);
    if (pause !== undefined && described.activities.length === 0) obstacles.push(pause);
    if (progress.phase === 'listing') known.pagesBefore ??= pagesOfLastSync(client, org.workflowId);
    const { done, left } = workOf(progress, await known.pagesBefore);
    // What a retry or an outage takes cannot be known.
    const isHeldUp = obstacles.some(({ kind }) => kind !== 'paused') || isOutage(progress.pauseReason);
    const sample = {
      ...{ atMs: now, phase: progress.phase, done, left: isHeldUp ? null : left },
      pausedUntilMs: isOutage(progress.pauseReason) ? undefined : pause?.until.getTime(),
    };
    known.pace =
      known.pace === undefined
        ? newPace(known.startedAt.getTime(), progress.waitedMs, sample)
        : withSample(known.pace, sample);
    const leftMs = timeLeftMs(known.pace, now);
    return {
      ...{ ...watched, progress, work: { done: known.pace.last.done, left } },
      endsAt: leftMs === null ? undefined : new Date(now + leftMs),
    };
  }

  async function knownOf(client: Client, id: string, described: DescribedWorkflow): Promise<Seen> {
    const { firstRunId, runId } = described;
    const before = seen.get(id);
    if (before?.firstRunId === firstRunId) return before;
    const startedAt = runId === firstRunId ? described.startedAt : await startOf(client, id, firstRunId);
    const known = { firstRunId, startedAt: startedAt ?? described.startedAt, stepsSince: new Map() };
    seen.set(id, known);
    return known;
  }

  async function lookAtFull(client: Client, described: DescribedWorkflow): Promise<SyncLook> {
    const { taskQueue } = described;
    const known = await knownOf(client, workflowId, described);
    full = (described.hasTask ? undefined : await progressOf<FullSyncProgress>(client, workflowId)) ?? full;
    const prefix = orgSyncWorkflowId('', taskQueue);
    const ids = full?.running ?? described.children.map((child) => child.slice(prefix.length));
    for (const id of seen.keys()) {
      if (id !== workflowId && !ids.includes(id.slice(prefix.length))) seen.delete(id);
    }
    const looks = ids.map((id) =>
      limit(() => lookAtOrg(client, { orgId: id, workflowId: orgSyncWorkflowId(id, taskQueue) })),
    );
    const running = (await Promise.all(looks)).filter((org) => org !== null);
    const { startedAt } = known;
    const failures =
      full === undefined || full.orgs.failed === 0
        ? []
        : await failed(client, { full, partOf: known.firstRunId, taskQueue, since: startedAt });
    const at = new Date();
    const look: SyncLook = {
      ...{ at, workflowId, startedAt, orgs: [...running, ...failures] },
      obstacles: lasting(described.own, known.stepsSince),
    };
    if (full === undefined) return look;
    const total = totalOf(full);
    const { completed, failed: failedOrgs, alreadySyncing } = full.orgs;
    atOnce = Math.max(atOnce, running.length);
    const left = fullSyncLeftMs({
      ...{ elapsedMs: at.getTime() - startedAt.getTime(), total, atOnce },
      ended: completed + failedOrgs + alreadySyncing,
      running: running.map((org) => ({
        elapsedMs: at.getTime() - (org.startedAt ?? at).getTime(),
        leftMs: org.endsAt === undefined ? null : Math.max(0, org.endsAt.getTime() - at.getTime()),
      })),
    });
    return {
      ...{ ...look, fullSync: full, total },
      endsAt: left === null ? undefined : new Date(at.getTime() + left),
    };
  }

  return () =>
    temporal.use(async (client) => {
      const within = <T>(ms: number, calls: () => Promise<T>) =>
        client.connection.withDeadline(Date.now() + ms, calls);
      const described = await within(ANSWER_LIMIT_MS, () => describeWorkflow(client, workflowId));
      if (described === null) return { at: new Date(), workflowId, orgs: [], obstacles: [] };
      const look = await within(LOOK_LIMIT_MS, async () =>
        orgId === undefined
          ? await lookAtFull(client, described)
          : singleLook(await lookAtOrg(client, { orgId, workflowId }, described), workflowId),
      );
      const waits = [...look.obstacles, ...look.orgs.flatMap((org) => org.obstacles)];
      if (!waits.some(({ kind }) => kind === 'not-taken')) return look;
      const hasAny = await within(ANSWER_LIMIT_MS, () => hasWorkers(temporal, described.taskQueue));
      return { ...look, hasWorkers: hasAny };
    });
}

function singleLook(org: WatchedOrg | null, workflowId: string): SyncLook {
  const look = { at: new Date(), workflowId, orgs: org === null ? [] : [org], obstacles: [] };
  return { ...look, startedAt: org?.startedAt, endsAt: org?.endsAt };
}

function totalOf({ phase, orgs }: FullSyncProgress): number | null {
  if (phase === 'done') return orgs.total;
  return orgs.total > 0 && orgs.total % RANGE !== 0 ? orgs.total : null;
}

async function progressOf<Progress>(client: Client, workflowId: string): Promise<Progress | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + QUERY_LIMIT_MS, () =>
      client.workflow.getHandle(workflowId).query<Progress>(PROGRESS_QUERY),
    );
  } catch {
    return undefined;
  }
}

async function startOf(client: Client, workflowId: string, runId: string): Promise<Date | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId, runId).describe()).startTime;
  } catch {
    return undefined;
  }
}

/** Without the steps that have just come up: a worker takes one at once. */
function lasting(own: readonly Obstacle[], stepsSince: Map<string, number>): Obstacle[] {
  const now = Date.now();
  const steps = new Set(own.flatMap((one) => (one.kind === 'not-taken' ? one.step : [])));
  for (const step of stepsSince.keys()) if (!steps.has(step)) stepsSince.delete(step);
  for (const step of steps) if (!stepsSince.has(step)) stepsSince.set(step, now);
  return own.filter(
    (one) => one.kind !== 'not-taken' || now - (stepsSince.get(one.step) ?? now) >= TAKEN_WITHIN_MS,
  );
}

function pauseOf(workflowId: string, { pausedUntil, pauseReason }: OrgSyncProgress, now: number) {
  const until = new Date(pausedUntil ?? NaN);
  if (!(until.getTime() > now)) return undefined;
  return { kind: 'paused' as const, workflowId, until, reason: pauseReason ?? 'Luma asks for a pause' };
}

/** It waits for a Luma that cannot be reached: `…: try 3 in 4 s`. */
function isOutage(reason: string | undefined): boolean {
  return reason !== undefined && /: try \d+ in /.test(reason);
}
