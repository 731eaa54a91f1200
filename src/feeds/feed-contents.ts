import type { Db } from 'mongodb';
import type { EventDoc, OrgId, RemovalReason, RemovedEventDoc } from '../mongo/documents.js';
import { EVENT_PROJECTION, isLumaEvent, type LumaEvent, WRITTEN } from '../read/event.js';
import { findEvents } from '../read/find-events.js';
import { indexFor, type IndexKeys, readBy } from '../read/hinted.js';

export interface RemovedEvent extends LumaEvent {
  removedAt: Date;
  removalReason: RemovalReason;
}

/** Each event once, whichever of the organizations show it. Public ones only. */
export interface FeedContents {
  events: LumaEvent[];
  /** Gone in the last 30 days, and not begun long ago. */
  removed: RemovedEvent[];
}

export interface FeedRange {
  /** The ids that the organization may have; `null`: all organizations. */
  orgIds: readonly OrgId[] | null;
  /** The day that the feed is of: its beginning, UTC. */
  day: Date;
  pastDays: number;
  limit: number;
  /** Whether what is gone is shown. */
  showsRemoved: boolean;
}

const DAY_MS = 86_400_000;
const REMOVED_DAYS = 30;
const REMOVED_LIMIT = 500;

/** @throws StoreUnavailable */
export async function readFeedContents(db: Db, range: FeedRange): Promise<FeedContents> {
  const { orgIds, day, limit, showsRemoved } = range;
  const coming = await findEvents(db, {
    ...(orgIds === null ? {} : { orgs: orgIds }),
    ...{ from: day, includeRunning: true, limit },
  });
  const past = coming.events.length < limit ? await readPast(db, range, limit - coming.events.length) : [];
  const removed = showsRemoved ? await readRemoved(db, range) : [];
  const shown = eachOnce([...past, ...coming.events], ({ changedAt }) => changedAt);
  const there = new Set(shown.map(({ lumaEventId }) => lumaEventId));
  return {
    events: shown,
    removed: eachOnce(removed, ({ removedAt }) => removedAt).filter(
      ({ lumaEventId }) => !there.has(lumaEventId),
    ),
  };
}

/** What has ended: the latest ones, as far as there is room behind what is to come. */
async function readPast(db: Db, { orgIds, day, pastDays }: FeedRange, room: number): Promise<LumaEvent[]> {
  const filter = {
    ...(orgIds === null ? {} : { orgId: { $in: [...orgIds] } }),
    startAt: { $gte: daysBefore(day, pastDays), $lt: day },
    $or: [{ endAt: { $exists: false } }, { endAt: { $lte: day } }],
    ...{ visibility: 'public', ...WRITTEN },
  };
  const docs = await readBy(indexFor({ orgIds }), 'read past events', (hint) =>
    db
      .collection<EventDoc>('events')
      .find(filter, hint)
      .project<LumaEvent>({ ...EVENT_PROJECTION, _id: 0 })
      .sort({ startAt: -1, _id: -1 })
      .limit(room)
      .toArray(),
  );
  return docs.filter(isLumaEvent).toReversed();
}

/** What stopped being public is not told of: its last public state is nobody's business any more. */
async function readRemoved(db: Db, { orgIds, day, pastDays }: FeedRange): Promise<RemovedEvent[]> {
  const filter = {
    ...(orgIds === null ? {} : { orgId: { $in: [...orgIds] } }),
    removedAt: { $gte: daysBefore(day, REMOVED_DAYS) },
    ...{ startAt: { $gte: daysBefore(day, pastDays) }, visibility: 'public' },
    removalReason: { $ne: 'not-public' as const },
    ...WRITTEN,
  };
  const index: IndexKeys = orgIds === null ? { removedAt: 1 } : { orgId: 1, removedAt: 1 };
  const docs = await readBy(index, 'read removed events', (hint) =>
    db
      .collection<RemovedEventDoc>('removed_events')
      .find(filter, hint)
      .project<RemovedEvent>({ ...EVENT_PROJECTION, _id: 0, removedAt: 1, removalReason: 1 })
      .sort({ removedAt: -1, lumaEventId: 1 })
      .limit(REMOVED_LIMIT)
      .toArray(),
  );
  return docs.filter(isLumaEvent);
}

function daysBefore(day: Date, days: number): Date {
  return new Date(day.getTime() - days * DAY_MS);
}

/** Of an event that several organizations show, what changed last. */
function eachOnce<T extends LumaEvent>(events: readonly T[], changed: (event: T) => Date): T[] {
  const latest = new Map<string, T>();
  for (const event of events) {
    const other = latest.get(event.lumaEventId);
    if (other === undefined || changed(event) > changed(other)) latest.set(event.lumaEventId, event);
  }
  return events.filter((event) => latest.get(event.lumaEventId) === event);
}
