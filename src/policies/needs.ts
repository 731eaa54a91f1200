/** When an organization needs a person, told by what is stored of it. Pure. */

/**
 * `key-rejected`: Luma accepts the key no more, or refuses the calendar or its feed. `calendar-changed`: the key opens, or
 * the feed is of, another calendar. `removals-held`: so many events would go that somebody has to decide. `quarantine`: entries cannot be
 * trusted. `stale`: no sync has succeeded for a day.
 */
export type Need = 'key-rejected' | 'calendar-changed' | 'removals-held' | 'quarantine' | 'stale';

export const NEEDS: readonly Need[] = [
  ...(['key-rejected', 'calendar-changed', 'removals-held', 'quarantine', 'stale'] as const),
];

/** How an organization stands. */
export interface Standing {
  /** Why the last sync did not succeed, `Type: message`; absent: it did. */
  reason?: string;
  lastSuccessAt?: Date;
  consecutiveFailures: number;
  /** Removals that wait for a decision. */
  removalsHeld: number;
  /** Entries in quarantine. */
  quarantined: number;
}

/** A sync a day that fails is told on that day, an hour of tries included. */
const STALE_AFTER_MS = 24 * 3_600_000;

/**
 * @param told what somebody was told of already: a failure that says nothing about the key or the calendar ends neither
 */
export function needsOf(standing: Standing, told: readonly Need[], now: Date): Need[] {
  const { reason, removalsHeld, quarantined } = standing;
  const needs = new Set<Need>();
  if (reason !== undefined) {
    const type = reason.split(':', 1)[0] ?? '';
    const found = FROM_FAILURE[type];
    if (found !== undefined) needs.add(found);
    else for (const need of told) if (need === 'key-rejected' || need === 'calendar-changed') needs.add(need);
    if (isStale(standing, now) || (told.includes('stale') && type === 'Canceled')) needs.add('stale');
  }
  if (removalsHeld > 0) needs.add('removals-held');
  if (quarantined > 0) needs.add('quarantine');
  return NEEDS.filter((need) => needs.has(need));
}

const FROM_FAILURE: Partial<Record<string, Need>> = {
  LumaKeyRejected: 'key-rejected',
  LumaForbidden: 'key-rejected',
  LumaCalendarChanged: 'calendar-changed',
};

function isStale({ lastSuccessAt, consecutiveFailures }: Standing, now: Date): boolean {
  if (lastSuccessAt === undefined) return consecutiveFailures > 1;
  return now.getTime() - lastSuccessAt.getTime() > STALE_AFTER_MS;
}
