import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  defineQuery,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { UpsertEventsInput } from '../activities/upsert-events.js';
import { addCounts, noEvents } from '../events/counts.js';
import { events, luma, store } from './activities.js';
import {
  type EventCounts,
  ORG_ID_ATTRIBUTE,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  PART_OF_MEMO,
  PROGRESS_QUERY,
} from './contract.js';
import { orgDetails } from './details.js';
import { describeFailure, requestsBefore, workflowFailure } from './failures.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import { Pauses } from './pauses.js';

const orgIdKey = defineSearchAttributeKey(ORG_ID_ATTRIBUTE, SearchAttributeType.KEYWORD);
export const progressQuery = defineQuery<OrgSyncProgress>(PROGRESS_QUERY);

/** What a run hands to the next one when the history grows long. Where Luma's answers stand is with their pages. */
export interface OrgSyncCarried {
  progress: OrgSyncProgress;
  calendarId: string | null;
  startedAt: string;
  stage: 'listing' | 'details' | 'removals';
  /** Staged pages of the present stage that are in `events` already. */
  appliedSeq: number;
  /** Stored events that the complete listing did not show. */
  unseen: number;
}

/**
 * Syncs one organization: opens its calendar; lists it page by page into `staged_pages` and applies the pages to
 * `events` while the next ones are being fetched; asks for the details that are due; settles what the complete
 * listing did not show; closes with a report.
 *
 * A dry run walks the same way, asks for no details, and writes what would change into its report only.
 *
 * @returns the report. Fails with one of the types of docs/operating.md.
 */
export async function OrgSyncWorkflow(input: OrgSyncInput, carried?: OrgSyncCarried): Promise<OrgSyncResult> {
  checkInput(input, {
    orgId: organizationId,
    pageDelayMs: wholeNumber(0, 3_600_000),
    dryRun: yesOrNo,
    window: listingWindow,
  });
  const problem = organizationId(input.orgId);
  if (problem !== null) throw workflowFailure({ type: 'InvalidInput', message: `orgId ${problem}` });
  return await new OrgSync(input, carried).run();
}

class OrgSync {
  private readonly state: OrgSyncCarried;
  private readonly dryRun: boolean;
  private readonly workflowId = workflowInfo().workflowId;
  private readonly pauses: Pauses;
  /** The upsert under way. Never rejects; its failure is kept in `applyFailure`. */
  private applying: Promise<void> = Promise.resolve();
  private applyFailure: unknown = null;

  constructor(
    private readonly input: OrgSyncInput,
    carried: OrgSyncCarried | undefined,
  ) {
    this.dryRun = input.dryRun === true;
    this.state = carried ?? {
      progress: {
        orgId: input.orgId,
        syncId: uuid4(),
        phase: 'opening',
        dryRun: this.dryRun,
        pages: 0,
        events: noEvents(),
        detailsDue: 0,
        detailsAsked: 0,
        detailsPending: 0,
        unresolved: 0,
        requests: 0,
        waitedMs: 0,
      },
      calendarId: null,
      startedAt: new Date().toISOString(),
      stage: 'listing',
      appliedSeq: 0,
      unseen: 0,
    };
    this.pauses = new Pauses(this.progress, () => this.show());
    setHandler(progressQuery, () => this.progress);
    if (workflowInfo().typedSearchAttributes.get(orgIdKey) === undefined) {
      upsertSearchAttributes([{ key: orgIdKey, value: input.orgId }]);
    }
  }

  async run(): Promise<OrgSyncResult> {
    const { state } = this;
    try {
      state.calendarId ??= await this.open();
      if (state.stage === 'listing') {
        await this.list();
        this.enter('details');
      }
      if (this.dryRun) {
        if (state.stage === 'details') {
          await this.preview();
          this.enter('removals');
        }
        await this.settleRemovals();
        return await this.complete(state.calendarId);
      }
      // The listing says which events need more, so that nothing is asked for in vain.
      if (state.stage === 'details') {
        if (this.progress.detailsDue > 0) await this.fetchDetails();
        this.enter('removals');
      }
      if (state.unseen > 0) await this.settleRemovals();
      return await this.complete(state.calendarId);
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      await CancellationScope.nonCancellable(() => this.closeAfter(error));
      if (isCancellation(error)) throw error;
      const { events: counts, requests, waitedMs } = this.progress;
      throw workflowFailure(describeFailure(error), { events: counts, requests, waitedMs });
    }
  }

  private get progress(): OrgSyncProgress {
    return this.state.progress;
  }

  /** What every activity is told. */
  private get ids() {
    const { orgId, window } = this.input;
    const { syncId } = this.progress;
    return { orgId, syncId, ...(window === undefined ? {} : { window }) };
  }

  private enter(stage: OrgSyncCarried['stage']): void {
    this.state.stage = stage;
    this.state.appliedSeq = 0;
  }

  private async open(): Promise<string> {
    const { dryRun, workflowId } = this;
    for (;;) {
      const { startedAt } = this.state;
      const opened = await luma.openOrgSync({ ...this.ids, workflowId, startedAt, dryRun });
      this.progress.requests += opened.requests;
      if (opened.calendarId !== null) this.pauses.gotThrough();
      if (opened.pauseMs > 0) await this.pauses.forLuma(opened.pauseMs);
      if (opened.calendarId !== null) return opened.calendarId;
    }
  }

  private async list(): Promise<void> {
    const { pageDelayMs = 0, window } = this.input;
    this.progress.phase = 'listing';
    for (;;) {
      this.show();
      const slice = await luma.fetchLumaPages({
        ...this.ids,
        stagedSeq: this.progress.pages,
        ...(pageDelayMs > 0 ? { onePage: true } : {}),
      });
      if (slice.throughSeq > this.progress.pages) this.pauses.gotThrough();
      this.progress.requests += slice.requests;
      this.progress.pages = slice.throughSeq;
      await this.applied();
      this.apply({
        phase: 'listing',
        throughSeq: slice.throughSeq,
        ...(slice.complete ? { endsListing: window === undefined ? {} : { window } } : {}),
      });
      if (slice.complete) break;
      if (slice.pauseMs > 0) await this.pauses.forLuma(slice.pauseMs);
      else if (pageDelayMs > 0) await this.pauses.bySetting(pageDelayMs, 'Pause between pages');
      await this.continueWhenLong();
    }
    await this.applied();
  }

  private async fetchDetails(): Promise<void> {
    const { orgId, syncId } = this.ids;
    this.progress.phase = 'details';
    for (;;) {
      this.show();
      const slice = await luma.fetchEventDetails({ orgId, syncId });
      if (slice.asked > this.progress.detailsAsked) this.pauses.gotThrough();
      this.progress.requests += slice.requests;
      this.progress.detailsAsked = slice.asked;
      this.progress.detailsPending = slice.pending;
      if (slice.problem !== undefined) this.progress.detailsProblem = slice.problem;
      await this.applied();
      this.apply({ phase: 'details', throughSeq: slice.throughSeq });
      if (slice.complete) break;
      if (slice.pauseMs > 0) await this.pauses.forLuma(slice.pauseMs);
      await this.continueWhenLong();
    }
    await this.applied();
  }

  private async settleRemovals(): Promise<void> {
    const { dryRun } = this;
    this.progress.phase = 'removals';
    let decided = 0;
    for (;;) {
      this.show();
      const { startedAt } = this.state;
      const settled = await luma.settleRemovals({ ...this.ids, startedAt, dryRun });
      const { requests, removed, held, changed, unresolved } = settled;
      this.progress.requests += requests;
      this.count({ ...noEvents(), removed, held, changed });
      this.progress.unresolved = unresolved;
      if (settled.complete) return;
      if (settled.decided > decided) this.pauses.gotThrough();
      decided = settled.decided;
      if (settled.pauseMs > 0) await this.pauses.forLuma(settled.pauseMs);
      await this.continueWhenLong();
    }
  }

  private async preview(): Promise<void> {
    const { orgId, syncId } = this.ids;
    this.progress.phase = 'preview';
    this.show();
    const previewed = await events.previewSync({ orgId, syncId, throughSeq: this.progress.pages });
    this.count(previewed.counts);
    this.progress.detailsPending = previewed.detailsDue;
  }

  /** Starts applying what is staged and not applied; the next answers are fetched meanwhile. */
  private apply(pages: Pick<UpsertEventsInput, 'phase' | 'throughSeq' | 'endsListing'>): void {
    const { state } = this;
    const fromSeq = state.appliedSeq + 1;
    if (this.dryRun || pages.throughSeq < fromSeq) return;
    const { orgId, syncId } = this.ids;
    const { startedAt } = state;
    state.appliedSeq = pages.throughSeq;
    this.applying = events.upsertEvents({ orgId, syncId, fromSeq, startedAt, ...pages }).then(
      ({ counts, detailsDue, unseen }) => {
        this.count(counts);
        this.progress.detailsDue += detailsDue;
        // Only the end of the listing tells; details applied after it say nothing of it.
        if (pages.endsListing !== undefined) state.unseen = unseen;
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
    this.show();
  }

  private async continueWhenLong(): Promise<void> {
    if (!workflowInfo().continueAsNewSuggested) return;
    await this.applied();
    await continueAsNew<typeof OrgSyncWorkflow>(this.input, this.state);
  }

  private async complete(calendarId: string): Promise<OrgSyncResult> {
    this.progress.phase = 'closing';
    const report = { ...this.report(), calendarId };
    const { drift } = await store.closeOrgSync({ ...this.closing(), end: { state: 'complete' }, report });
    this.progress.phase = 'done';
    this.show();
    return { status: 'complete', ...report, drift };
  }

  private async closeAfter(error: unknown): Promise<void> {
    this.progress.phase = 'closing';
    const failure = describeFailure(error);
    this.progress.failure = failure;
    this.progress.requests += requestsBefore(error);
    this.show();
    // What is being written is finished first: nothing may write after the report.
    await this.applying;
    await store.closeOrgSync({
      ...this.closing(),
      end: { state: isCancellation(error) ? 'canceled' : 'failed', failure },
      report: this.report(),
    });
    this.progress.phase = 'done';
  }

  private closing() {
    const { window } = this.input;
    const partOf = workflowInfo().memo?.[PART_OF_MEMO];
    return {
      workflowId: this.workflowId,
      ...(typeof partOf === 'string' ? { partOf } : {}),
      ...(window === undefined ? {} : { window }),
    };
  }

  private report() {
    const { orgId, syncId, dryRun, pages, events: counts, requests, waitedMs } = this.progress;
    const { detailsPending, detailsProblem, unresolved } = this.progress;
    const { calendarId, startedAt } = this.state;
    const finishedAt = new Date().toISOString();
    return {
      ...{ orgId, syncId, calendarId, dryRun, pages, events: counts, detailsPending, unresolved },
      ...(detailsProblem === undefined ? {} : { detailsProblem }),
      ...{ requests, waitedMs, startedAt, finishedAt },
    };
  }

  private show(): void {
    setCurrentDetails(orgDetails(this.progress));
  }
}
