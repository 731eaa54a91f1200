import { type Db, ObjectId } from 'mongodb';
import type { HeldRemovalDoc, OrgSyncState, SyncRunDoc } from '../../../src/mongo/documents.js';
import { eventDoc } from '../../read/support/events.js';

const HOUR_MS = 3_600_000;

/** An organization as its last sync left it. */
export async function addOrganization(
  db: Db,
  id: string,
  name: string,
  { hoursAgo = 2, ...state }: Partial<OrgSyncState> & { hoursAgo?: number | null } = {},
): Promise<void> {
  const at = hoursAgo === null ? undefined : new Date(Date.now() - hoursAgo * HOUR_MS);
  const succeeded = at === undefined ? {} : { lastSuccessAt: at };
  await db.collection<{ _id: string }>('organizations').insertOne({
    ...{ _id: id, name, lumaApiKey: `sealed:v1:canary:${id}` },
    ...(at === undefined ? {} : { eventsLastSynced: at }),
    lumaSync: {
      ...{ state: 'ok', lastAttemptAt: at ?? new Date(), consecutiveFailures: 0 },
      ...succeeded,
      ...state,
    },
  } as { _id: string });
}

/** Syncs of an organization, one a day. @param days how each one ended, the last one today; `null`: there was none */
export async function addRuns(
  db: Db,
  orgId: string,
  days: readonly ({ changed: number } | 'failed' | null)[],
): Promise<void> {
  const events = { seen: 90, inserted: 0, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 };
  const docs = days.flatMap((day, index): SyncRunDoc[] => {
    if (day === null) return [];
    const startedAt = new Date(Date.now() - (days.length - 1 - index) * 24 * HOUR_MS);
    const finishedAt = new Date(startedAt.getTime() + 2_000);
    return [
      {
        ...{ _id: new ObjectId().toHexString(), kind: 'org', orgId, workflowId: `luma-org-sync/${orgId}` },
        ...{ startedAt, finishedAt, requests: 3, waitedMs: 0 },
        ...(day === 'failed' ? { state: 'failed' } : { state: 'complete', events: { ...events, ...day } }),
      },
    ];
  });
  await db.collection<SyncRunDoc>('sync_runs').insertMany(docs);
}

/** Events that are stored, and whose removal is held back. */
export async function addRemovals(db: Db, orgId: string, titles: readonly string[]): Promise<void> {
  const events = titles.map((title, index) => eventDoc(`evt-${orgId}-${index}`, { orgId, title }));
  const heldAt = new Date(Date.now() - 5 * HOUR_MS);
  await db.collection('events').insertMany(events);
  await db.collection<HeldRemovalDoc>('held_removals').insertMany(
    events.map(({ lumaEventId, title, startAt }) => ({
      ...{ _id: new ObjectId(), orgId, lumaEventId, title, startAt, heldAt },
      ...{ reason: 'canceled', decision: 'waiting' },
    })),
  );
}

/** An entry that could not be trusted. */
export async function addQuarantined(
  db: Db,
  orgId: string,
  lumaEventId: string,
  problems: { path: string; problem: string }[],
): Promise<void> {
  const seenAt = new Date(Date.now() - 30 * HOUR_MS);
  await db.collection('quarantined_entries').insertOne({
    ...{ orgId, source: 'listing', entryKey: lumaEventId, lumaEventId, problems },
    values: { id: lumaEventId, start_at: '2027-02-30T18:00:00Z' },
    ...{ firstSeenAt: seenAt, lastSeenAt: seenAt, lastSeenIn: 'sync' },
  });
}

/** An organization for each way to stand, with all that can wait for somebody. */
export async function addEverything(db: Db): Promise<void> {
  const daily = (changed: (day: number) => number) =>
    Array.from({ length: 30 }, (_, day) => ({ changed: changed(day) }));
  await addOrganization(db, 'harbour', 'Harbour Makers Guild', { removalsHeld: 3 });
  await addRuns(
    db,
    'harbour',
    daily((day) => (day * 7) % 23),
  );
  await addRemovals(db, 'harbour', ['Sailing for beginners', 'Knots & Ropes <b>', 'Night Fishing']);
  await addOrganization(db, 'compiler', 'Café Compiler', {
    drift: [
      'description_md vanished',
      'start_at changed from string to number',
      'visibility has the new value hidden',
    ],
  });
  await addRuns(
    db,
    'compiler',
    daily((day) => (day % 6 === 0 ? 60 : 0)),
  );
  const reason = 'LumaKeyRejected: Luma does not accept the key (401 on /v1/calendars/get)';
  await addOrganization(db, 'night', 'Night Shift Musicians', {
    ...{ hoursAgo: 75, state: 'failed', consecutiveFailures: 3, reason },
  });
  await addRuns(db, 'night', [...daily((day) => day).slice(3), 'failed', 'failed', 'failed']);
  await addOrganization(db, 'garden', 'Garden Friends of the Upper Valley and its Neighbouring Villages', {
    hoursAgo: 50,
  });
  await addRuns(db, 'garden', [...daily((day) => 40 - day).slice(2), null, null]);
  await addOrganization(db, 'new', 'Brand New Society', { hoursAgo: null });
  await addQuarantined(db, 'garden', 'evt-garden-1', [
    { path: 'start_at', problem: 'impossible-date' },
    { path: 'name', problem: 'missing' },
  ]);
}
