import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import type { OrgSyncActivities } from '../activities/index.js';
import type { FetchLumaPagesOutput } from '../activities/fetch-luma-pages.js';
import type { FirstLookOutput } from '../activities/first-look.js';
import type { UpsertEventsInput } from '../activities/upsert-events.js';
import { addCounts, noEvents } from '../events/counts.js';
import type { EventCounts, OrgSyncInput, OrgSyncProgress, OrgSyncResult } from './contract.js';
import { describeFailure, requestsBefore, workflowFailure } from './failures.js';
import type { OrgSyncState } from './org-sync-state.js';
import { Pauses, type PauseMeans } from './pauses.js';
import { withRemedy } from './remedies.js';
import { reportOf } from './report.js';

/** What the order of a sync needs of whoever runs it: Temporal's workflow, or a test. */
export interface SyncMeans extends PauseMeans {
  activities: OrgSyncActivities;
  workflowId: string;
  /** Run id of the full sync that started this one. */
  partOf: string | null;
  /** Begins a new run with this state where the history has grown long. Then it does not return. */
  continueWhenLong: (state: OrgSyncState) => Promise<void>;
  /** Has people told that the organization needs one of them, or no longer does. */
  tell: () => Promise<void>;
  /** Lets work come to its end whatever is canceled meanwhile. */
  shielded: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * The order of one organization's sync: opens its calendar; lists it page by page into `staged_pages` and applies the
 * pages to `events` while the next ones are being fetched; asks for the details that are due; settles what the complete
 * listing calls into question; closes with a report.
 */
export class SyncOrder {
  private readonly dryRun: boolean;
  protected readonly pauses: Pauses;
  /** The upsert under way. Never rejects; its failure is kept in `applyFailure`. */
  private applying: Promise<void> = Promise.resolve();
  private applyFailure: unknown = null;

  constructor(
    private readonly input: OrgSyncInput,
    protected readonly state: OrgSyncState,
    protected readonly means: SyncMeans,
  ) {
    this.dryRun = input.dryRun === true;
    this.pauses = new Pauses(state.inARow, state.progress, means);
  }

  /** @throws an ApplicationFailure with one of the types of docs/operating.md; a cancellation */
  async run(): Promise<OrgSyncResult> {
    try {
      return await this.walk();
    } catch (error) {
      // A fault of this code is mended by the next deployment: the sync waits for it, and goes on.
      if (!(error instanceof TemporalFailure)) throw error;
      await this.means.shielded(() => this.closeAfter(error));
      if (isCancellation(error)) throw error;
      const { events, requests, waitedMs } = this.progress;
      const failure = withRemedy(describeFailure(error), this.input.orgId);
      throw workflowFailure(failure, { events, requests, waitedMs });
    }
  }

  protected async walk(): Promise<OrgSyncResult> {
    const { state } = this;
    let begun: FirstLookOutput | null = null;
    if (state.calendarId === null && this.mayLookFirst()) {
      begun = await this.lookFirst();
      const result = begun === null ? null : await this.closedAtOnce(begun);
      if (result !== null) return result;
    }
    state.calendarId ??= await this.open();
    if (state.stage === 'listing') {
      await this.list(begun?.slice);
      this.enter('details');
    }
    if (state.stage === 'details') {
      if (this.dryRun) await this.preview();
      // The listing says which events need more, so that nothing is asked for in vain.
      else if (this.progress.detailsDue > 0) await this.fetchDetails();
      this.enter('removals');
    }
    if (state.inQuestion > 0 || this.dryRun) await this.settleRemovals();
    return await this.complete(state.calendarId);
  }

  protected get progress(): OrgSyncProgress {
    return this.state.progress;
  }

  /** What every activity is told. */
  protected get ids() {
    return { orgId: this.input.orgId, syncId: this.progress.syncId, dryRun: this.dryRun || undefined };
  }

  /** What begins the sync. */
  private get opening() {
    const { input, means, state } = this;
    const { window, full, hinted } = input;
    return { ...this.ids, window, full, hinted, workflowId: means.workflowId, startedAt: state.startedAt };
  }

  private enter(stage: OrgSyncState['stage']): void {
    this.state.stage = stage;
    this.state.appliedSeq = 0;
  }

  /** A dry run, and a sync that pauses between pages, take their time. */
  private mayLookFirst(): boolean {
    return !this.dryRun && (this.input.pageDelayMs ?? 0) === 0;
  }

  /** @returns how far it came; `null` where it did not come anywhere: then the way is walked from its beginning */
  private async lookFirst(): Promise<FirstLookOutput | null> {
    const { partOf, activities, shielded } = this.means;
    this.means.onChange();
    let look: FirstLookOutput;
    try {
      // A cancellation that comes meanwhile finds a sync that is closed already, or ends it after this.
      look = await shielded(() => activities.firstLook({ ...this.opening, partOf: partOf ?? undefined }));
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      this.progress.requests += requestsBefore(error);
      return null;
    }
    const { opened } = look;
    this.asked(opened);
    this.state.calendarId = opened.calendarId;
    if (look.slice === undefined) await this.pauses.after(opened, opened.calendarId !== null);
    return look;
  }

  private async closedAtOnce({ slice, closed }: FirstLookOutput): Promise<OrgSyncResult | null> {
    const { calendarId } = this.state;
    if (slice === undefined || closed === undefined || calendarId === null) return null;
    this.listed(slice);
    this.countListed(slice);
    this.progress.phase = 'done';
    this.means.onChange();
    const { finishedAt, toTell, ...said } = closed;
    if (toTell === true) await this.means.tell();
    return { status: 'complete', ...this.report(finishedAt), calendarId, ...said };
  }

  protected async open(): Promise<string> {
    for (;;) {
      const opened = await this.means.activities.openOrgSync(this.opening);
      this.asked(opened);
      await this.pauses.after(opened, opened.calendarId !== null);
      if (opened.calendarId !== null) return opened.calendarId;
    }
  }

  /** Takes down what an activity has asked of Luma, and what that has said of its limit. */
  private asked({ requests, limit }: Pick<FetchLumaPagesOutput, 'requests' | 'limit'>): void {
    const { progress } = this;
    progress.requests += requests;
    if (limit !== undefined) progress.limit = { windowMs: progress.limit?.windowMs, ...limit };
  }

  private async list(first?: FetchLumaPagesOutput): Promise<void> {
    const { pageDelayMs = 0 } = this.input;
    const { state, progress } = this;
    progress.phase = 'listing';
    for (let slice = first; ; slice = undefined) {
      this.means.onChange();
      const stagedSeq = progress.pages;
      slice ??= await this.means.activities.fetchLumaPages({
        ...this.ids,
        window: this.input.window,
        stagedSeq,
        onePage: pageDelayMs > 0 || undefined,
      });
      this.listed(slice);
      await this.applied();
      if (slice.hasNews) {
        this.apply({ phase: 'listing', throughSeq: slice.throughSeq }, slice);
      } else {
        state.appliedSeq = slice.throughSeq;
        this.countListed(slice);
      }
      state.inQuestion = slice.inQuestion;
      if (slice.complete) break;
      await this.pauses.after(slice, slice.throughSeq > stagedSeq);
      if (slice.pauseMs === 0 && slice.trouble === undefined && pageDelayMs > 0) {
        await this.pauses.bySetting(pageDelayMs, 'Pause between pages');
      }
      await this.continueWhenLong();
    }
    await this.applied();
  }

  private listed(slice: FetchLumaPagesOutput): void {
    const { progress } = this;
    this.asked(slice);
    progress.pages = slice.throughSeq;
    progress.detailsDue += slice.detailsDue;
  }

  /**
   * Counts the events of a slice, once its news is applied: of those that are seen, what is not counted otherwise is
   * not public. A dry run counts all of them at once, at its end.
   */
  private countListed({ seen, same }: FetchLumaPagesOutput): void {
    if (this.dryRun) return;
    const { state } = this;
    this.progress.events.seen = seen;
    this.count({ ...noEvents(), unchanged: same - state.same });
    state.same = same;
  }

  private async fetchDetails(): Promise<void> {
    this.progress.phase = 'details';
    for (;;) {
      this.means.onChange();
      const failedInARow = this.state.inARow.failures;
      const slice = await this.means.activities.fetchEventDetails({ ...this.ids, failedInARow });
      const gotThrough = slice.asked > this.progress.detailsAsked;
      this.asked(slice);
      this.progress.detailsAsked = slice.asked;
      this.progress.detailsPending = slice.pending;
      if (slice.problem !== undefined) this.progress.detailsProblem = slice.problem;
      await this.applied();
      this.apply({ phase: 'details', throughSeq: slice.throughSeq });
      if (slice.complete) break;
      await this.pauses.after(slice, gotThrough);
      await this.continueWhenLong();
    }
    await this.applied();
  }

  private async settleRemovals(): Promise<void> {
    this.progress.phase = 'removals';
    let decided = 0;
    for (;;) {
      this.means.onChange();
      const failedInARow = this.state.inARow.failures;
      const { window } = this.input;
      const settled = await this.means.activities.settleRemovals({ ...this.ids, window, failedInARow });
      const { requests, removed, held, changed, unresolved } = settled;
      this.progress.requests += requests;
      this.count({ ...noEvents(), removed, held, changed });
      this.progress.unresolved = unresolved;
      if (settled.complete) return;
      await this.pauses.after(settled, settled.decided > decided);
      decided = settled.decided;
      await this.continueWhenLong();
    }
  }

  private async preview(): Promise<void> {
    this.progress.phase = 'preview';
    this.means.onChange();
    const throughSeq = this.progress.pages;
    const previewed = await this.means.activities.previewSync({ ...this.ids, throughSeq });
    this.count(previewed.counts);
    this.progress.detailsPending = previewed.detailsDue;
  }

  /** Starts applying what is staged and not applied; the next answers are fetched meanwhile. */
  private apply(pages: Pick<UpsertEventsInput, 'phase' | 'throughSeq'>, listed?: FetchLumaPagesOutput): void {
    const { state, progress, means } = this;
    const fromSeq = state.appliedSeq + 1;
    if (this.dryRun || pages.throughSeq < fromSeq) return;
    state.appliedSeq = pages.throughSeq;
    const { detailsAsked, detailsWritten = 0 } = progress;
    const events = listed === undefined ? detailsAsked - detailsWritten : listed.seen - progress.events.seen;
    const begunMs = means.now();
    this.applying = means.activities.upsertEvents({ ...this.ids, fromSeq, ...pages }).then(
      ({ counts, detailsDue }) => {
        if (listed === undefined) progress.detailsWritten = detailsAsked;
        if (events > 0) progress.writeMs = (means.now() - begunMs) / events;
        this.count(counts);
        if (listed !== undefined) this.countListed(listed);
        progress.detailsDue += detailsDue;
      },
      (error: unknown) => {
        this.applyFailure = error;
      },
    );
  }

  private async applied(): Promise<void> {
    await this.applying;
    if (this.applyFailure !== null) throw this.applyFailure as Error;
  }

  private count(counts: EventCounts): void {
    this.progress.events = addCounts(this.progress.events, counts);
    this.means.onChange();
  }

  protected async continueWhenLong(): Promise<void> {
    await this.means.continueWhenLong(this.state);
  }

  /** For `continueWhenLong`: what is being written is finished first. */
  async settled(): Promise<void> {
    await this.applied();
  }

  protected async complete(calendarId: string): Promise<OrgSyncResult> {
    this.progress.phase = 'closing';
    const report = { ...this.report(), calendarId };
    const closing = { ...this.closing(), end: { state: 'complete' as const }, report };
    const { toTell, ...said } = await this.means.activities.closeOrgSync(closing);
    if (toTell === true) await this.means.tell();
    this.progress.phase = 'done';
    this.means.onChange();
    return { status: 'complete', ...report, ...said };
  }

  private async closeAfter(error: unknown): Promise<void> {
    this.progress.phase = 'closing';
    const failure = describeFailure(error);
    this.progress.failure = failure;
    this.progress.requests += requestsBefore(error);
    this.means.onChange();
    // What is being written is finished first: nothing may write after the report.
    await this.applying;
    const state = isCancellation(error) ? ('canceled' as const) : ('failed' as const);
    const closing = { ...this.closing(), end: { state, failure }, report: this.report() };
    const { toTell } = await this.means.activities.closeOrgSync(closing);
    if (toTell === true) await this.means.tell();
    this.progress.phase = 'done';
    this.means.onChange();
  }

  private closing() {
    const { workflowId, partOf } = this.means;
    return { workflowId, partOf: partOf ?? undefined, window: this.input.window };
  }

  private report(finishedAt = new Date(this.means.now()).toISOString()) {
    const { calendarId, startedAt } = this.state;
    return reportOf(this.progress, { calendarId, startedAt, finishedAt });
  }
}
