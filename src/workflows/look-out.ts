import { CancellationScope, condition, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { looks } from './activities.js';
import { orgSyncWorkflowId } from './contract.js';
import type { FullSyncView } from './full-details.js';
import { counted } from './summaries.js';

/** The first look comes after this, the others ever less often: most full syncs are over before. */
const FIRST_AFTER_MS = 20_000;
const LONGEST_BETWEEN_MS = 5 * 60_000;
/** Syncs that are looked at: those that have run for the longest time. */
const MOST = 50;

/** Looks now and then at what holds up the syncs that a full sync runs: Temporal tells their parent nothing of it. */
export class LookOut {
  /** What the last look has found. */
  found: Pick<FullSyncView, 'obstacles' | 'lookedAt'> = { obstacles: [], lookedAt: null };
  private over = false;

  /** @param running the organizations that are being synced, in the order of their starts */
  constructor(
    private readonly running: () => readonly string[],
    private readonly onLook: () => void,
  ) {}

  end(): void {
    this.over = true;
  }

  /** Until the end. Never rejects for a look that failed: the next one comes. */
  async run(): Promise<void> {
    const { taskQueue } = workflowInfo();
    await CancellationScope.nonCancellable(async () => {
      for (let ms = FIRST_AFTER_MS; ; ms = Math.min(2 * ms, LONGEST_BETWEEN_MS)) {
        if (await condition(() => this.over, ms, { summary: 'Until the next look at syncs that run' }))
          return;
        const syncs = this.running()
          .slice(0, MOST)
          .map((orgId) => ({ orgId, workflowId: orgSyncWorkflowId(orgId, taskQueue) }));
        if (syncs.length === 0) continue;
        try {
          const summary = `what holds up ${counted(syncs.length, 'running sync')}`;
          this.found = await looks.findObstacles.executeWithOptions({ summary }, [{ syncs }]);
        } catch (error) {
          if (!(error instanceof TemporalFailure)) throw error;
        }
        this.onLook();
      }
    });
  }
}
