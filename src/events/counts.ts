/** What a sync did with a calendar's events. */
export interface EventCounts {
  /** Entries of the listing, quarantined ones and those not for the public included. */
  seen: number;
  inserted: number;
  changed: number;
  unchanged: number;
  removed: number;
  /** Removals held back for a person to decide. */
  held: number;
  quarantined: number;
}

export function noEvents(): EventCounts {
  return { seen: 0, inserted: 0, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 };
}

export function addCounts(a: EventCounts, b: EventCounts): EventCounts {
  const sum = noEvents();
  for (const key of Object.keys(sum) as (keyof EventCounts)[]) sum[key] = a[key] + b[key];
  return sum;
}
