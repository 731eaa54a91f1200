import type { ApplicationFailure } from '@temporalio/workflow';
import type { OrgSyncInput, OrgSyncResult, SyncFailure } from './contract.js';
import { describeFailure, type DoneBefore, workflowFailure } from './failures.js';
import {
  addHint,
  begin,
  forgetAnswered,
  gatherMs,
  noHints,
  type Patience,
  type PendingHints,
  takeIds,
} from './pending-hints.js';

type Outcome = { result: OrgSyncResult } | { failure: SyncFailure; done: DoneBefore | null };

/** Carried into a new run. */
export interface ChainState {
  /** What the sync under way was asked to do. */
  input: OrgSyncInput;
  /** `asked`: somebody waits for it. `hinted`: of single events. `listing`: follows one of those. */
  kind: 'asked' | 'hinted' | 'listing';
  pending: PendingHints;
  /** What somebody asked for meanwhile. */
  wanted?: OrgSyncInput;
  /** What the workflow will end with. */
  outcome?: Outcome;
  /** It was asked for, so that no hint's outcome replaces it. */
  isAnswered?: boolean;
}

export interface Followed {
  askedFromMs: number;
  /** There are changes that only a listing tells. */
  needsListing: boolean;
}

interface ChainMeans {
  now: () => number;
  sleep: (ms: number, summary: string) => Promise<void>;
  until: (holds: () => boolean, limitMs: number) => Promise<unknown>;
  /** False while steps are replayed that a build before that change has taken. */
  isSince: (change: string) => boolean;
}

/** Bursts are waited for longer, and once more after the calendar was opened. */
const ONE_SYNC_FOR_A_BURST = 'one-sync-for-a-burst';
const PATIENCE_BEFORE: Patience = { quietMs: 2_000, longestMs: 10_000 };

/** It comes with the start, unless the workflow was started by hand. */
const FIRST_HINT_MS = 1_000;

/**
 * The syncs of one workflow, one after the other: the one that it was started for, and those that became necessary
 * while it ran. Hints that come during a sync are followed after it, each by a question of its own: a page that was
 * read before the hint does not tell, and of a description no page does.
 */
export class SyncChain {
  constructor(
    readonly state: ChainState,
    private readonly means: ChainMeans,
  ) {}

  /** A hint that has started the workflow may be one that no id tells. @returns whether it begins with another sync */
  async start(): Promise<boolean> {
    const { state } = this;
    if (state.kind !== 'hinted') return false;
    const hasCome = () => state.pending.ids.length > 0 || state.pending.listing;
    await this.means.until(hasCome, FIRST_HINT_MS);
    return state.pending.ids.length === 0 && state.pending.listing ? await this.next() : false;
  }

  hint(hint: unknown): void {
    addHint(this.state.pending, hint, this.means.now());
  }

  /** Who meets a sync of the whole calendar joins it. */
  want(wanted: OrgSyncInput): void {
    if (this.state.kind === 'hinted') this.state.wanted ??= wanted;
  }

  /** @param askedFromMs when Luma was first asked for them, by MongoDB's clock */
  followed(ids: readonly string[], { askedFromMs, needsListing }: Followed): void {
    const { pending } = this.state;
    forgetAnswered(pending, ids, askedFromMs);
    if (needsListing) pending.listing = true;
  }

  /**
   * In a burst, waits until none has come for a moment.
   * @param sinceMs when the waiting began
   * @param isAgain it was waited for them before, from the same moment on
   */
  async gather(sinceMs: number, isAgain = false): Promise<void> {
    const { now, sleep, isSince } = this.means;
    for (;;) {
      let ms = gatherMs(this.state.pending, sinceMs, now());
      // Asked only where there is something to wait for: the answer is an event of the history.
      if (ms > 0 && !isSince(ONE_SYNC_FOR_A_BURST)) {
        ms = isAgain ? 0 : gatherMs(this.state.pending, sinceMs, now(), PATIENCE_BEFORE);
      }
      if (ms === 0) return;
      await sleep(ms, 'Waits for more changes');
    }
  }

  takeIds(): string[] {
    return takeIds(this.state.pending);
  }

  completed(result: OrgSyncResult): void {
    this.ended({ result });
  }

  failed(error: ApplicationFailure): void {
    const done = (error.details?.[0] as DoneBefore | undefined) ?? null;
    this.ended({ failure: describeFailure(error), done });
  }

  private ended(outcome: Outcome): void {
    const { state } = this;
    if (state.kind === 'asked') state.isAnswered = true;
    else if (state.isAnswered === true) return;
    state.outcome = outcome;
  }

  /** Chooses what comes next. @returns false: nothing does */
  async next(): Promise<boolean> {
    const { state } = this;
    const { orgId } = state.input;
    const { pending, wanted } = state;
    if (wanted !== undefined) {
      delete state.wanted;
      state.input = wanted;
      state.kind = 'asked';
      if (isWhole(wanted)) pending.listing = false;
      return true;
    }
    if (pending.ids.length === 0 && !pending.listing) return false;
    // Of listings one is enough for all that has changed.
    if (pending.ids.length === 0) await this.gather(this.means.now());
    if (pending.ids.length > 0) {
      state.kind = 'hinted';
      state.input = { orgId, hinted: true };
    } else {
      state.kind = 'listing';
      state.input = { orgId };
      // What is hinted at from now on, its pages may have missed.
      pending.listing = false;
      begin(pending);
    }
    return true;
  }

  /** @throws the failure that the workflow ends with */
  outcome(): OrgSyncResult {
    const { outcome } = this.state;
    if (outcome !== undefined && 'result' in outcome) return outcome.result;
    const { failure, done } = outcome ?? {
      failure: { type: 'UnexpectedError', message: 'no sync' },
      done: null,
    };
    throw workflowFailure(failure, done ?? undefined);
  }
}

/** Whether such a sync tells all that only a listing tells. */
function isWhole({ window, dryRun }: OrgSyncInput): boolean {
  return window === undefined && dryRun !== true;
}

/** Of a workflow that begins. */
export function newChain(input: OrgSyncInput, nowMs: number): ChainState {
  return { input, kind: input.hinted === true ? 'hinted' : 'asked', pending: noHints(nowMs) };
}
