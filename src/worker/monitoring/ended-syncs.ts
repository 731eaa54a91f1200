import { Counter, Histogram, type Registry } from 'prom-client';
import type { CloseOrgSyncInput } from '../../activities/close-org-sync.js';
import type { FirstLookOutput } from '../../activities/first-look.js';
import type { Activities } from '../../activities/index.js';
import { type EventCounts, noEvents } from '../../events/counts.js';

const EVENT_OUTCOMES = ['inserted', 'changed', 'unchanged', 'removed', 'held', 'quarantined'] as const;
const SYNC_OUTCOMES = ['complete', 'failed', 'canceled'] as const;
const FULL_SYNC_OUTCOMES = ['complete', 'partial', 'failed', 'canceled'] as const;

/**
 * Counts the syncs that end on this worker, and what they did. The last activity of a sync is told all of it; it is counted
 * once it is done, so that an attempt which fails counts nothing. Dry runs do nothing, and count for nothing.
 */
export function countedSyncs(activities: Activities, registry: Registry): Activities {
  const metrics = metricsIn(registry);

  function ended({ end, report }: Pick<CloseOrgSyncInput, 'end' | 'report'>): void {
    metrics.waited.inc(report.waitedMs / 1000);
    if (report.dryRun) return;
    metrics.syncs.inc({ outcome: end.state });
    if (end.state === 'failed') metrics.failures.inc({ type: end.failure.type });
    countEvents(report.events);
    const ms = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
    metrics.durations.observe(Math.max(0, ms) / 1000);
  }

  function countEvents(events: EventCounts): void {
    for (const outcome of EVENT_OUTCOMES) metrics.events.inc({ outcome }, events[outcome]);
  }

  function endedByFirstLook({ slice, closed }: FirstLookOutput, startedAt: string): void {
    if (slice === undefined || closed === undefined) return;
    metrics.syncs.inc({ outcome: 'complete' });
    countEvents({ ...noEvents(), seen: slice.seen, unchanged: slice.same });
    const ms = Date.parse(closed.finishedAt) - Date.parse(startedAt);
    metrics.durations.observe(Math.max(0, ms) / 1000);
  }

  return {
    ...activities,
    async firstLook(input) {
      const output = await activities.firstLook(input);
      endedByFirstLook(output, input.startedAt);
      return output;
    },
    async closeOrgSync(input) {
      const output = await activities.closeOrgSync(input);
      ended(input);
      return output;
    },
    async closeFullSync(input) {
      await activities.closeFullSync(input);
      metrics.fullSyncs.inc({ outcome: input.state });
    },
  };
}

function metricsIn(registry: Registry) {
  const registers = [registry];
  const syncs = new Counter({
    name: 'luma_sync_syncs_total',
    help: "Organizations' syncs that ended on this worker, by outcome.",
    labelNames: ['outcome'],
    registers,
  });
  const fullSyncs = new Counter({
    name: 'luma_sync_full_syncs_total',
    help: 'Full syncs that ended on this worker, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const events = new Counter({
    name: 'luma_sync_events_total',
    help: 'Events in the syncs that ended on this worker, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  // A rate needs a value from before the first increase.
  for (const outcome of SYNC_OUTCOMES) syncs.inc({ outcome }, 0);
  for (const outcome of FULL_SYNC_OUTCOMES) fullSyncs.inc({ outcome }, 0);
  for (const outcome of EVENT_OUTCOMES) events.inc({ outcome }, 0);
  return {
    syncs,
    fullSyncs,
    events,
    failures: new Counter({
      name: 'luma_sync_sync_failures_total',
      help: "Organizations' syncs that failed on this worker, by the type of the failure.",
      labelNames: ['type'],
      registers,
    }),
    durations: new Histogram({
      name: 'luma_sync_sync_duration_seconds',
      help: "How long organizations' syncs took that ended on this worker, pauses included.",
      buckets: [0.5, 1, 5, 15, 60, 300, 900, 3600, 10_800],
      registers,
    }),
    waited: new Counter({
      name: 'luma_sync_luma_wait_seconds_total',
      help: 'How long the syncs that ended on this worker slept because Luma asked for it or did not answer.',
      registers,
    }),
  };
}
