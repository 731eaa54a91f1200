/**
 * What the outside sees of the workflows: inputs, results, progress, names. Types and constants only, so that
 * programs, the command line and the workflows themselves can all import it.
 *
 * Nothing here carries a key, an event's contents or a person's data: Temporal keeps histories in clear text.
 */

import type { EventCounts } from '../events/counts.js';
import type { EventSource } from '../events/event.js';
import type { SyncWindow } from '../events/window.js';
import type { StatedLimit } from '../luma/stated-limit.js';

export type { EventCounts, EventSource, StatedLimit, SyncWindow };

export const TASK_QUEUE = 'luma-sync';
export const SCHEDULE_ID = 'sync-luma-events';
/** A scheduled run's id is this with the time appended by Temporal. */
export const FULL_SYNC_WORKFLOW_ID = 'luma-full-sync';
/** Search attribute (Keyword) on every organization's sync. */
export const ORG_ID_ATTRIBUTE = 'LumaOrgId';
export const PROGRESS_QUERY = 'progress';
/** Signal of an organization's sync, with {@link EventsChanged}: Luma says that some of its events have changed. */
export const EVENTS_CHANGED_SIGNAL = 'eventsChanged';
/**
 * Signal of an organization's sync, with an {@link OrgSyncInput}: whoever was about to start one has met this one. If
 * it is of single events only, one as it was asked for follows it.
 */
export const SYNC_WANTED_SIGNAL = 'syncWanted';
/** Memo of an organization's sync: the run id of the full sync that started it. */
export const PART_OF_MEMO = 'lumaFullSync';

/** What one deployment is called on a Temporal namespace: two of different names never meet. */
export interface DeploymentNames {
  taskQueue: string;
  scheduleId: string;
  fullSyncId: string;
}

/**
 * The names of a deployment beside the ordinary one, such as a demo on somebody's server.
 * @param scope letters, digits, `-`; `null`: the ordinary deployment
 */
export function deploymentNames(scope: string | null): DeploymentNames {
  const scoped = (name: string) => (scope === null ? name : `${name}/${scope}`);
  return {
    taskQueue: scoped(TASK_QUEUE),
    scheduleId: scoped(SCHEDULE_ID),
    fullSyncId: scoped(FULL_SYNC_WORKFLOW_ID),
  };
}

/**
 * The id is the mutex: one sync per organization at any time in a deployment, whose task queue tells its scope.
 * @param taskQueue `luma-sync/<scope>` puts the scope before the id; every other one is the ordinary deployment
 */
export function orgSyncWorkflowId(orgId: string, taskQueue = TASK_QUEUE): string {
  const scope = taskQueue.startsWith(`${TASK_QUEUE}/`) ? `${taskQueue.slice(TASK_QUEUE.length + 1)}/` : '';
  return `${scope}luma-org-sync/${orgId}`;
}

/** One notice at a time is sent of an organization. */
export function noticeWorkflowId(orgId: string, taskQueue = TASK_QUEUE): string {
  return orgSyncWorkflowId(orgId, taskQueue).replace('luma-org-sync/', 'luma-notice/');
}

export interface NoticeInput {
  /** The string form of the organization's `_id`. */
  orgId: string;
}

/** Whose sync has this workflow id, in the deployment of the task queue; `undefined`: nobody's. */
export function orgIdOfSync(workflowId: string, taskQueue: string): string | undefined {
  const prefix = orgSyncWorkflowId('', taskQueue);
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : undefined;
}

export interface FullSyncInput {
  /** Organizations synced at the same time. Default 32, at most 200. */
  concurrency?: number;
  /** Pause between the starts of two organizations, ms. Default 0: Luma's limits are per calendar. */
  orgDelayMs?: number;
  /** Pause between two pages of one organization, ms. Default 0: Luma's headers pace better. */
  pageDelayMs?: number;
  /** Shows what would change and writes nothing. */
  dryRun?: boolean;
  window?: SyncWindow;
  /** Compares every event with what is stored, also where Luma says nothing new: mends documents edited by hand. */
  full?: boolean;
}

export interface OrgSyncInput {
  /** The string form of the organization's `_id`. */
  orgId: string;
  pageDelayMs?: number;
  dryRun?: boolean;
  window?: SyncWindow;
  /** As of {@link FullSyncInput}. */
  full?: boolean;
  /** Looks only at the events that the signal `eventsChanged` names. */
  hinted?: boolean;
}

/** Events to be looked at. Nothing else is known of them: what they are like is asked of Luma. */
export interface EventsChanged {
  /** Luma's ids. */
  ids: string[];
  /** There are changes that no id tells: the calendar is to be listed. */
  listing?: boolean;
  /** They are part of a burst: more are to be expected. */
  many?: boolean;
  /** When Luma last told of one of them, ms since 1970 by MongoDB's clock: whoever has asked since need not ask again. */
  toldAt?: number;
}

export interface SyncFailure {
  /** One of the failure types of docs/operating.md. */
  type: string;
  /** Built from status, code and path only. */
  message: string;
}

export interface OrgSyncResult {
  status: 'complete';
  orgId: string;
  syncId: string;
  calendarId: string;
  pages: number;
  events: EventCounts;
  /** Events whose description is still to be asked for, in a later run. */
  detailsPending: number;
  /** Why details were given up for this sync, where they were. */
  detailsProblem?: string;
  /** Events that the listing did not show and about which Luma's answer decides nothing: kept. */
  unresolved: number;
  /** Nothing was written; the differences are in `sync_runs`. */
  dryRun: boolean;
  /** Only events that Luma had named were looked at. */
  hinted?: true;
  /** Fields of Luma's answers that look different from last time, as short sentences. */
  drift: string[];
  /** It read the calendar's public feed. Absent: Luma's API, with the key. */
  source?: 'ical';
  /** Where the complete sync before it read, if elsewhere: what that one did not know is filled in now. */
  sourceBefore?: EventSource;
  /** HTTP requests made to Luma. */
  requests: number;
  /** Time spent in durable sleeps, ms. */
  waitedMs: number;
  startedAt: string;
  finishedAt: string;
}

/** A sync of an organization that somebody else had started, and that runs on. */
export interface RunningOrgSync {
  orgId: string;
  workflowId: string;
  runningForMs: number;
  /** For too long, with a workflow task that fails, or on another task queue: counts as not done. */
  stuck: boolean;
}

export interface FullSyncResult {
  status: 'complete' | 'partial';
  /** Nothing was written; the differences are in `sync_runs`. */
  dryRun?: true;
  orgs: { total: number; completed: number; failed: number; alreadySyncing: number };
  events: EventCounts;
  /** Of those that were being synced already, the ones that still are; stuck ones first. At most 50. */
  alreadySyncing?: RunningOrgSync[];
  /** The first 50. */
  failures: ({ orgId: string } & SyncFailure)[];
  requests: number;
  waitedMs: number;
  startedAt: string;
  finishedAt: string;
}

export type OrgSyncPhase =
  'opening' | 'listing' | 'details' | 'removals' | 'hints' | 'preview' | 'closing' | 'done';

/** Answer of the `progress` query of OrgSyncWorkflow. */
export interface OrgSyncProgress {
  orgId: string;
  syncId: string;
  phase: OrgSyncPhase;
  dryRun: boolean;
  /** As of {@link OrgSyncResult}. */
  hinted?: true;
  pages: number;
  events: EventCounts;
  /** Single events to be asked for, as far as the listing was applied, and asked for so far. */
  detailsDue: number;
  detailsAsked: number;
  /** Those of them whose answers are in `events`. Absent: none yet, or the worker is of an older version. */
  detailsWritten?: number;
  /** How long the last write took, for each of its events, ms. Absent as before. */
  writeMs?: number;
  /** Details left to a later sync. */
  detailsPending: number;
  detailsProblem?: string;
  unresolved: number;
  requests: number;
  waitedMs: number;
  /** Set while the sync sleeps for Luma: until when (ISO 8601) and why. */
  pausedUntil?: string;
  pauseReason?: string;
  /** What Luma has said of its limit. Absent: nothing yet, or the worker is of an older version. */
  limit?: StatedLimit;
  failure?: SyncFailure;
}

/** Answer of the `progress` query of FullSyncWorkflow. */
export interface FullSyncProgress {
  phase: 'syncing' | 'done';
  orgs: { total: number; completed: number; failed: number; alreadySyncing: number; running: number };
  /** Organizations being synced right now. */
  running: string[];
  events: EventCounts;
  requests: number;
  waitedMs: number;
}

/** Organizations that this full sync is done with, however that went. */
export function endedOf({ orgs }: Pick<FullSyncProgress, 'orgs'>): number {
  return orgs.completed + orgs.failed + orgs.alreadySyncing;
}
