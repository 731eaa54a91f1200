/** When an event's details (`events/get`, the only source of descriptions) are asked for. */
export interface DetailsState {
  /** When Luma was last asked. */
  detailsAt?: Date;
  /** The listing changed then. */
  dueAt?: Date;
}

/** Why details are to be asked for: never asked or changed since, or only grown old. `null`: they are not. */
export type DetailsReason = 'news' | 'age';

/**
 * New events, events whose listing changed since they were asked for, and upcoming ones whose details have grown old:
 * a description can change without a trace in the listing.
 */
export function whyDetailsAreDue(
  { detailsAt, dueAt }: DetailsState,
  startAt: Date,
  { now, maxAgeMs }: { now: Date; maxAgeMs: number },
): DetailsReason | null {
  if (detailsAt === undefined || (dueAt !== undefined && dueAt > detailsAt)) return 'news';
  return startAt >= now && now.getTime() - detailsAt.getTime() > maxAgeMs ? 'age' : null;
}

export interface DueDetails {
  lumaEventId: string;
  startAt: Date;
  reason: DetailsReason;
}

/**
 * News before age, so that a calendar with more upcoming events than a sync's budget comes to its end; then soonest
 * first: what is upcoming in order of start, then what is past, the latest first.
 */
export function inOrderOfUse(now: Date): (a: DueDetails, b: DueDetails) => number {
  return (a, b) => {
    if (a.reason !== b.reason) return a.reason === 'news' ? -1 : 1;
    const [pastA, pastB] = [a.startAt < now, b.startAt < now];
    if (pastA !== pastB) return pastA ? 1 : -1;
    const order = a.startAt.getTime() - b.startAt.getTime();
    return pastA ? -order : order;
  };
}
