import pLimit from 'p-limit';
import type { EventCounts } from '../events/counts.js';
import { applyPages } from './apply-pages.js';
import { type ActivityDependencies, APPLYING_AT_ONCE, DEFAULT_DETAILS } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { enterSync, type SyncIds } from './sync-scope.js';

export interface UpsertEventsInput extends SyncIds {
  phase: 'listing' | 'details';
  /** Staged pages to apply, both ends included. */
  fromSeq: number;
  throughSeq: number;
}

export interface UpsertEventsOutput {
  counts: EventCounts;
  /** Events of these pages whose details are to be asked for. */
  detailsDue: number;
}

/**
 * Applies staged pages to `events`: reads what is stored, writes only what differs.
 */
export function upsertEvents(deps: ActivityDependencies) {
  const { store, details } = deps;
  const now = deps.now ?? store.now;
  const { maxAgeMs: detailsMaxAgeMs } = { ...DEFAULT_DETAILS, ...details };
  const inTurn = pLimit(APPLYING_AT_ONCE);

  return async (input: UpsertEventsInput): Promise<UpsertEventsOutput> =>
    underHeartbeat(async (_, signal) => {
      const { syncId, phase, fromSeq, throughSeq } = input;
      const { org } = await enterSync(deps, input);
      const pages = await store.stagedPages.range(syncId, phase, fromSeq, throughSeq);
      const asked = pages.filter(({ seq }) => seq >= fromSeq);
      if (asked.length !== throughSeq - fromSeq + 1) throw new StagedPagesMissing(syncId);
      const sync = { orgId: org._id, syncId };
      const applied = await inTurn(() => applyPages(store, sync, pages, { now, detailsMaxAgeMs, signal }));
      const { inserted, changed, unchanged, removed, quarantined, detailsDue } = applied;
      const listing = phase === 'listing';
      return {
        counts: {
          // Counted as they were listed.
          seen: 0,
          inserted,
          changed,
          // The listing has counted every event; what its details change, it counted as unchanged.
          unchanged: listing ? unchanged : -changed,
          removed,
          held: 0,
          quarantined,
        },
        detailsDue,
      };
    });
}
