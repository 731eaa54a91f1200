import type { FetchLumaPagesInput } from '../activities/fetch-luma-pages.js';
import type { FollowHintsInput } from '../activities/follow-hints.js';
import type { UpsertEventsInput } from '../activities/upsert-events.js';
import type { CloseOrgSyncInput } from '../activities/close-org-sync.js';
import type { SyncWindow } from './contract.js';
import { shortened } from '../printable.js';
import type { OrgSyncState } from './org-sync-state.js';

// What Temporal's UI shows beside each step of a sync. Ids, counts and the window only.

/** Temporal keeps 400 bytes, and a character may have four. */
const MOST_CHARACTERS = 100;

export function summary(text: string): string {
  return shortened(text, MOST_CHARACTERS);
}

/** Of an organization's sync where a full sync starts it. */
export function childSummary(orgId: string, { window, dryRun = false, full = false }: SyncKind): string {
  const kind = [dryRun ? 'dry run' : '', full ? 'compares everything' : '', windowText(window)];
  const said = kind.filter((part) => part !== '').join(', ');
  return summary(said === '' ? shortened(orgId, 60) : `${shortened(orgId, 40)}: ${said}`);
}

interface SyncKind {
  window?: SyncWindow;
  dryRun?: boolean;
  full?: boolean;
}

function windowText({ after, before }: SyncWindow = {}): string {
  const from = after === undefined ? '' : ` from ${day(after)}`;
  const to = before === undefined ? '' : ` to ${day(before)}`;
  return `${from}${to}`.trim() === '' ? '' : `events${from}${to}`;
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

/** Of the activities of an organization's sync. How far a slice comes is known when it ends: its beginning is said. */
export class ActivitySummaries {
  /** Details asked for before the slice that is applied next. */
  private askedBefore = 0;

  constructor(private readonly state: Pick<OrgSyncState, 'progress' | 'inQuestion'>) {}

  readonly firstLook = 'complete if nothing is new';
  readonly openOrgSync = 'key and calendar';

  fetchLumaPages({ stagedSeq = 0 }: FetchLumaPagesInput): string {
    return `pages from ${stagedSeq + 1}`;
  }

  upsertEvents({ phase, fromSeq, throughSeq }: UpsertEventsInput): string {
    if (phase === 'listing') return range('pages', fromSeq, throughSeq);
    return range('details', this.askedBefore + 1, this.state.progress.detailsAsked);
  }

  fetchEventDetails(): string {
    const { detailsAsked, detailsDue } = this.state.progress;
    this.askedBefore = detailsAsked;
    return `details from ${detailsAsked + 1} of ${detailsDue}`;
  }

  settleRemovals(): string {
    return `${counted(this.state.inQuestion, 'event')} no longer listed`;
  }

  followHints({ hintedIds }: Pick<FollowHintsInput, 'hintedIds'>): string {
    const { detailsAsked } = this.state.progress;
    return `${counted(hintedIds.length, 'event')} that Luma told of${detailsAsked > 0 ? `, from ${detailsAsked + 1}` : ''}`;
  }

  previewSync(): string {
    return 'what would change';
  }

  closeOrgSync({ end }: CloseOrgSyncInput): string {
    return summary(end.state === 'complete' ? 'report: complete' : `report: ${end.failure.type}`);
  }
}

/** `1 sync`, `2 syncs` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function range(what: string, from: number, through: number): string {
  return through > from ? `${what} ${from}-${through}` : `${what} ${through}`;
}
