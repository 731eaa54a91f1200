import { sleep } from '@temporalio/workflow';
import { workflowFailure } from './failures.js';

/** Longer than this is no pause: a person has to look. */
const MAX_PAUSE_MS = 15 * 60_000;
/** So many pauses in a row without one request getting through, and waiting is not the answer. */
const MAX_PAUSES_IN_A_ROW = 5;

/** What a sync shows while it sleeps. */
export interface PauseView {
  waitedMs: number;
  pausedUntil?: string;
  pauseReason?: string;
}

/**
 * Durable sleeps that Luma asks for.
 * @throws LumaRateLimitStuck as an ApplicationFailure
 */
export class Pauses {
  private inARow = 0;

  constructor(
    private readonly view: PauseView,
    private readonly onChange: () => void,
  ) {}

  /** A request was answered: what follows is a pause of its own. */
  gotThrough(): void {
    this.inARow = 0;
  }

  async forLuma(pauseMs: number): Promise<void> {
    this.inARow++;
    if (pauseMs > MAX_PAUSE_MS) {
      const minutes = Math.round(pauseMs / 60_000);
      throw stuck(`Luma asks for a pause of ${minutes} min, more than 15 min`);
    }
    if (this.inARow > MAX_PAUSES_IN_A_ROW) {
      throw stuck(`paused ${MAX_PAUSES_IN_A_ROW} times in a row and no request got through`);
    }
    await this.pause(pauseMs, `Luma asks for a pause: ${seconds(pauseMs)} s`);
  }

  async bySetting(pauseMs: number, what: string): Promise<void> {
    await this.pause(pauseMs, `${what}: ${seconds(pauseMs)} s`);
  }

  private async pause(pauseMs: number, summary: string): Promise<void> {
    this.view.pausedUntil = new Date(Date.now() + pauseMs).toISOString();
    this.view.pauseReason = summary;
    this.onChange();
    try {
      await sleep(pauseMs, { summary });
      this.view.waitedMs += pauseMs;
    } finally {
      delete this.view.pausedUntil;
      delete this.view.pauseReason;
      this.onChange();
    }
  }
}

function stuck(message: string) {
  return workflowFailure({ type: 'LumaRateLimitStuck', message });
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}
