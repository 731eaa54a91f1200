import type { RunSummary } from './runs.js';

/** What the syncs of an organization that began on a day did, together. */
export interface RunDay {
  /** `YYYY-MM-DD`, in UTC. */
  date: string;
  syncs: number;
  /** Those that failed. */
  failed: number;
  /** Events inserted, changed and removed. */
  changed: number;
  requests: number;
  /** The longest one, ms. */
  longestMs: number;
}

const DAY_MS = 86_400_000;

/** @param from midnight in UTC */
export function runDays(runs: readonly RunSummary[], from: Date, count: number): RunDay[] {
  const days = Array.from({ length: count }, (_, index): RunDay => {
    const date = new Date(from.getTime() + index * DAY_MS).toISOString().slice(0, 10);
    return { date, syncs: 0, failed: 0, changed: 0, requests: 0, longestMs: 0 };
  });
  for (const run of runs) {
    const day = days[Math.floor((run.startedAt.getTime() - from.getTime()) / DAY_MS)];
    if (day === undefined) continue;
    day.syncs++;
    if (run.state === 'failed') day.failed++;
    day.changed += changedEvents(run);
    day.requests += run.requests ?? 0;
    day.longestMs = Math.max(day.longestMs, run.durationMs ?? 0);
  }
  return days;
}

/** Events that readers see differently since. */
export function changedEvents({ events }: Pick<RunSummary, 'events'>): number {
  return events === undefined ? 0 : events.inserted + events.changed + events.removed;
}
