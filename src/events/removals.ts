import { mustHold, type RemovalGuard } from './removal-guard.js';
import { mustAskBeforeHiding } from './visibility.js';
import type { EventState } from './event-state.js';

/**
 * Luma's word about one event that a complete listing did not show. `refused` is none: the key is refused every event that
 * it does not manage, and so far only the calendar's feed has shown this one.
 */
export type Verdict = 'canceled' | 'no-longer-managed' | 'kept' | 'refused' | 'unresolved';

/** An event that goes: why, and whether a person has said that it may. */
export interface Leaving {
  lumaEventId: string;
  reason: 'canceled' | 'no-longer-managed' | 'no-longer-listed' | 'not-public';
  approved: boolean;
}

/** Complete listings in a row that lack an event which Luma cannot be asked for, before it goes. */
const MISSES_TO_GO = 2;

function isGone(verdict: Verdict | undefined): verdict is 'canceled' | 'no-longer-managed' {
  return verdict === 'canceled' || verdict === 'no-longer-managed';
}

/** Enough of a stored event to decide on its removal. */
export interface ExpectedEvent {
  lumaEventId: string;
  title: string;
  startAt: Date;
  platform: string;
  /** It was read in the calendar's feed last. Absent: in a listing of the API. */
  source?: 'ical';
}

/** A removal that waits for a person. */
export interface NewHeldRemoval extends Pick<ExpectedEvent, 'lumaEventId' | 'title' | 'startAt'> {
  /** `not-asked`: enough others were gone already. */
  reason: Leaving['reason'] | 'not-asked';
}

/** Stored events that a complete listing calls into question, and what is known of them so far. */
export interface RemovalQuestion {
  /** Not listed, and Luma can be asked for each alone. Those that a person approved come first. */
  askable: ExpectedEvent[];
  /** Not listed: external ones, those that another calendar manages, those refused, and all where there is a feed only. */
  notAskable: ExpectedEvent[];
  /** Luma shows them as not for the organization's readers. */
  hidden: ExpectedEvent[];
  /** Of all three: a person has said that they may go. */
  approved: ReadonlySet<string>;
  /** Of all three: a person was asked, and has not answered. */
  asked: ReadonlySet<string>;
  /** What is remembered of the notAskable ones. */
  states: ReadonlyMap<string, EventState>;
  /** Luma's word so far, of this sync. */
  verdicts: Map<string, Verdict>;
  /** Batches of answers staged so far. */
  batches: number;
  /** How many events the organization has. */
  total: number;
  /** Removals that wait for a person and are not in question here. */
  waitingElsewhere: number;
  /** Events that went without a person's word since one last looked. */
  goneUnseen: number;
  /** Of the approved ones, those that this sync has removed already. */
  goneApproved: number;
  /** The listing had no window: what it lacks is nowhere in the calendar. */
  whole: boolean;
  /** The listing showed nothing at all. */
  emptyListing: boolean;
  /** The listing showed entries without an id: each may be any event. */
  namelessEntries: boolean;
}

/** What is to become of the events in question. */
export interface RemovalDecision {
  going: Leaving[];
  /** Wait for a person. */
  held: NewHeldRemoval[];
  /** Not listed by this complete listing, and nothing else speaks of them: ids of those for which it has to be counted. */
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
  const { askable, notAskable, hidden, verdicts, whole, approved } = question;
  const lacksWhatIsThere = whole && askable.some(({ lumaEventId }) => verdicts.get(lumaEventId) === 'kept');
  const listingInDoubt = question.emptyListing || question.namelessEntries || lacksWhatIsThere;
  const unresolved = askable.filter(({ lumaEventId }) => verdicts.get(lumaEventId) === 'unresolved').length;
  // A doubtful listing, or a window, is no word about events that nothing but the listing speaks of.
  const absent = whole && !listingInDoubt ? notAskable.map(({ lumaEventId }) => lumaEventId) : [];
  const missed = absent.filter((id) => missesOf(question, id).length < MISSES_TO_GO);
  const leaving = whoLeaves(question, syncId, { missed: new Set(missed) });
  const isLeaving = new Set(leaving.map(({ lumaEventId }) => lumaEventId));
  const goNext = missed.filter((id) => !isLeaving.has(id) && !approved.has(id));
  const scale = { ...question, unresolved, listingInDoubt, goNext: goNext.length };
  const { going, waiting, holdsRemovals } = divideLeaving(leaving, scale, guard);

  const byId = new Map([...askable, ...notAskable, ...hidden].map((event) => [event.lumaEventId, event]));
  const heldAs = (lumaEventId: string, reason: NewHeldRemoval['reason']): NewHeldRemoval[] => {
    const event = byId.get(lumaEventId);
    return event === undefined ? [] : [{ ...heldFields(event), reason }];
  };
  // Where asking ended early, the rest is as much in question.
  const notAsked = askable.filter(({ lumaEventId }) => !verdicts.has(lumaEventId));
  const held = [
    ...waiting.flatMap(({ lumaEventId, reason }) => heldAs(lumaEventId, reason)),
    ...notAsked.map((event): NewHeldRemoval => ({ ...heldFields(event), reason: 'not-asked' })),
    // A person who looks sees all that has vanished, also what would go with the next listing only.
    ...(holdsRemovals ? goNext.flatMap((id) => heldAs(id, 'no-longer-listed')) : []),
  ];
  return { going, held, missed, unresolved: unresolved + (whole && !listingInDoubt ? 0 : notAskable.length) };
}

/** Whether so many are gone that nothing more has to be asked: a person decides in any case. */
export function isEnoughToHold(
  { verdicts, approved, waitingElsewhere, goneUnseen, total }: RemovalQuestion,
  guard: RemovalGuard,
): boolean {
  const gone = [...verdicts].filter(([id, verdict]) => isGone(verdict) && !approved.has(id)).length;
  return gone > 0 && mustHold(gone + waitingElsewhere + goneUnseen, total + goneUnseen, guard);
}

function whoLeaves(
  { askable, notAskable, hidden, verdicts, approved, states, whole }: RemovalQuestion,
  syncId: string,
  { missed }: { missed: ReadonlySet<string> },
): Leaving[] {
  const confirmed = askable.flatMap(({ lumaEventId }): Leaving[] => {
    const verdict = verdicts.get(lumaEventId);
    return isGone(verdict) ? [{ lumaEventId, reason: verdict, approved: approved.has(lumaEventId) }] : [];
  });
  const absent = notAskable.flatMap(({ lumaEventId }): Leaving[] => {
    const misses = new Set([
      ...missesOf({ states }, lumaEventId),
      ...(missed.has(lumaEventId) ? [syncId] : []),
    ]);
    const isApproved = approved.has(lumaEventId);
    // What a window lacks may have moved out of it, and Luma cannot be asked: only a whole listing tells.
    return misses.size >= MISSES_TO_GO && (whole || isApproved)
      ? [{ lumaEventId, reason: 'no-longer-listed', approved: isApproved }]
      : [];
  });
  const notPublic = hidden.map(({ lumaEventId }): Leaving => {
    return { lumaEventId, reason: 'not-public', approved: approved.has(lumaEventId) };
  });
  return [...confirmed, ...absent, ...notPublic];
}

function missesOf({ states }: Pick<RemovalQuestion, 'states'>, lumaEventId: string): readonly string[] {
  return states.get(lumaEventId)?.missedIn ?? [];
}

function heldFields({ lumaEventId, title, startAt }: Omit<NewHeldRemoval, 'reason'>) {
  return { lumaEventId, title, startAt };
}

/** What removals are weighed against. */
interface RemovalScale extends Pick<
  RemovalQuestion,
  'asked' | 'total' | 'waitingElsewhere' | 'goneUnseen' | 'goneApproved'
> {
  /** In question, and without Luma's word in this sync: they may all be gone as well. */
  unresolved: number;
  /** Not listed for the first time, and not to be asked for: they would go with the next listing. */
  goNext: number;
  /** The listing cannot have been whole: it showed nothing, or lacked an event that Luma still has. */
  listingInDoubt: boolean;
}

/**
 * Which events go now and which wait for a person. What a person approved, and Luma has confirmed again, goes; what a
 * person was asked about waits for the answer. For the others the guard counts all that has vanished since a person
 * last looked: with what is approved, so that an approval takes nothing along, and with what went before. A listing in
 * doubt is no word about the events that nothing but the listing speaks of. Events that are no longer public are
 * weighed by themselves.
 */
function divideLeaving(
  leaving: readonly Leaving[],
  scale: RemovalScale,
  guard: RemovalGuard,
): { going: Leaving[]; waiting: Leaving[]; holdsRemovals: boolean } {
  const { asked, total, waitingElsewhere, goneUnseen, goneApproved, unresolved, goNext } = scale;
  const hiding = leaving.filter(({ reason }) => reason === 'not-public');
  const removing = leaving.filter(({ reason }) => reason !== 'not-public');
  const before = goneUnseen + goneApproved;
  const vanished = removing.length + before + waitingElsewhere + unresolved + goNext;
  const holdsRemovals =
    removing.some(({ approved }) => !approved) && mustHold(vanished, total + before, guard);
  const holdsHiding = mustAskBeforeHiding(hiding.filter(({ approved }) => !approved).length, total);
  const goes = ({ lumaEventId, approved, reason }: Leaving) => {
    if (approved) return true;
    if (asked.has(lumaEventId)) return false;
    if (reason === 'not-public') return !holdsHiding;
    return !holdsRemovals && !(scale.listingInDoubt && reason === 'no-longer-listed');
  };
  return {
    going: leaving.filter(goes),
    waiting: leaving.filter((one) => !goes(one)),
    holdsRemovals,
  };
}
