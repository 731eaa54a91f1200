import { ApplicationFailure } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import type { Activities } from '../../src/activities/index.js';
import type { EventCounts, SyncFailure, SyncWindow } from '../../src/workflows/contract.js';
import { HintedSync } from '../../src/workflows/hinted-sync.js';
import { newOrgSyncState } from '../../src/workflows/org-sync-state.js';
import { SyncOrder } from '../../src/workflows/sync-order.js';
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
  full?: boolean;
  /** Looks at these events only. */
  hintedIds?: string[];
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
  source?: string;
  sourceBefore?: string;
  requests: number;
  /** Crashes that a retry got over. */
  crashes: number;
  /** A sync of single events leaves the rest to a listing. */
  needsListing: boolean;
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

class Abandoned extends Error {}

/**
 * Runs one organization's sync as the workflow does, without Temporal and its time: an attempt that fails is followed
 * by another, unless the failure is final.
 */
export async function driveSync(
  deps: ActivityDependencies,
  clock: Clock,
  orgId: string,
  { hintedIds, ...options }: SyncOptions = {},
  process: Process = IMMORTAL,
): Promise<DrivenSync> {
  const input = { orgId, ...options, ...(hintedIds === undefined ? {} : { hinted: true }) };
  const state = newOrgSyncState(input, randomUUID(), clock.now());
  let crashes = 0;
  let needsListing = false;

  const activity =
    <N extends keyof Activities>(name: N) =>
    async (activityInput: Parameters<Activities[N]>[0]): Promise<Awaited<ReturnType<Activities[N]>>> => {
      clock.advance(ACTIVITY_MS);
      for (let attempt = 1; ; attempt++) {
        try {
          const output = await run(deps, name, activityInput, environment({ attempt }));
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
        crashes++;
        clock.advance(10_000);
      }
    };

  const means = {
    activities: {
      firstLook: activity('firstLook'),
      openOrgSync: activity('openOrgSync'),
      fetchLumaPages: activity('fetchLumaPages'),
      fetchEventDetails: activity('fetchEventDetails'),
      settleRemovals: activity('settleRemovals'),
      followHints: activity('followHints'),
      upsertEvents: activity('upsertEvents'),
      previewSync: activity('previewSync'),
      closeOrgSync: activity('closeOrgSync'),
    },
    workflowId: `luma-org-sync/${orgId}`,
    partOf: null,
    sleep: (ms: number) => {
      clock.advance(ms);
      return Promise.resolve();
    },
    tell: () => Promise.resolve(),
    now: clock.nowMs,
    random: () => 0,
    onChange: () => undefined,
    shielded: <T>(work: () => Promise<T>) => work(),
    continueWhenLong: () => Promise.resolve(),
    gather: () => Promise.resolve(),
    takeIds: () => hintedIds ?? [],
    followed: (_: readonly string[], how: { needsListing: boolean }) => {
      ({ needsListing } = how);
    },
  };
  const order =
    hintedIds === undefined ? new SyncOrder(input, state, means) : new HintedSync(input, state, means);

  const { progress } = state;
  const driven = (
    ended: Pick<DrivenSync, 'state' | 'drift' | 'failure' | 'source' | 'sourceBefore'>,
  ): DrivenSync => {
    const { syncId, events, detailsPending, unresolved, requests } = progress;
    return { syncId, events, detailsPending, unresolved, requests, crashes, needsListing, ...ended };
  };
  try {
    const { drift, source, sourceBefore } = await order.run();
    return driven({ state: 'complete', drift, source, sourceBefore });
  } catch (error) {
    if (error instanceof Abandoned) return driven({ state: 'abandoned', drift: [] });
    if (!(error instanceof ApplicationFailure) || progress.failure === undefined) throw error;
    return driven({ state: 'failed', drift: [], failure: progress.failure });
  }
}
