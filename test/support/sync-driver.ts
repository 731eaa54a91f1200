import { ApplicationFailure } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import type { Activities } from '../../src/activities/index.js';
import { addCounts, type EventCounts, noEvents } from '../../src/events/counts.js';
import type { SyncFailure, SyncWindow } from '../../src/workflows/contract.js';
import { environment, run } from '../activities/support/activities.js';

/** A clock that stands still until it is moved. Pauses that Luma asks for move it. */
export class Clock {
  constructor(private ms: number) {}

  readonly now = (): Date => new Date(this.ms);
  readonly nowMs = (): number => this.ms;

  advance(ms: number): void {
    this.ms += ms;
  }
}

export interface SyncOptions {
  window?: SyncWindow;
  dryRun?: boolean;
}

export interface DrivenSync {
  syncId: string;
  /** `abandoned`: the worker died and nobody went on with this sync. */
  state: 'complete' | 'failed' | 'abandoned';
  failure?: SyncFailure;
  events: EventCounts;
  detailsPending: number;
  unresolved: number;
  drift: string[];
  requests: number;
  /** Crashes that a retry got over. */
  crashes: number;
}

/** The worker's process, as far as a sync notices. */
export interface Process {
  /** After every attempt: whether the process died during it. It is alive again when this resolves. */
  revive(): Promise<boolean>;
  /** After a death: whether the same activity is tried again, as Temporal does. */
  goesOn(): boolean;
}

const IMMORTAL: Process = { revive: () => Promise.resolve(false), goesOn: () => true };
const MAX_ATTEMPTS = 8;
/** Between two activities; what one wrote is older than the next one's beginning. */
const ACTIVITY_MS = 50;
const MAX_PAUSES_IN_A_ROW = 5;

type Name = keyof Activities;
type Input<N extends Name> = Parameters<Activities[N]>[0];
type Output<N extends Name> = Awaited<ReturnType<Activities[N]>>;

class Abandoned extends Error {}

/**
 * Runs one organization's sync by its activities alone, in the order in which OrgSyncWorkflow runs them: what a sync
 * does to the database, without Temporal's time.
 */
export async function driveSync(
  deps: ActivityDependencies,
  clock: Clock,
  orgId: string,
  { window, dryRun = false }: SyncOptions = {},
  process: Process = IMMORTAL,
): Promise<DrivenSync> {
  const startedAt = clock.now().toISOString();
  const ids = { orgId, syncId: randomUUID(), ...(window === undefined ? {} : { window }) };
  const { syncId } = ids;
  const workflowId = `luma-org-sync/${orgId}`;
  const result: DrivenSync = {
    ...{ syncId, state: 'complete', events: noEvents(), detailsPending: 0, unresolved: 0 },
    ...{ drift: [], requests: 0, crashes: 0 },
  };
  let calendarId: string | null = null;
  let pages = 0;
  let pausesInARow = 0;

  /** As Temporal runs an activity: an attempt that fails is followed by another, unless the failure is final. */
  async function activity<N extends Name>(name: N, input: Input<N>): Promise<Output<N>> {
    clock.advance(ACTIVITY_MS);
    const scheduledTimestampMs = clock.nowMs();
    for (let attempt = 1; ; attempt++) {
      try {
        const output = await run(deps, name, input, environment({ attempt, scheduledTimestampMs }));
        if (!(await process.revive())) return output;
      } catch (error) {
        if (!(await process.revive())) {
          const final = !(error instanceof ApplicationFailure) || error.nonRetryable === true;
          if (final || attempt >= MAX_ATTEMPTS) throw error;
          clock.advance(1_000);
          continue;
        }
      }
      // The process died, whatever it was about to say.
      if (!process.goesOn()) throw new Abandoned();
      result.crashes++;
      clock.advance(10_000);
    }
  }

  function pause(pauseMs: number, gotThrough: boolean): void {
    pausesInARow = gotThrough ? 1 : pausesInARow + 1;
    if (pausesInARow > MAX_PAUSES_IN_A_ROW) {
      throw ApplicationFailure.nonRetryable('no request got through', 'LumaRateLimitStuck');
    }
    clock.advance(pauseMs);
  }

  async function upsert(
    phase: 'listing' | 'details',
    fromSeq: number,
    throughSeq: number,
    complete: boolean,
  ): Promise<Pick<Output<'upsertEvents'>, 'detailsDue' | 'unseen'>> {
    if (dryRun || throughSeq < fromSeq) return { detailsDue: 0, unseen: 0 };
    const endsListing =
      phase === 'listing' && complete ? { endsListing: window === undefined ? {} : { window } } : {};
    const applied = await activity('upsertEvents', {
      ...{ orgId, syncId, phase, fromSeq, throughSeq, startedAt },
      ...endsListing,
    });
    result.events = addCounts(result.events, applied.counts);
    return applied;
  }

  async function open(): Promise<string> {
    for (;;) {
      const opened = await activity('openOrgSync', { ...ids, workflowId, startedAt, dryRun });
      result.requests += opened.requests;
      if (opened.pauseMs > 0) pause(opened.pauseMs, opened.calendarId !== null);
      if (opened.calendarId !== null) return opened.calendarId;
    }
  }

  async function list(): Promise<{ detailsDue: number; unseen: number }> {
    let detailsDue = 0;
    for (;;) {
      const slice = await activity('fetchLumaPages', ids);
      result.requests += slice.requests;
      const applied = await upsert('listing', pages + 1, slice.throughSeq, slice.complete);
      detailsDue += applied.detailsDue;
      const gotThrough = slice.throughSeq > pages;
      pages = slice.throughSeq;
      if (slice.complete) return { detailsDue, unseen: applied.unseen };
      if (slice.pauseMs > 0) pause(slice.pauseMs, gotThrough);
    }
  }

  async function fetchDetails(): Promise<void> {
    let appliedSeq = 0;
    for (;;) {
      const slice = await activity('fetchEventDetails', { orgId, syncId });
      result.requests += slice.requests;
      result.detailsPending = slice.pending;
      await upsert('details', appliedSeq + 1, slice.throughSeq, slice.complete);
      const gotThrough = slice.throughSeq > appliedSeq;
      appliedSeq = slice.throughSeq;
      if (slice.complete) return;
      if (slice.pauseMs > 0) pause(slice.pauseMs, gotThrough);
    }
  }

  async function settle(): Promise<void> {
    let decided = 0;
    for (;;) {
      const settled = await activity('settleRemovals', { ...ids, startedAt, dryRun });
      const { removed, held, changed } = settled;
      result.requests += settled.requests;
      result.events = addCounts(result.events, { ...noEvents(), removed, held, changed });
      result.unresolved = settled.unresolved;
      if (settled.complete) return;
      if (settled.pauseMs > 0) pause(settled.pauseMs, settled.decided > decided);
      decided = settled.decided;
    }
  }

  async function close(end: Input<'closeOrgSync'>['end']): Promise<void> {
    const { events, detailsPending, unresolved, requests } = result;
    const finishedAt = clock.now().toISOString();
    const { drift } = await activity('closeOrgSync', {
      ...{ workflowId, end },
      ...(window === undefined ? {} : { window }),
      report: {
        ...{ orgId, syncId, calendarId, dryRun, pages, events, detailsPending, unresolved, requests },
        ...{ waitedMs: 0, startedAt, finishedAt },
      },
    });
    result.drift = drift;
  }

  try {
    try {
      calendarId = await open();
      const { detailsDue, unseen } = await list();
      if (dryRun) {
        const previewed = await activity('previewSync', { orgId, syncId, throughSeq: pages });
        result.events = addCounts(result.events, previewed.counts);
        result.detailsPending = previewed.detailsDue;
      }
      if (detailsDue > 0) await fetchDetails();
      if (unseen > 0 || dryRun) await settle();
      await close({ state: 'complete' });
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      const failure = { type: error.type ?? 'UnexpectedError', message: error.message };
      result.state = 'failed';
      result.failure = failure;
      await close({ state: 'failed', failure });
    }
  } catch (error) {
    if (!(error instanceof Abandoned)) throw error;
    result.state = 'abandoned';
  }
  return result;
}
