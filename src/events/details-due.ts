/** When an event's details (`events/get`, the only source of descriptions) are asked for. */
export interface DetailsState {
  /** When Luma was last asked. */
  detailsAt?: Date;
  /** The listing changed then. */
  dueAt?: Date;
}

/**
 * New events, events whose listing changed since they were asked for, and upcoming ones whose details have grown old:
 * a description can change without a trace in the listing.
 */
export function areDetailsDue(
  { detailsAt, dueAt }: DetailsState,
  startAt: Date,
  { now, maxAgeMs }: { now: Date; maxAgeMs: number },
): boolean {
  if (detailsAt === undefined) return true;
  if (dueAt !== undefined && dueAt > detailsAt) return true;
  return startAt >= now && now.getTime() - detailsAt.getTime() > maxAgeMs;
}

/** Soonest first: what is upcoming in order of start, then what is past, the latest first. */
export function bySoonest(now: Date): (a: { startAt: Date }, b: { startAt: Date }) => number {
  return (a, b) => {
    const [pastA, pastB] = [a.startAt < now, b.startAt < now];
    if (pastA !== pastB) return pastA ? 1 : -1;
    const order = a.startAt.getTime() - b.startAt.getTime();
    return pastA ? -order : order;
  };
}
