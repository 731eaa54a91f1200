import { mustHold, type RemovalGuard } from './removal-guard.js';

/** Luma's word about one event that a complete listing did not show. */
export type Verdict = 'canceled' | 'no-longer-managed' | 'kept' | 'unresolved';

/** An event that goes: why, and whether a person has said that it may. */
export interface Leaving {
  lumaEventId: string;
  reason: 'canceled' | 'no-longer-managed' | 'no-longer-listed';
  approved: boolean;
}

/** Complete listings in a row that lack an event which Luma cannot be asked for, before it goes. */
export const MISSES_TO_GO = 2;

export function isGone(verdict: Verdict | undefined): verdict is 'canceled' | 'no-longer-managed' {
  return verdict === 'canceled' || verdict === 'no-longer-managed';
}

/**
 * Which events go now and which wait for a person. The guard counts those that nobody approved; what a person
 * approved, and Luma has confirmed again, goes in any case.
 *
 * @param held how many events the organization has
 */
export function divideLeaving(
  leaving: readonly Leaving[],
  held: number,
  guard: RemovalGuard,
): { going: Leaving[]; waiting: Leaving[] } {
  const unapproved = leaving.filter(({ approved }) => !approved);
  if (!mustHold(unapproved.length, held, guard)) return { going: [...leaving], waiting: [] };
  return { going: leaving.filter(({ approved }) => approved), waiting: unapproved };
}
