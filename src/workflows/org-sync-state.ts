import type { OrgSyncInput, OrgSyncProgress } from './contract.js';
import type { WaitsInARow } from './pauses.js';
import { newProgress } from './report.js';

/** Where a sync stands: what a run hands to the next one when the history grows long. What Luma said is staged. */
export interface OrgSyncState {
  progress: OrgSyncProgress;
  calendarId: string | null;
  startedAt: string;
  stage: 'listing' | 'details' | 'removals';
  /** Staged pages of the present stage that are in `events` already. */
  appliedSeq: number;
  /** Events without news that are counted already. */
  same: number;
  /** Stored events that the complete listing calls into question. */
  inQuestion: number;
  inARow: WaitsInARow;
  /** Of a sync of single events: those, once they are gathered. */
  hintedIds?: string[];
}

export function newOrgSyncState(input: OrgSyncInput, syncId: string, startedAt: Date): OrgSyncState {
  return {
    progress: newProgress(input, syncId),
    calendarId: null,
    startedAt: startedAt.toISOString(),
    stage: 'listing',
    appliedSeq: 0,
    same: 0,
    inQuestion: 0,
    inARow: { pauses: 0, failures: 0 },
  };
}
