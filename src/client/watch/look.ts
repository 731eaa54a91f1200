import type { SyncFailure, FullSyncProgress, OrgSyncProgress } from '../../workflows/contract.js';
import type { Obstacle } from '../obstacles.js';

/** An organization's sync that is watched, at one moment. */
export interface WatchedOrg {
  orgId: string;
  workflowId: string;
  startedAt?: Date;
  /** With what the activity under way has told since; absent while no worker can tell. */
  progress?: OrgSyncProgress;
  /** What holds it up. */
  obstacles: Obstacle[];
  /** Requests that bring it on: made, and still to make where that is known. */
  work?: { done: number; left: number | null };
  /** When it is expected to end, where that can be said. */
  endsAt?: Date;
  /** When it will have asked Luma for everything, where that can be said. */
  asksUntil?: Date;
  /** Of a full sync's: it takes much longer than the others. */
  isSlow?: true;
  /** It has ended without success. */
  failure?: SyncFailure;
}

/** Temporal does not answer whoever watches; the sync itself is not concerned. */
export interface TemporalAway {
  address: string;
  reason: string;
  since: Date;
  /** When the watching is given up. */
  until: Date;
}

/** A sync that is watched, at one moment. */
export interface SyncLook {
  at: Date;
  workflowId: string;
  startedAt?: Date;
  /** Of a full sync; absent while no worker can tell. */
  fullSync?: FullSyncProgress;
  /** Organizations of a full sync; `null` while not all are known. */
  total?: number | null;
  /** That many, or until then as many as in the last full sync; absent where not even that is known. */
  expectedTotal?: number;
  /** Of a full sync those that run now, and those that failed, as far as they are known; otherwise the one. */
  orgs: WatchedOrg[];
  /** What holds up the full sync itself. */
  obstacles: Obstacle[];
  /** Whether any worker takes work, where something waits for one. */
  hasWorkers?: boolean;
  /** When the whole is expected to end, where that can be said. */
  endsAt?: Date;
  away?: TemporalAway;
}
