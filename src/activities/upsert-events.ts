import type { EventCounts } from '../events/counts.js';
import { whyDetailsAreDue } from '../events/details-due.js';
import type { OrgId, StagedPageDoc, StagePhase } from '../mongo/documents.js';
import type { SyncWindow } from '../events/window.js';
import { applyStaged } from './apply-staged.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';

export interface UpsertEventsInput {
  orgId: string;
  syncId: string;
  phase: StagePhase;
  /** Staged pages to apply, both ends included. */
  fromSeq: number;
  throughSeq: number;
  /** When the sync began, ISO 8601. */
  startedAt: string;
  /** These pages end a complete listing of the window: also counts the stored events that it did not show. */
  endsListing?: { window?: SyncWindow };
}

export interface UpsertEventsOutput {
  counts: EventCounts;
  /** Events of these pages whose details are to be asked for. */
  detailsDue: number;
  /** Stored events that the complete listing should have shown and did not. */
  unseen: number;
}

/**
 * Applies staged pages to `events`: reads what is held, writes only what differs, in one unordered bulk a chunk.
 * Applying a page twice, or an older one after a newer one, changes nothing.
 *
 * What it returns beside the counts spares the workflow activities that would find nothing to do.
 */
export function upsertEvents({ store, details, now = () => new Date() }: ActivityDependencies) {
  const { maxAgeMs } = { ...DEFAULT_DETAILS, ...details };

  return async (input: UpsertEventsInput): Promise<UpsertEventsOutput> =>
    underHeartbeat(async () => {
      const { syncId, phase, fromSeq, throughSeq, startedAt, endsListing } = input;
      const { _id } = await store.organizations.get(input.orgId);
      const pages = await store.stagedPages.range(syncId, phase, fromSeq, throughSeq);
      if (pages.length !== throughSeq - fromSeq + 1) {
        throw new StagedPagesMissing(syncId);
      }
      const at = now();
      const syncBegan = new Date(startedAt);
      const applied = await applyStaged(store, _id, pages, { now: at, syncBegan });
      const listing = phase === 'listing';
      return {
        counts: {
          seen: listing ? pages.reduce((sum, page) => sum + page.entries, 0) : 0,
          inserted: applied.inserted,
          changed: applied.changed,
          // The listing has counted every event; what its details change, it counted as unchanged.
          unchanged: listing ? applied.unchanged : -applied.changed,
          removed: applied.removed,
          held: 0,
          quarantined: applied.quarantined,
        },
        detailsDue: listing ? await countDue(_id, pages, at) : 0,
        unseen: endsListing === undefined ? 0 : await countUnseen(_id, syncId, endsListing.window, syncBegan),
      };
    });

  async function countDue(orgId: OrgId, pages: readonly StagedPageDoc[], at: Date): Promise<number> {
    const starts = new Map(
      pages.flatMap(({ events }) => events.map(({ lumaEventId, fields }) => [lumaEventId, fields.startAt])),
    );
    const ids = pages.flatMap((page) => page.undescribed);
    const states = await store.states.read(orgId, ids);
    return ids.filter((id) =>
      whyDetailsAreDue(states.get(id) ?? {}, starts.get(id) ?? at, { now: at, maxAgeMs }),
    ).length;
  }

  async function countUnseen(
    orgId: OrgId,
    syncId: string,
    window: SyncWindow | undefined,
    syncBegan: Date,
  ): Promise<number> {
    const expected = await store.events.expected(orgId, window, syncBegan);
    if (expected.length === 0) return 0;
    const { seen } = await store.stagedPages.listed(syncId);
    return expected.filter(({ lumaEventId }) => !seen.has(lumaEventId)).length;
  }
}
