import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';

/** How much is kept of an organization. */
export interface OrganizationContents {
  events: number;
  /** Of those, the public ones that have not begun. */
  upcoming: number;
  removedEvents: number;
  /** Removals that wait for a person. */
  removalsWaiting: number;
  /** Entries in quarantine. */
  quarantined: number;
}

/** @throws StoreUnavailable */
export async function organizationContents(
  { events, removedEvents, heldRemovals, quarantinedEntries }: Collections,
  orgId: OrgId,
  now: Date,
): Promise<OrganizationContents> {
  const [stored, upcoming, removed, waiting, quarantined] = await guarded('count what is kept', () =>
    Promise.all([
      events.countDocuments({ orgId }),
      events.countDocuments({ orgId, startAt: { $gte: now }, visibility: 'public' }),
      removedEvents.countDocuments({ orgId }),
      heldRemovals.countDocuments({ orgId, decision: 'waiting' }),
      quarantinedEntries.countDocuments({ orgId }),
    ]),
  );
  return { events: stored, upcoming, removedEvents: removed, removalsWaiting: waiting, quarantined };
}
