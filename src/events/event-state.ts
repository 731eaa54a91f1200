import type { DetailsState } from './details-due.js';
import type { PlaceField } from './event.js';

/** What a sync remembers about an event beside what readers see. */
export interface EventState extends DetailsState {
  /** False: Luma cannot be asked for it alone. Absent: it can. */
  managed?: boolean;
  /** Complete listings in a row that lacked it, by sync; for events that cannot be asked for. */
  missedIn?: string[];
  /** Of an event that a feed shows: fields of its place that stand as they were said before. See suggestions.ts. */
  standing?: PlaceField[];
}

/** What is to be remembered of one event, and what forgotten. */
export interface StateChange {
  lumaEventId: string;
  set?: EventState;
  unset?: (keyof EventState)[];
}
