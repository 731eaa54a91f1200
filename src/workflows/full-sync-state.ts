import type { FollowedSync } from '../activities/follow-syncs.js';
import { noEvents } from '../events/counts.js';
import type { FullSyncProgress, FullSyncResult } from './contract.js';

/** Where a full sync stands: what a run hands to the next one when the history grows long. */
export interface FullSyncState {
  /** Read from the list and not started yet. */
  waiting: string[];
  /** How far the list of organizations was read. */
  position: { after: string | null; end: boolean };
  progress: FullSyncProgress;
  failures: FullSyncResult['failures'];
  /** Organizations whose sync somebody else had started, or that went on by themselves: the first ones. */
  alreadySyncing: string[];
  /** Syncs that an earlier run has started, and that have not ended yet: Temporal tells this one nothing of them. */
  followed: FollowedSync[];
  started: number;
  startedAt: string;
}

export function newFullSyncState(): FullSyncState {
  return {
    waiting: [],
    position: { after: null, end: false },
    progress: {
      phase: 'syncing',
      orgs: { total: 0, completed: 0, failed: 0, alreadySyncing: 0, running: 0 },
      running: [],
      events: noEvents(),
      requests: 0,
      waitedMs: 0,
    },
    failures: [],
    alreadySyncing: [],
    followed: [],
    started: 0,
    startedAt: new Date().toISOString(),
  };
}
