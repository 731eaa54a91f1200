import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { addCounts, noEvents } from '../events/counts.js';
import type { CloseFullSyncInput } from '../activities/close-full-sync.js';
import { fullSync } from './activities.js';
import { carriedOver } from './continued.js';
import {
  type FullSyncInput,
  type FullSyncProgress,
  type FullSyncResult,
  ORG_ID_ATTRIBUTE,
  orgSyncWorkflowId,
  PART_OF_MEMO,
  PROGRESS_QUERY,
  type RunningOrgSync,
} from './contract.js';
import { fullDetails } from './details.js';
import { describeFailure, doneBefore, type DoneBefore, workflowFailure } from './failures.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import type { OrgSyncWorkflow } from './org-sync.js';

const orgIdKey = defineSearchAttributeKey(ORG_ID_ATTRIBUTE, SearchAttributeType.KEYWORD);
const progressQuery = defineQuery<FullSyncProgress>(PROGRESS_QUERY);

/** Luma's limits are per calendar, and most of a sync is waiting. */
const DEFAULT_CONCURRENCY = 32;
/** Temporal wants fewer than 500 children pending. */
const MAX_CONCURRENCY = 200;
/** Organization ids a read: small in the history, few reads. */
const RANGE = 200;
/** Organizations that are named in the report, of each kind; the rest is counted. */
const MAX_NAMED = 50;

/** What a run hands to the next one when the history grows long. */
export interface FullSyncCarried {
  /** Read from the list and not started yet. */
  waiting: string[];
  /** How far the list of organizations was read. */
  position: { after: string | null; end: boolean };
  progress: FullSyncProgress;
  failures: FullSyncResult['failures'];
  /** Organizations that were being synced by somebody else: the first ones. */
  alreadySyncing: string[];
  started: number;
  startedAt: string;
}

/**
 * Syncs every organization that has a Luma key, a bounded number at the same time, one child workflow each. One
 * organization's failure is counted and stops no other.
 *
 * @returns the report; `partial` where organizations failed. Fails as `AllOrganizationsFailed` where every one did.
 */
export async function FullSyncWorkflow(
  input: FullSyncInput = {},
  carried?: FullSyncCarried,
): Promise<FullSyncResult> {
  checkInput(input, {
    concurrency: wholeNumber(1, MAX_CONCURRENCY),
    orgDelayMs: wholeNumber(0, 3_600_000),
    pageDelayMs: wholeNumber(0, 3_600_000),
    dryRun: yesOrNo,
    window: listingWindow,
    full: yesOrNo,
  });
  return await new FullSync(input, carried).run();
}

class FullSync {
  private readonly state: FullSyncCarried;
  private startedHere = 0;

  constructor(
    private readonly input: FullSyncInput,
    carried: FullSyncCarried | undefined,
  ) {
    this.state = carriedOver<FullSyncCarried>(carried, {
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
      started: 0,
      startedAt: new Date().toISOString(),
    });
    this.state.progress.phase = 'syncing';
    setHandler(progressQuery, () => this.state.progress);
  }

  async run(): Promise<FullSyncResult> {
    try {
      await this.syncAll();
      return await this.complete();
    } catch (error) {
      // A fault of this code is mended by the next deployment: the sync waits for it, and goes on.
      if (!(error instanceof TemporalFailure)) throw error;
      const failure = describeFailure(error);
      const state = isCancellation(error) ? 'canceled' : 'failed';
      await CancellationScope.nonCancellable(async () => {
        await this.allEnded();
        await this.close(state, { reason: `${failure.type}: ${failure.message}` });
      });
      if (isCancellation(error)) throw error;
      throw workflowFailure(failure);
    }
  }

  private async syncAll(): Promise<void> {
    const { concurrency = DEFAULT_CONCURRENCY, orgDelayMs = 0 } = this.input;
    const { state } = this;
    const { orgs } = state.progress;
    for (;;) {
      await condition(() => orgs.running < concurrency);
      // At least one child a run, so that even a tiny history limit comes to an end.
      if (workflowInfo().continueAsNewSuggested && this.startedHere > 0) await this.continueInNewRun();
      const orgId = await this.nextOrganization();
      if (orgId === null) break;
      if (orgDelayMs > 0 && state.started > 0) {
        await sleep(orgDelayMs, { summary: `Pause between organizations: ${orgDelayMs / 1000} s` });
      }
      state.started++;
      this.startedHere++;
      void this.syncOne(orgId);
    }
    await this.allEnded();
  }

  private async nextOrganization(): Promise<string | null> {
    const { waiting, position, progress } = this.state;
    if (waiting.length === 0 && !position.end) {
      const range = await fullSync.getOrgsWithLumaConfig({ after: position.after, limit: RANGE });
      waiting.push(...range.orgIds);
      progress.orgs.total += range.orgIds.length;
      this.state.position = { after: range.next, end: range.next === null };
    }
    return waiting.shift() ?? null;
  }

  /** Never rejects: an organization's trouble is counted. */
  private async syncOne(orgId: string): Promise<void> {
    const { progress, failures } = this.state;
    const { pageDelayMs, window, dryRun, full } = this.input;
    progress.orgs.running++;
    progress.running.push(orgId);
    this.show();
    try {
      const problem = organizationId(orgId);
      if (problem !== null) throw workflowFailure({ type: 'InvalidInput', message: `the id ${problem}` });
      const result = await executeChild<typeof OrgSyncWorkflow>('OrgSyncWorkflow', {
        workflowId: orgSyncWorkflowId(orgId, workflowInfo().taskQueue),
        args: [
          {
            orgId,
            ...(pageDelayMs === undefined ? {} : { pageDelayMs }),
            ...(window === undefined ? {} : { window }),
            ...(dryRun === undefined ? {} : { dryRun }),
            ...(full === undefined ? {} : { full }),
          },
        ],
        typedSearchAttributes: [{ key: orgIdKey, value: orgId }],
        memo: { [PART_OF_MEMO]: workflowInfo().firstExecutionRunId },
        // A full sync that is stopped lets its children end cleanly instead of cutting them off.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      });
      progress.orgs.completed++;
      this.count(result);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        progress.orgs.alreadySyncing++;
        if (this.state.alreadySyncing.length < MAX_NAMED) this.state.alreadySyncing.push(orgId);
      } else if (!(isCancellation(error) && CancellationScope.current().consideredCancelled)) {
        progress.orgs.failed++;
        const done = doneBefore(error);
        if (done !== null) this.count(done);
        if (failures.length < MAX_NAMED) failures.push({ orgId, ...describeFailure(error) });
      }
    } finally {
      progress.orgs.running--;
      progress.running = progress.running.filter((id) => id !== orgId);
      this.show();
    }
  }

  private count({ events, requests, waitedMs }: DoneBefore): void {
    const { progress } = this.state;
    progress.events = addCounts(progress.events, events);
    progress.requests += requests;
    progress.waitedMs += waitedMs;
  }

  private async allEnded(): Promise<void> {
    await condition(() => this.state.progress.orgs.running === 0);
  }

  private async continueInNewRun(): Promise<never> {
    this.state.progress.phase = 'draining';
    this.show();
    await this.allEnded();
    return await continueAsNew<typeof FullSyncWorkflow>(this.input, this.state);
  }

  private async complete(): Promise<FullSyncResult> {
    const { orgs } = this.state.progress;
    const [first] = this.state.failures;
    if (first !== undefined && orgs.failed === orgs.total) {
      throw workflowFailure({
        type: 'AllOrganizationsFailed',
        message: `every organization failed (${orgs.total}); first ${first.orgId}: ${first.type}: ${first.message}`,
      });
    }
    const alreadySyncing = await this.lookAtOthers();
    const isStuck = alreadySyncing.some(({ stuck }) => stuck);
    const status = orgs.failed > 0 || isStuck ? 'partial' : 'complete';
    const report = await this.close(status, { alreadySyncing });
    return { status, ...report };
  }

  /** Syncs that somebody else had started, and that still run. */
  private async lookAtOthers(): Promise<RunningOrgSync[]> {
    const { alreadySyncing } = this.state;
    if (alreadySyncing.length === 0) return [];
    const { taskQueue } = workflowInfo();
    const byWorkflow = new Map(alreadySyncing.map((orgId) => [orgSyncWorkflowId(orgId, taskQueue), orgId]));
    const running = await fullSync.lookAtSyncs({ workflowIds: [...byWorkflow.keys()], taskQueue });
    return running.map((sync) => ({ orgId: byWorkflow.get(sync.workflowId) ?? '', ...sync }));
  }

  private async close(
    state: CloseFullSyncInput['state'],
    { reason, alreadySyncing = [] }: { reason?: string; alreadySyncing?: RunningOrgSync[] },
  ): Promise<CloseFullSyncInput['report']> {
    const { progress, failures, startedAt } = this.state;
    const { total, completed, failed, alreadySyncing: others } = progress.orgs;
    const report = {
      ...(this.input.dryRun === true ? { dryRun: true as const } : {}),
      orgs: { total, completed, failed, alreadySyncing: others },
      events: progress.events,
      failures,
      ...(alreadySyncing.length === 0 ? {} : { alreadySyncing }),
      requests: progress.requests,
      waitedMs: progress.waitedMs,
      startedAt,
      finishedAt: new Date().toISOString(),
    };
    const { firstExecutionRunId: runId, workflowId } = workflowInfo();
    await fullSync.closeFullSync({
      runId,
      workflowId,
      state,
      ...(reason === undefined ? {} : { reason }),
      report,
    });
    progress.phase = 'done';
    this.show();
    return report;
  }

  private show(): void {
    setCurrentDetails(fullDetails(this.state.progress));
  }
}
