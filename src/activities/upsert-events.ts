import pLimit from 'p-limit';
import type { EventCounts } from '../events/counts.js';
import type { SyncWindow } from '../events/window.js';
import type { OrgId } from '../mongo/documents.js';
import { applyPages } from './apply-pages.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { enterSync, type SyncIds } from './sync-scope.js';

export interface UpsertEventsInput extends SyncIds {
  phase: 'listing' | 'details';
  /** Staged pages to apply, both ends included. */
  fromSeq: number;
  throughSeq: number;
  /** These pages end a complete listing of the window: also counts the stored events that it calls into question. */
  endsListing?: { window?: SyncWindow };
}

export interface UpsertEventsOutput {
  counts: EventCounts;
  /** Events of these pages whose details are to be asked for. */
  detailsDue: number;
  /** Stored events that the complete listing should have shown and did not, or showed as not for readers. */
  inQuestion: number;
}

/**
 * Transactions of a worker at the same time. MongoDB writes what two of them bring as fast as it can; of many that share
 * it, each takes so long that it runs into its time limit and is begun again.
 */
const APPLYING_AT_ONCE = 2;

/**
 * Applies staged pages to `events`: reads what is stored, writes only what differs.
 *
 * What it returns beside the counts spares the workflow activities that would find nothing to do.
 */
export function upsertEvents(deps: ActivityDependencies) {
  const { store, details } = deps;
  const now = deps.now ?? store.now;
  const { maxAgeMs: detailsMaxAgeMs } = { ...DEFAULT_DETAILS, ...details };
  const inTurn = pLimit(APPLYING_AT_ONCE);

  return async (input: UpsertEventsInput): Promise<UpsertEventsOutput> =>
    underHeartbeat(async (_, signal) => {
      const { syncId, phase, fromSeq, throughSeq, endsListing } = input;
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
        inQuestion:
          endsListing === undefined ? 0 : await countInQuestion(org._id, syncId, endsListing.window),
      };
    });

  async function countInQuestion(orgId: OrgId, syncId: string, window?: SyncWindow): Promise<number> {
    const expected = await store.events.expected(orgId, window);
    if (expected.length === 0) return 0;
    const { seen, hidden } = await store.stagedPages.listed(syncId);
    return expected.filter(({ lumaEventId: id }) => !seen.has(id) || hidden.has(id)).length;
  }
}
