import type { OrgSyncInput, OrgSyncResult } from './contract.js';
import type { Followed } from './sync-chain.js';
import type { OrgSyncState } from './org-sync-state.js';
import { type SyncMeans, SyncOrder } from './sync-order.js';

export interface HintedMeans extends SyncMeans {
  /** Waits for more hints, in a burst of them. Parameters as of SyncChain.gather. */
  gather: (sinceMs: number, isAgain?: boolean) => Promise<void>;
  /** The events to look at: they are this sync's from now on. */
  takeIds: () => string[];
  /** These were asked for. */
  followed: (ids: readonly string[], how: Followed) => void;
}

/**
 * The order of a sync of single events: opens the calendar while more hints are gathered; asks for the events and
 * carries out what Luma says of them; closes with a report.
 */
export class HintedSync extends SyncOrder {
  constructor(
    input: OrgSyncInput,
    state: OrgSyncState,
    private readonly hints: HintedMeans,
  ) {
    super(input, state, hints);
  }

  protected override async walk(): Promise<OrgSyncResult> {
    const { state } = this;
    const sinceMs = this.means.now();
    const isGathered = state.hintedIds !== undefined;
    const gathering = isGathered ? undefined : this.hints.gather(sinceMs);
    try {
      state.calendarId ??= await this.open();
    } finally {
      await gathering;
      // A burst may have shown itself while the calendar was opened.
      if (!isGathered) await this.hints.gather(sinceMs, true);
      // Also where opening fails: what was gathered is this sync's, and fails with it.
      state.hintedIds ??= this.hints.takeIds();
    }
    await this.follow(state.hintedIds);
    return await this.complete(state.calendarId);
  }

  private async follow(ids: string[]): Promise<void> {
    const { progress, state } = this;
    progress.phase = 'hints';
    progress.detailsDue = ids.length;
    while (ids.length > 0) {
      this.means.onChange();
      const failedInARow = state.inARow.failures;
      const followed = await this.means.activities.followHints({ ...this.ids, hintedIds: ids, failedInARow });
      const gotThrough = followed.asked > progress.detailsAsked;
      progress.requests += followed.requests;
      progress.detailsAsked = followed.asked;
      if (followed.complete) {
        progress.events = followed.events;
        progress.unresolved = followed.unresolved;
        this.hints.followed(ids, followed);
        return;
      }
      await this.pauses.after(followed, gotThrough);
      await this.continueWhenLong();
    }
  }
}
