/** Luma's ids of events: `evt-…`, and `calev-…` for events of other sites. Bounded as in an entry (luma/mapping.ts). */
const EVENT_ID = /^(?:evt|calev)-[A-Za-z0-9_-]{1,120}$/;

export function isEventId(value: unknown): value is string {
  return typeof value === 'string' && EVENT_ID.test(value);
}

/** Whether Luma may have an answer about this event alone. Of the others only a listing tells. */
export function canBeAskedFor(eventId: string): boolean {
  return eventId.startsWith('evt-');
}
