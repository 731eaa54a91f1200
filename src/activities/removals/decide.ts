import type { RemovalGuard } from '../../events/removal-guard.js';
import { divideLeaving, isGone, type Leaving, MISSES_TO_GO } from '../../events/removals.js';
import type { NewHeldRemoval } from '../../mongo/held-removals.js';
import type { RemovalQuestion } from './question.js';

/** What is to become of the events in question. */
export interface RemovalDecision {
  going: Leaving[];
  /** Wait for a person. */
  held: NewHeldRemoval[];
  /** Not listed by this complete listing, and nothing else speaks of them: ids. */
  missed: string[];
  /** Nothing decides about them: kept, looked at again in the next sync. */
  unresolved: number;
}

/** Decides by what Luma said and persons decided, as far as both are known. */
export function decideRemovals(
  question: RemovalQuestion,
  syncId: string,
  guard: RemovalGuard,
): RemovalDecision {
  const { askable, unaskable, hidden, verdicts, whole } = question;
  const lacksWhatIsThere = whole && askable.some(({ lumaEventId }) => verdicts.get(lumaEventId) === 'kept');
  const listingInDoubt = question.emptyListing || question.namelessEntries || lacksWhatIsThere;
  const undecided = askable.filter(({ lumaEventId }) => verdicts.get(lumaEventId) === 'unresolved').length;
  // A doubtful listing, or a window, is no word about events that nothing but the listing speaks of.
  const missed = whole && !listingInDoubt ? unaskable.map(({ lumaEventId }) => lumaEventId) : [];
  const leaving = whoLeaves(question, syncId, { missed: new Set(missed) });
  const { going, waiting } = divideLeaving(leaving, { ...question, undecided, listingInDoubt }, guard);

  const byId = new Map([...askable, ...unaskable, ...hidden].map((event) => [event.lumaEventId, event]));
  // Where asking ended early, the rest is as much in question.
  const notAsked = askable.filter(({ lumaEventId }) => !verdicts.has(lumaEventId));
  const held = [
    ...waiting.flatMap(({ lumaEventId, reason }): NewHeldRemoval[] => {
      const event = byId.get(lumaEventId);
      return event === undefined ? [] : [{ ...heldFields(event), reason }];
    }),
    ...notAsked.map((event): NewHeldRemoval => ({ ...heldFields(event), reason: 'not-asked' })),
  ];
  return { going, held, missed, unresolved: undecided + (whole ? 0 : unaskable.length) };
}

function whoLeaves(
  { askable, unaskable, hidden, verdicts, approved, states, whole }: RemovalQuestion,
  syncId: string,
  { missed }: { missed: ReadonlySet<string> },
): Leaving[] {
  const confirmed = askable.flatMap(({ lumaEventId }): Leaving[] => {
    const verdict = verdicts.get(lumaEventId);
    return isGone(verdict) ? [{ lumaEventId, reason: verdict, approved: approved.has(lumaEventId) }] : [];
  });
  const unlisted = unaskable.flatMap(({ lumaEventId }): Leaving[] => {
    const before = states.get(lumaEventId)?.missedIn ?? [];
    const misses = new Set([...before, ...(missed.has(lumaEventId) ? [syncId] : [])]);
    const isApproved = approved.has(lumaEventId);
    // What a window lacks may have moved out of it, and Luma cannot be asked: only a whole listing tells.
    return misses.size >= MISSES_TO_GO && (whole || isApproved)
      ? [{ lumaEventId, reason: 'no-longer-listed', approved: isApproved }]
      : [];
  });
  const notPublic = hidden.map(({ lumaEventId }): Leaving => {
    return { lumaEventId, reason: 'not-public', approved: approved.has(lumaEventId) };
  });
  return [...confirmed, ...unlisted, ...notPublic];
}

function heldFields({ lumaEventId, title, startAt }: Omit<NewHeldRemoval, 'reason'>) {
  return { lumaEventId, title, startAt };
}
