import type { Collection, Document, Filter } from 'mongodb';
import type { Collections } from './collections.js';
import type { OrganizationDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

/** What the removal of an organization came to. */
export interface RemovedOrganization {
  /** Documents that were deleted. */
  events: number;
  removedEvents: number;
  /** What syncs had noted about events: removals held back, quarantine, states, staged pages, reports. */
  records: number;
  /**
   * `deleted`: the organization's document. `kept`: it has fields of the application's own, and lost those that
   * luma-sync writes.
   */
  document: 'deleted' | 'kept';
}

/** What `orgs add` and syncs write into the document of an organization, or read from it. */
const OWN_FIELDS = new Set([
  ...['_id', 'name', 'lumaApiKey', 'lumaCalendarUrl', 'lumaIcalUrl', 'lumaTimezone', 'lumaVisibility'],
  ...['eventsLastSynced', 'lumaSync', 'lumaWebhook'],
]);
const SOURCES = { lumaApiKey: '', lumaIcalUrl: '', lumaWebhook: '' } as const;
const WRITTEN = { ...SOURCES, eventsLastSynced: '', lumaSync: '' } as const;

/**
 * Removes an organization and what is kept of it; decisions stay, as they always do. Its key and its feed's address go first, so that no
 * sync can begin, then its fence, so that one that stood still writes nothing any more, and its document last: where
 * this was cut off, it can be repeated.
 * @throws StoreUnavailable
 */
export async function removeOrganization(
  collections: Collections,
  _id: OrgId,
  { keepEvents }: { keepEvents: boolean },
): Promise<RemovedOrganization> {
  const { organizations, events, removedEvents, syncFences, calendarShapes } = collections;
  const { heldRemovals, quarantinedEntries, eventStates, stagedPages, syncRuns } = collections;
  return await guarded('remove organization', async () => {
    await organizations.updateOne({ _id }, { $unset: SOURCES });
    await syncFences.deleteOne({ _id });
    const removed = { events: 0, removedEvents: 0, records: 0 };
    if (!keepEvents) {
      removed.events = await deleteOf(events, _id);
      removed.removedEvents = await deleteOf(removedEvents, _id);
    }
    for (const records of [heldRemovals, quarantinedEntries, eventStates, stagedPages, syncRuns]) {
      removed.records += await deleteOf(records as unknown as Collection<{ orgId: OrgId }>, _id);
    }
    removed.records += (await calendarShapes.deleteOne({ _id })).deletedCount;
    return { ...removed, document: await removeDocument(organizations, _id) };
  });
}

async function deleteOf<T extends { orgId: OrgId }>(
  collection: Collection<T>,
  orgId: OrgId,
): Promise<number> {
  return (await collection.deleteMany({ orgId } as unknown as Filter<T>)).deletedCount;
}

async function removeDocument(
  organizations: Collection<OrganizationDoc>,
  _id: OrgId,
): Promise<RemovedOrganization['document']> {
  const doc: Document = (await organizations.findOne({ _id }, { projection: { lumaApiKey: 0 } })) ?? {};
  if (Object.keys(doc).every((field) => OWN_FIELDS.has(field))) {
    await organizations.deleteOne({ _id });
    return 'deleted';
  }
  await organizations.updateOne({ _id }, { $unset: WRITTEN });
  return 'kept';
}
