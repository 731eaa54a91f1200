import { pauseAfterRepeats, whyStuck } from '../policies/pause.js';
import { backoff, MAX_TRIES_IN_A_ROW } from '../policies/unreachable.js';
import { workflowFailure } from './failures.js';

/** What a sync shows while it sleeps. */
export interface PauseView {
  waitedMs: number;
  pausedUntil?: string;
  pauseReason?: string;
}

/** How a call that asked Luma wants to be followed: see activities/wait.ts. */
export interface Wait {
  pauseMs: number;
  trouble?: string;
}

/** Waits in a row without a request getting through; carried into a new run. */
export interface WaitsInARow {
  pauses: number;
  failures: number;
}

export interface PauseMeans {
  /** Durable. */
  sleep: (ms: number, summary: string) => Promise<void>;
  now: () => number;
  /** 0 to 1. */
  random: () => number;
  onChange: () => void;
}

/**
 * The one policy for waiting: for pauses that Luma asks for, and for a Luma that cannot be reached. Durable sleeps, so
 * that a restart of the worker forgets nothing, and anybody can see in Temporal what is being waited for.
 */
export class Pauses {
  constructor(
    readonly inARow: WaitsInARow,
    private readonly view: PauseView,
    private readonly means: PauseMeans,
  ) {}

  /**
   * Waits as a call asked for, if it did.
   * @param gotThrough a request was answered: what follows is a wait of its own
   * @throws LumaRateLimitStuck, LumaUnavailable as ApplicationFailures
   */
  async after({ pauseMs, trouble }: Wait, gotThrough: boolean): Promise<void> {
    const { inARow } = this;
    if (gotThrough) {
      inARow.pauses = 0;
      inARow.failures = 0;
    }
    if (trouble !== undefined) await this.forOutage(trouble, pauseMs);
    else if (pauseMs > 0) await this.forLuma(pauseMs);
  }

  async bySetting(pauseMs: number, what: string): Promise<void> {
    await this.pause(pauseMs, `${what}: ${seconds(pauseMs)} s`);
  }

  private async forLuma(askedMs: number): Promise<void> {
    const times = ++this.inARow.pauses;
    const why = whyStuck(askedMs, times);
    if (why !== null) throw workflowFailure({ type: 'LumaRateLimitStuck', message: why });
    // Two calendars' users that wait for the same block do not wake up in step.
    const pauseMs = pauseAfterRepeats(askedMs, times, times === 1 ? 0 : this.means.random());
    await this.pause(pauseMs, `Luma asks for a pause: ${seconds(pauseMs)} s`);
  }

  private async forOutage(trouble: string, announcedMs: number): Promise<void> {
    const failures = ++this.inARow.failures;
    if (failures >= MAX_TRIES_IN_A_ROW) {
      throw workflowFailure({ type: 'LumaUnavailable', message: `${trouble}, ${failures} tries in a row` });
    }
    const pauseMs = backoff(failures, announcedMs);
    await this.pause(pauseMs, `${trouble}: try ${failures + 1} in ${seconds(pauseMs)} s`);
  }

  private async pause(pauseMs: number, summary: string): Promise<void> {
    const { view, means } = this;
    view.pausedUntil = new Date(means.now() + pauseMs).toISOString();
    view.pauseReason = summary;
    means.onChange();
    try {
      await means.sleep(pauseMs, summary);
      view.waitedMs += pauseMs;
    } finally {
      delete view.pausedUntil;
      delete view.pauseReason;
      means.onChange();
    }
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}
