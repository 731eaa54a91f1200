import type { ObjectId } from 'mongodb';
import type { EventCounts } from '../events/counts.js';
import type { EntryProblem, EventFields, ObservedEvent, QuarantinedEntry } from '../events/event.js';
import type { SyncWindow } from '../events/window.js';

/** `organizations._id`, and `orgId` everywhere else: the application chooses the type. */
export type OrgId = string | ObjectId;

/** `events`: what a visitor of the calendar may see now. One document per organization and event. */
export interface EventDoc extends EventFields {
  _id: ObjectId;
  orgId: OrgId;
  lumaEventId: string;
  /** When this document was last written. */
  syncedAt: Date;
  /** 1 on the first write, one more with every real change; goes on when a removed event comes back. */
  revision: number;
  createdAt: Date;
  changedAt: Date;
}

export type RemovalReason = 'not-public' | 'canceled' | 'no-longer-managed';

/** `removed_events`: the last state of an event that is gone, and why. */
export interface RemovedEventDoc extends EventDoc {
  removedAt: Date;
  removalReason: RemovalReason;
}

export type OrgState = 'syncing' | 'ok' | 'failed' | 'canceled';

/** `organizations.lumaSync`: the only sub-document of the application's own collection that is ours. */
export interface OrgSyncState {
  calendarId?: string;
  calendarName?: string;
  state: OrgState;
  /** Why the last sync did not succeed, `Type: message`. */
  reason?: string;
  lastAttemptAt: Date;
  lastSuccessAt?: Date;
  consecutiveFailures: number;
}

/** `organizations`: the application's own. Only what is read or written here is named. */
export interface OrganizationDoc {
  _id: OrgId;
  name?: string;
  /** As the application wrote it, or sealed. */
  lumaApiKey?: string;
  lumaCalendarUrl?: string;
  lumaVisibility?: string | string[];
  eventsLastSynced?: Date;
  lumaSync?: OrgSyncState;
}

/** `staged_pages`: one answer of Luma, validated and mapped, with the cursor that follows it. */
export interface StagedPageDoc {
  _id: ObjectId;
  syncId: string;
  orgId: OrgId;
  /** From 1, without gaps. */
  seq: number;
  /** When Luma was asked: a newer answer about an event wins over an older one. */
  observedAt: Date;
  /** Entries in Luma's answer, all kinds. */
  entries: number;
  events: ObservedEvent[];
  /** Events whose visibility the organization does not store: ids only. */
  hidden: { lumaEventId: string; visibility: string }[];
  quarantined: QuarantinedEntry[];
  nextCursor: string | null;
  hasMore: boolean;
  /** Set once the page's events are in `events`. */
  appliedAt?: Date;
}

/** `quarantined_entries`: entries that could not be trusted, one document per organization and entry. */
export interface QuarantinedEntryDoc {
  _id: ObjectId;
  orgId: OrgId;
  /** The event's id, or a digest where the entry has none. */
  entryKey: string;
  lumaEventId: string | null;
  problems: EntryProblem[];
  values: QuarantinedEntry['values'];
  firstSeenAt: Date;
  lastSeenAt: Date;
}

/** `sync_runs`: the report of one organization's sync or of a full sync. */
export interface SyncRunDoc {
  _id: string;
  kind: 'org' | 'full';
  orgId?: OrgId;
  workflowId: string;
  state: 'running' | 'complete' | 'partial' | 'failed' | 'canceled';
  window?: SyncWindow;
  calendarId?: string;
  pages?: number;
  events?: EventCounts;
  orgs?: { total: number; completed: number; failed: number; alreadySyncing: number };
  failures?: { orgId: string; type: string; message: string }[];
  requests?: number;
  waitedMs?: number;
  drift?: string[];
  detailsPending?: number;
  reason?: string;
  startedAt: Date;
  finishedAt?: Date;
}
