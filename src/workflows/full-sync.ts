import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { addCounts } from '../events/counts.js';
import type { CloseFullSyncInput } from '../activities/close-full-sync.js';
import type { EndedSync, FollowedSync } from '../activities/follow-syncs.js';
import { followed, fullSync } from './activities.js';
import { carriedOver } from './continued.js';
import { type FullSyncState, newFullSyncState } from './full-sync-state.js';
import {
  type FullSyncInput,
  type FullSyncProgress,
  type FullSyncResult,
  orgSyncWorkflowId,
  PROGRESS_QUERY,
  type RunningOrgSync,
} from './contract.js';
import { describeFailure, doneBefore, type DoneBefore, workflowFailure } from './failures.js';
import { fullDetails } from './full-details.js';
import { checkInput, listingWindow, organizationId, wholeNumber, yesOrNo } from './input.js';
import { LookOut } from './look-out.js';
import { counted } from './summaries.js';
import { startOrTell } from './start-or-tell.js';

const progressQuery = defineQuery<FullSyncProgress>(PROGRESS_QUERY);

/** Luma's limits are per calendar, and most of a sync is waiting. */
const DEFAULT_CONCURRENCY = 32;
/** Temporal wants fewer than 500 children pending. */
const MAX_CONCURRENCY = 200;
/** Organization ids a read: small in the history, few reads. */
const RANGE = 200;
/**
 * How long a full sync waits for syncs that are not done when all are started. What takes longer goes on by itself, so
 * that one slow calendar does not keep the next day's full sync from beginning.
 */
const PATIENCE = '2 hours';
/** Organizations that are named in the report, of each kind; the rest is counted. */
const MAX_NAMED = 50;
/** Organizations with a sync of somebody else's that are looked at in the end: their ids travel with the state. */
const MAX_LOOKED_AT = 1_000;

/**
 * Syncs every organization that has a Luma key or a feed, a bounded number at the same time, one child workflow each. One
 * organization's failure is counted and stops no other.
 *
 * @returns the report; `partial` where organizations failed. Fails as `AllOrganizationsFailed` where every one did.
 */
export async function FullSyncWorkflow(
  input: FullSyncInput = {},
  carried?: FullSyncState,
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
  private readonly state: FullSyncState;
  private startedHere = 0;
  /** Children that are to start, and those of this run that have. */
  private starting = 0;
  private readonly children = new Map<string, FollowedSync>();
  /** Syncs that went on by themselves: their ends are nothing to this one. */
  private readonly leftBehind = new Set<string>();
  private readonly lookOut: LookOut;

  constructor(
    private readonly input: FullSyncInput,
    carried: FullSyncState | undefined,
  ) {
    this.state = carriedOver(carried, newFullSyncState());
    this.state.progress.phase = 'syncing';
    this.lookOut = new LookOut(
      () => this.state.progress.running,
      () => this.show(),
    );
    setHandler(progressQuery, () => this.state.progress, {
      description: 'How many organizations are done, failed and running, with their events and requests.',
    });
  }

  async run(): Promise<FullSyncResult> {
    void this.follow();
    void this.lookOut.run();
    try {
      await this.syncAll();
      return await this.complete();
    } catch (error) {
      // A fault of this code is mended by the next deployment: the sync waits for it, and goes on.
      if (!(error instanceof TemporalFailure)) throw error;
      const failure = describeFailure(error);
      const state = isCancellation(error) ? 'canceled' : 'failed';
      await CancellationScope.nonCancellable(async () => {
        await this.cancelFollowed();
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
    const summary = `All are started: waits for the last ones, at most ${PATIENCE}`;
    if (!(await condition(() => orgs.running === 0, PATIENCE, { summary }))) this.leaveTheRest();
  }

  private async nextOrganization(): Promise<string | null> {
    const { waiting, position, progress } = this.state;
    if (waiting.length === 0 && !position.end) {
      const { total } = progress.orgs;
      const range = await fullSync.getOrgsWithLumaConfig.executeWithOptions(
        { summary: `organizations from ${total + 1}` },
        [{ after: position.after, limit: RANGE }],
      );
      waiting.push(...range.orgIds);
      progress.orgs.total += range.orgIds.length;
      this.state.position = { after: range.next, end: range.next === null };
    }
    return waiting.shift() ?? null;
  }

  /** Never rejects: an organization's trouble is counted. */
  private async syncOne(orgId: string): Promise<void> {
    const { progress } = this.state;
    progress.orgs.running++;
    progress.running.push(orgId);
    this.show();
    try {
      const problem = organizationId(orgId);
      if (problem !== null) throw workflowFailure({ type: 'InvalidInput', message: `the id ${problem}` });
      const workflowId = orgSyncWorkflowId(orgId, workflowInfo().taskQueue);
      this.starting++;
      const { pageDelayMs, window, dryRun, full } = this.input;
      const input = { orgId, pageDelayMs, window, dryRun, full };
      const child = await startOrTell(workflowId, input).finally(() => this.starting--);
      this.children.set(orgId, { orgId, workflowId, runId: child.firstExecutionRunId });
      this.ended({ orgId, done: await child.result() });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        this.noLongerRunning(orgId);
        this.notOurs(orgId);
      } else if (isCancellation(error) && CancellationScope.current().consideredCancelled) {
        this.noLongerRunning(orgId);
      } else {
        this.ended({ orgId, done: doneBefore(error), failure: describeFailure(error) });
      }
    } finally {
      this.children.delete(orgId);
    }
  }

  /** Waits for the syncs of earlier runs. Never rejects for what happens to them. */
  private async follow(): Promise<void> {
    const { state } = this;
    await CancellationScope.nonCancellable(async () => {
      while (state.followed.length > 0) {
        let ends: EndedSync[];
        try {
          const said = `${counted(state.followed.length, 'sync')} of an earlier run`;
          ends = await followed.followSyncs.executeWithOptions({ summary: said }, [
            { syncs: state.followed },
          ]);
        } catch (error) {
          if (!(error instanceof TemporalFailure)) throw error;
          const failure = describeFailure(error);
          ends = state.followed.map(({ orgId }) => ({ orgId, done: null, failure }));
        }
        for (const end of ends) this.ended(end);
        state.followed = state.followed.filter(({ orgId }) => !ends.some((end) => end.orgId === orgId));
      }
    });
  }

  /** Asks the syncs of earlier runs to end; those of this run are asked by their scope. */
  private async cancelFollowed(): Promise<void> {
    const canceled = this.state.followed.map(({ workflowId }) =>
      // One that has ended just now needs no more.
      getExternalWorkflowHandle(workflowId)
        .cancel()
        .catch(() => undefined),
    );
    await Promise.all(canceled);
  }

  private ended({ orgId, done, failure }: EndedSync): void {
    const { progress, failures } = this.state;
    if (this.leftBehind.has(orgId)) return;
    if (done !== null) this.count(done);
    if (failure === undefined) progress.orgs.completed++;
    else {
      progress.orgs.failed++;
      if (failures.length < MAX_NAMED) failures.push({ orgId, ...failure });
    }
    this.noLongerRunning(orgId);
  }

  private noLongerRunning(orgId: string): void {
    const { progress } = this.state;
    progress.orgs.running--;
    progress.running = progress.running.filter((id) => id !== orgId);
    this.show();
  }

  /** Its sync runs, and not for this full sync. */
  private notOurs(orgId: string): void {
    const { progress, alreadySyncing } = this.state;
    progress.orgs.alreadySyncing++;
    if (alreadySyncing.length < MAX_LOOKED_AT) alreadySyncing.push(orgId);
  }

  private leaveTheRest(): void {
    for (const orgId of this.state.progress.running) {
      this.leftBehind.add(orgId);
      this.noLongerRunning(orgId);
      this.notOurs(orgId);
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
    await condition(() => this.starting === 0);
    this.state.followed.push(...this.children.values());
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

  /** Syncs that somebody else had started, and that still run; stuck ones first. */
  private async lookAtOthers(): Promise<RunningOrgSync[]> {
    const { alreadySyncing } = this.state;
    if (alreadySyncing.length === 0) return [];
    const { taskQueue } = workflowInfo();
    const byWorkflow = new Map(alreadySyncing.map((orgId) => [orgSyncWorkflowId(orgId, taskQueue), orgId]));
    const running = await fullSync.lookAtSyncs.executeWithOptions(
      { summary: `${counted(byWorkflow.size, 'sync')} started by others` },
      [{ workflowIds: [...byWorkflow.keys()], taskQueue, limit: MAX_NAMED }],
    );
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
    this.lookOut.end();
    await fullSync.closeFullSync.executeWithOptions({ summary: `report: ${state}` }, [
      { runId, workflowId, state, reason, report },
    ]);
    progress.phase = 'done';
    this.show();
    return report;
  }

  private show(): void {
    const { progress, failures } = this.state;
    setCurrentDetails(fullDetails({ progress, failures, ...this.lookOut.found }));
  }
}
