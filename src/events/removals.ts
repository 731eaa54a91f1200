import { mustHold, type RemovalGuard } from './removal-guard.js';
import { mustAskBeforeHiding } from './visibility.js';

/** Luma's word about one event that a complete listing did not show. */
export type Verdict = 'canceled' | 'no-longer-managed' | 'kept' | 'unresolved';

/** An event that goes: why, and whether a person has said that it may. */
export interface Leaving {
  lumaEventId: string;
  reason: 'canceled' | 'no-longer-managed' | 'no-longer-listed' | 'not-public';
  approved: boolean;
}

/** Complete listings in a row that lack an event which Luma cannot be asked for, before it goes. */
export const MISSES_TO_GO = 2;

export function isGone(verdict: Verdict | undefined): verdict is 'canceled' | 'no-longer-managed' {
  return verdict === 'canceled' || verdict === 'no-longer-managed';
}

/** What removals are weighed against. */
export interface RemovalScale {
  /** How many events the organization has. */
  total: number;
  /** Removals that wait for a person and are not in question now, because a window leaves them out. */
  waitingElsewhere: number;
  /** In question, and without Luma's word in this sync: they may all be gone as well. */
  undecided: number;
  /** The listing cannot have been whole: it showed nothing, or lacked an event that Luma still has. */
  listingInDoubt: boolean;
}

/**
 * Which events go now and which wait for a person. The guard counts those that nobody approved; what a person
 * approved, and Luma has confirmed again, goes in any case. A listing in doubt is no word about the events that
 * nothing but the listing speaks of. Events that are no longer public are weighed by themselves.
 */
export function divideLeaving(
  leaving: readonly Leaving[],
  { total, waitingElsewhere, undecided, listingInDoubt }: RemovalScale,
  guard: RemovalGuard,
): { going: Leaving[]; waiting: Leaving[] } {
  const unapproved = leaving.filter(({ approved }) => !approved);
  const hiding = unapproved.filter(({ reason }) => reason === 'not-public').length;
  const removing = unapproved.length - hiding;
  const holdsRemovals = removing > 0 && mustHold(removing + waitingElsewhere + undecided, total, guard);
  const holdsHiding = mustAskBeforeHiding(hiding, total);
  const goes = ({ approved, reason }: Leaving) => {
    if (approved) return true;
    if (reason === 'not-public') return !holdsHiding;
    return !holdsRemovals && !(listingInDoubt && reason === 'no-longer-listed');
  };
  return { going: leaving.filter(goes), waiting: leaving.filter((one) => !goes(one)) };
}
