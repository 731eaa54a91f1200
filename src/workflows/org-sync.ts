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
import { addCounts, noEvents } from '../events/counts.js';
import { events, luma, store } from './activities.js';
import {
  ORG_ID_ATTRIBUTE,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  PROGRESS_QUERY,
  type SyncFailure,
} from './contract.js';
import { orgDetails } from './details.js';
import { describeFailure, workflowFailure } from './failures.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import { Pauses } from './pauses.js';

const orgIdKey = defineSearchAttributeKey(ORG_ID_ATTRIBUTE, SearchAttributeType.KEYWORD);
export const progressQuery = defineQuery<OrgSyncProgress>(PROGRESS_QUERY);

/** What a run hands to the next one when the history grows long. Where the listing stands is with its pages. */
export interface OrgSyncCarried {
  progress: OrgSyncProgress;
  calendarId: string;
  startedAt: string;
  /** Staged pages that are in `events` already. */
  appliedSeq: number;
}

/**
 * Syncs one organization: opens its calendar, lists it page by page into `staged_pages`, applies the pages to
 * `events` while the next ones are being fetched, and closes with a report.
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
  if (input.dryRun === true) {
    throw workflowFailure({
      type: 'InvalidInput',
      message: 'dryRun is not possible yet: this version always writes',
    });
  }
  return await new OrgSync(input, carried).run();
}

class OrgSync {
  private readonly progress: OrgSyncProgress;
  private readonly startedAt: string;
  private readonly workflowId = workflowInfo().workflowId;
  private readonly pauses: Pauses;
  private calendarId: string | null;
  private appliedSeq: number;
  /** The upsert under way. Never rejects; its failure is kept in `applyFailure`. */
  private applying: Promise<void> = Promise.resolve();
  private applyFailure: unknown = null;

  constructor(
    private readonly input: OrgSyncInput,
    carried: OrgSyncCarried | undefined,
  ) {
    this.progress = carried?.progress ?? {
      orgId: input.orgId,
      syncId: uuid4(),
      phase: 'opening',
      pages: 0,
      events: noEvents(),
      requests: 0,
      waitedMs: 0,
    };
    this.startedAt = carried?.startedAt ?? new Date().toISOString();
    this.calendarId = carried?.calendarId ?? null;
    this.appliedSeq = carried?.appliedSeq ?? 0;
    this.pauses = new Pauses(this.progress, () => this.show());
    setHandler(progressQuery, () => this.progress);
    if (workflowInfo().typedSearchAttributes.get(orgIdKey) === undefined) {
      upsertSearchAttributes([{ key: orgIdKey, value: input.orgId }]);
    }
  }

  async run(): Promise<OrgSyncResult> {
    try {
      const calendarId = this.calendarId ?? (await this.open());
      await this.list(calendarId);
      // Descriptions (events/get) and removals follow here: both need the complete listing.
      return await this.complete(calendarId);
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      await CancellationScope.nonCancellable(() => this.closeAfter(error));
      if (isCancellation(error)) throw error;
      throw workflowFailure(describeFailure(error));
    }
  }

  private async open(): Promise<string> {
    const { orgId, window } = this.input;
    for (;;) {
      const opened = await luma.openOrgSync({
        orgId,
        syncId: this.progress.syncId,
        workflowId: this.workflowId,
        ...(window === undefined ? {} : { window }),
        startedAt: this.startedAt,
      });
      this.progress.requests += opened.requests;
      if (opened.pauseMs > 0) await this.pauses.forLuma(opened.pauseMs, opened.calendarId !== null);
      if (opened.calendarId !== null) return opened.calendarId;
    }
  }

  private async list(calendarId: string): Promise<void> {
    const { orgId, window, pageDelayMs = 0 } = this.input;
    const { syncId } = this.progress;
    this.progress.phase = 'listing';
    for (;;) {
      this.show();
      const slice = await luma.fetchLumaPages({
        orgId,
        syncId,
        ...(window === undefined ? {} : { window }),
        ...(pageDelayMs > 0 ? { onePage: true } : {}),
      });
      const gotThrough = slice.throughSeq > this.progress.pages;
      this.progress.requests += slice.requests;
      this.progress.pages = slice.throughSeq;
      await this.applied();
      this.apply(slice.throughSeq);
      if (slice.complete) break;
      if (slice.pauseMs > 0) await this.pauses.forLuma(slice.pauseMs, gotThrough);
      else if (pageDelayMs > 0) await this.pauses.bySetting(pageDelayMs, 'Pause between pages');
      if (workflowInfo().continueAsNewSuggested) await this.continueInNewRun(calendarId);
    }
    this.progress.phase = 'applying';
    this.show();
    await this.applied();
  }

  /** Starts applying what is staged and not applied; the next pages are fetched meanwhile. */
  private apply(throughSeq: number): void {
    if (throughSeq <= this.appliedSeq) return;
    const { orgId } = this.input;
    const { syncId } = this.progress;
    const fromSeq = this.appliedSeq + 1;
    this.appliedSeq = throughSeq;
    this.applying = events.upsertEvents({ orgId, syncId, fromSeq, throughSeq }).then(
      (counts) => {
        this.progress.events = addCounts(this.progress.events, counts);
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

  private async continueInNewRun(calendarId: string): Promise<never> {
    await this.applied();
    return await continueAsNew<typeof OrgSyncWorkflow>(this.input, {
      progress: this.progress,
      calendarId,
      startedAt: this.startedAt,
      appliedSeq: this.appliedSeq,
    });
  }

  private async complete(calendarId: string): Promise<OrgSyncResult> {
    this.progress.phase = 'closing';
    const report = { ...this.report(), calendarId };
    await store.closeOrgSync({ ...this.closing(), end: { state: 'complete' }, report });
    this.progress.phase = 'done';
    this.show();
    return { status: 'complete', ...report };
  }

  private async closeAfter(error: unknown): Promise<void> {
    this.progress.phase = 'closing';
    const failure: SyncFailure = describeFailure(error);
    this.progress.failure = failure;
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
    return { workflowId: this.workflowId, ...(window === undefined ? {} : { window }) };
  }

  private report() {
    const { orgId, syncId, pages, events: counts, requests, waitedMs } = this.progress;
    const { calendarId, startedAt } = this;
    const finishedAt = new Date().toISOString();
    return {
      ...{ orgId, syncId, calendarId, pages, events: counts, detailsPending: 0, drift: [] as string[] },
      ...{ requests, waitedMs, startedAt, finishedAt },
    };
  }

  private show(): void {
    setCurrentDetails(orgDetails(this.progress));
  }
}
