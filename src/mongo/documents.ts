import type { Binary, ObjectId } from 'mongodb';
import type { Difference, ShapeStats } from '../luma/drift.js';
import type { EventCounts } from '../events/counts.js';
import type {
  EntryProblem,
  EventFields,
  EventSource,
  ObservedEvent,
  QuarantinedEntry,
} from '../events/event.js';
import type { EventState } from '../events/event-state.js';
import type { Verdict } from '../events/removals.js';
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
  /** Of what the last listing said of it, as long as nothing else has been written: see events/fingerprint.ts. */
  fingerprint?: string;
}

/**
 * Why an event is gone: Luma knows it no more (`canceled`), another calendar manages it now (`no-longer-managed`),
 * it stopped being public (`not-public`), or, where Luma cannot be asked for it alone, two complete listings in a
 * row lacked it (`no-longer-listed`).
 */
export type RemovalReason = 'not-public' | 'canceled' | 'no-longer-managed' | 'no-longer-listed';

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
  /** Where its last complete sync read. Absent: the API, if there was one. */
  source?: EventSource;
  state: OrgState;
  /** The sync that set the state: only that one may end it. */
  syncId?: string;
  /** Why the last sync did not succeed, `Type: message`. */
  reason?: string;
  lastAttemptAt: Date;
  lastSuccessAt?: Date;
  consecutiveFailures: number;
  /** Removals that wait for a person's decision. Absent: none. */
  removalsHeld?: number;
  /** What people were told that they are needed for. Absent: nothing. */
  told?: { need: string; since: Date }[];
  /** How Luma's answers differ from the last good ones, as short sentences. Absent: not at all. */
  drift?: string[];
}

/** `organizations`: the application's own. Only what is read or written here is named. */
export interface OrganizationDoc {
  _id: OrgId;
  name?: string;
  /** As the application wrote it, or sealed. */
  lumaApiKey?: string;
  lumaCalendarUrl?: string;
  /** Address of the calendar's public feed: where its events come from as long as there is no key. */
  lumaIcalUrl?: string;
  /** IANA name: of events of the feed whose place does not tell it. */
  lumaTimezone?: string;
  lumaVisibility?: string | string[];
  eventsLastSynced?: Date;
  lumaSync?: OrgSyncState;
  lumaWebhook?: LumaWebhookDoc;
}

/** `organizations.lumaWebhook`: where Luma tells of changes, as it was registered. */
export interface LumaWebhookDoc {
  /** Luma's id. */
  id: string;
  url: string;
  /** What its deliveries are signed with; bound to the organization. */
  sealedSecret: string;
  /** As Luma last said. */
  state: 'active' | 'paused';
  registeredAt: Date;
  /** Noted about once a minute. */
  lastDeliveryAt?: Date;
}

/** `webhook_deliveries`: those that were acted on, so that repeats are not. Kept a day. */
export interface WebhookDeliveryDoc {
  /** The organization's id, a blank, and Luma's id of the delivery. */
  _id: string;
  at: Date;
}

export type StagePhase = 'listing' | 'details' | 'removals' | 'settled';

/** What Luma said about one event that a complete listing did not show. */
export interface RemovalVerdict {
  lumaEventId: string;
  verdict: Verdict;
}

/** `staged_pages`: one answer of Luma, validated and mapped, with the cursor that follows it. */
export interface StagedPageDoc {
  _id: ObjectId;
  syncId: string;
  orgId: OrgId;
  /**
   * `listing`: a page of the list. `details`, `removals`: answers about single events, some at a time. `settled`: no
   * page, but what the removals came to.
   */
  phase: StagePhase;
  /** From 1, without gaps, in each phase. */
  seq: number;
  /** When Luma was asked: a newer answer about an event wins over an older one. */
  observedAt: Date;
  /** Entries in Luma's answer, all kinds. */
  entries: number;
  /** Listing: the news, those that may differ from what is stored. Else all that were asked for and there. */
  events: ObservedEvent[];
  /** Listing only: events about which it says what the listing before it said. */
  same?: string[];
  /** Of those, the few that need no details: this answer describes them, or they cannot be asked for. */
  sameDescribed?: string[];
  /** Events whose visibility the organization does not store: ids only. */
  hidden: { lumaEventId: string; visibility: string }[];
  quarantined: QuarantinedEntry[];
  /** Managed events among the news whose description this answer does not mention: it has to be asked for. */
  undescribed: { lumaEventId: string; startAt: Date }[];
  /** Listing only. */
  nextCursor?: string | null;
  hasMore?: boolean;
  shape?: ShapeStats;
  /** Entries that look like events, usable or not. */
  eventLike?: number;
  /** Details only: Luma says that there is nothing for this key (404, 403). */
  unavailable?: string[];
  /** Details only: Luma's answer said nothing. Asked for again in the next sync. */
  unclear?: string[];
  /** Removals only. */
  verdicts?: RemovalVerdict[];
  /** Of a sync of single events: those about which Luma's answer leaves the word to a listing. */
  needListing?: string[];
  /** Set with what the page's events brought: a page is applied once, and what that did is told by it. */
  applied?: AppliedPage;
  /** Removals only: what the sync's removals came to, written with them. */
  settled?: SettledRemovals;
}

/** What applying a page did. Of pages applied together the last one tells it all. */
export interface AppliedPage {
  at: Date;
  inserted: number;
  changed: number;
  unchanged: number;
  /** Moved to `removed_events`, because they are not for this organization's readers. */
  removed: number;
  quarantined: number;
  /** Events whose details are to be asked for. */
  detailsDue: number;
  /** False: nothing of the page had to be looked at. */
  news?: false;
  /** Of a listing: the events that were inserted or changed, and count as that whatever their details change. */
  touched?: string[];
}

export interface SettledRemovals {
  removed: number;
  held: number;
  unresolved: number;
  changed: number;
  /** Of those that were removed: a person had approved them. Without those that are no longer public. */
  approved: number;
  /** Nothing is left to carry out. */
  done: boolean;
}

/** `sync_fences`: which sync of an organization may write; one document an organization. See fence.ts. */
export interface SyncFenceDoc {
  /** The organization's; of a dry run, which keeps nobody from writing, its sync id. */
  _id: OrgId;
  syncId: string;
  openedAt: Date;
  openedBy: 'first-look' | 'open';
  /** Of the key, or the feed's address, that the sync was opened with. Not of a sync that has failed. */
  keyDigest?: string;
  /** The calendar that the key opens, of a sync that was complete. */
  verified?: string;
  /** The session that writes, while it does. */
  writer?: Binary;
  writes?: number;
  /** An answer that is being read by an activity whose earlier attempt died. */
  suspect?: string;
  ended?: true;
  /** Every event is compared in this sync, whatever the fingerprints say. */
  full?: boolean;
  /** When the last such sync of the whole calendar was complete. */
  fullAt?: Date;
  /** Of a dry run: MongoDB forgets it then, should its end not be reached. */
  expireAt?: Date;
}

/** Which answer an entry was in: only one of the same kind can show it in order. */
export type EntrySource = 'listing' | 'details';

/** `quarantined_entries`: entries that could not be trusted, one document per organization, entry and source. */
export interface QuarantinedEntryDoc {
  _id: ObjectId;
  orgId: OrgId;
  source: EntrySource;
  /** The event's id, or a digest where the entry has none; `details:` before it for that source. */
  entryKey: string;
  lumaEventId: string | null;
  problems: EntryProblem[];
  values: QuarantinedEntry['values'];
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** The sync that saw it last. */
  lastSeenIn: string;
}

/**
 * `event_states`: what a sync remembers about an event beside what readers see, so that a sync that changes nothing
 * writes no event. Without a document: managed, never asked for alone, never missed.
 */
export interface EventStateDoc extends EventState {
  _id: ObjectId;
  orgId: OrgId;
  lumaEventId: string;
}

/** `held_removals`: events that would go, but are so many that a person has to decide. */
export interface HeldRemovalDoc {
  _id: ObjectId;
  orgId: OrgId;
  lumaEventId: string;
  /** As in `events`, for the person who decides. */
  title: string;
  startAt: Date;
  /** Luma's word; `not-asked`: enough others were gone already. */
  reason: RemovalReason | 'not-asked';
  /** `rejected`: it stays, until a listing shows it again. `approved`: goes once Luma confirms it again. */
  decision: 'waiting' | 'approved' | 'rejected';
  heldAt: Date;
  decidedAt?: Date;
  decidedBy?: string;
}

/** `decisions`: what a person decided. Only grows. */
export interface DecisionDoc {
  _id: ObjectId;
  orgId: OrgId;
  at: Date;
  /** A name as it was given, or the system's user. */
  by: string;
  kind: 'removals-approved' | 'removals-rejected' | 'rebind' | 'key-set';
  /** The events, of removals. */
  lumaEventIds?: string[];
  /** The calendar that was forgotten, of a rebind. */
  calendarId?: string;
}

/** `calendar_shapes`: how an organization's calendar answered when all was as usual. */
export interface CalendarShapeDoc {
  _id: OrgId;
  calendarId: string;
  baseline: ShapeStats;
  /** Differences that were reported and still last. */
  reported: Difference[];
  updatedAt: Date;
}

/** What a dry run would have done to one event. Values are as readers would see them. */
export interface PreviewEntry {
  lumaEventId: string;
  title: string;
  /** Field by field, for changes. */
  fields?: Record<string, { from: unknown; to: unknown }>;
  reason?: string;
}

export interface DryRunPreview {
  inserted: PreviewEntry[];
  changed: PreviewEntry[];
  /** Listed, and no longer for this organization's readers: would be removed. */
  hidden: PreviewEntry[];
  /** No longer listed: would be removed. */
  removed: PreviewEntry[];
  held: PreviewEntry[];
  /** What could not be known, as sentences. */
  unknown: string[];
}

/** `sync_runs`: the report of one organization's sync or of a full sync. */
export interface SyncRunDoc {
  _id: string;
  kind: 'org' | 'full';
  orgId?: OrgId;
  workflowId: string;
  /** The full sync that this organization's sync was started by. */
  partOf?: string;
  state: 'running' | 'complete' | 'partial' | 'failed' | 'canceled';
  window?: SyncWindow;
  calendarId?: string;
  pages?: number;
  events?: EventCounts;
  orgs?: { total: number; completed: number; failed: number; alreadySyncing: number };
  failures?: { orgId: string; type: string; message: string }[];
  alreadySyncing?: { orgId: string; workflowId: string; runningForMs: number; stuck: boolean }[];
  requests?: number;
  waitedMs?: number;
  drift?: string[];
  detailsPending?: number;
  detailsProblem?: string;
  unresolved?: number;
  dryRun?: true;
  /** Only events that Luma had named were looked at. */
  hinted?: true;
  preview?: Partial<DryRunPreview>;
  reason?: string;
  /** Where a complete sync of an organization read (absent: the API), and where the one before it did, if elsewhere. */
  source?: 'ical';
  sourceBefore?: EventSource;
  startedAt: Date;
  finishedAt?: Date;
}
