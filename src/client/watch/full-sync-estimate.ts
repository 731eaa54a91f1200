import { endedOf, type FullSyncProgress } from '../../workflows/contract.js';
import { averageMs, fullSyncLeftMs } from './full-sync-end.js';
import type { WatchedOrg } from './look.js';
import { writesOf } from './writing.js';

/** A full sync reads so many organizations at a time: a multiple of it may not be all. */
const RANGE = 200;
/** One that takes longer than this, and this many times as long as others, is slow. */
const SLOW = { ms: 60_000, times: 2 };

export interface FullSyncEstimate {
  /** When it is expected to end, where that can be said. */
  endsAt: Date | undefined;
  /** An organization that has run for longer is slow. */
  slowAfterMs: number;
}

export type EstimatedOrg = Pick<WatchedOrg, 'startedAt' | 'endsAt' | 'asksUntil' | 'obstacles' | 'progress'>;

export interface EstimatedFullSync {
  at: Date;
  startedAt: Date;
  progress: FullSyncProgress;
  expectedTotal: number | null;
  running: readonly EstimatedOrg[];
  /** Most that were seen running at the same time. */
  atOnce: number;
}

export function fullSyncEstimate(of: EstimatedFullSync): FullSyncEstimate {
  const { at, startedAt, progress, expectedTotal, running, atOnce } = of;
  const sample = {
    ...{ elapsedMs: at.getTime() - startedAt.getTime(), total: expectedTotal, atOnce },
    ...{ ended: endedOf(progress), completed: progress.orgs.completed },
    running: running.map((org) => ({
      elapsedMs: elapsedMs(org, at),
      leftMs: untilMs(org.endsAt, at),
      asksMs: untilMs(org.asksUntil, at),
      writes: org.progress === undefined ? undefined : writesOf(org.progress),
      isHeldUp: org.obstacles.some(({ kind }) => kind !== 'paused'),
    })),
  };
  const leftMs = fullSyncLeftMs(sample);
  return {
    endsAt: leftMs === null ? undefined : new Date(at.getTime() + leftMs),
    slowAfterMs: Math.max(SLOW.ms, SLOW.times * (averageMs(sample) ?? Infinity)),
  };
}

function untilMs(end: Date | undefined, at: Date): number | null {
  return end === undefined ? null : Math.max(0, end.getTime() - at.getTime());
}

/** Organizations of a full sync; `null` while not all are read. */
export function totalOf({ phase, orgs }: FullSyncProgress): number | null {
  if (phase === 'done') return orgs.total;
  return orgs.total > 0 && orgs.total % RANGE !== 0 ? orgs.total : null;
}

export function elapsedMs({ startedAt }: Pick<WatchedOrg, 'startedAt'>, at: Date): number {
  return startedAt === undefined ? 0 : at.getTime() - startedAt.getTime();
}
