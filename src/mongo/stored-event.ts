import { type Filter, ObjectId } from 'mongodb';
import type { OddEvent } from '../events/plan.js';
import { hasEventFields, usableFields } from '../events/read-fields.js';
import type { EventDoc, OrgId } from './documents.js';

/**
 * A document that is no event as this program writes them: an earlier program wrote it, or something damaged it. Once
 * Luma shows the event, every field is written, and it is one like any other.
 */
export interface TakeoverDoc extends OddEvent {
  _id: unknown;
  orgId: OrgId;
  /** Matches the document as long as it is of the revision that was read. */
  match: Filter<EventDoc>;
}

export type Stored =
  | { kind: 'ours'; doc: EventDoc }
  | { kind: 'takeover'; doc: TakeoverDoc }
  /** Of another program: never written, removed or counted. */
  | { kind: 'foreign' };

type Raw = Readonly<Record<string, unknown>>;

/**
 * What an earlier program's document must have to be an event of Luma. Wider than that would let Luma's "no such event"
 * remove what was never Luma's.
 */
const LUMA_ID = /^(?:evt|calev)-/;
const TIME_TYPES = ['date', 'number', 'string'] as const;

/**
 * Those documents of an organization that are events: for queries by `orgId` that count or gather. A document that is
 * an array where an id should be matches a query for one of its members, and is nobody's event.
 */
export const CONSIDERED = {
  $and: [
    { orgId: { $not: { $type: 'array' } }, lumaEventId: { $type: 'string', $not: { $type: 'array' } } },
    {
      $or: [
        { revision: { $gte: 1 }, changedAt: { $type: 'date' } },
        {
          lumaEventId: LUMA_ID,
          title: { $type: 'string' },
          startAt: { $type: [...TIME_TYPES] },
          url: { $type: 'string' },
        },
      ],
    },
  ],
} as Filter<EventDoc>;

/** What a document of `events` or `removed_events` is. Takes whatever may be there. */
export function readStored(raw: Raw): Stored {
  const { _id, orgId, lumaEventId, revision, createdAt, changedAt, syncedAt } = raw;
  if (typeof lumaEventId !== 'string' || lumaEventId === '') return { kind: 'foreign' };
  if (typeof orgId !== 'string' && !(orgId instanceof ObjectId)) return { kind: 'foreign' };
  const counted = isRevision(revision);
  if (counted && [createdAt, changedAt, syncedAt].every(isInstant) && hasEventFields(raw)) {
    return { kind: 'ours', doc: raw as unknown as EventDoc };
  }
  const usable = usableFields(raw);
  if (!counted) {
    // What an earlier program showed, and of places and persons, followed rules of its own.
    delete usable.visibility;
    delete usable.location;
    delete usable.city;
    delete usable.country;
    delete usable.coordinates;
    delete usable.hostName;
    // External events cannot be asked for alone: taken for one of Luma's own, it would seem to be gone.
    usable.platform = lumaEventId.startsWith('calev-') ? 'external' : 'luma';
  }
  const created = createdOf(_id, createdAt);
  const doc: TakeoverDoc = {
    _id,
    orgId,
    lumaEventId,
    fields: usable,
    revision: counted ? revision : 0,
    createdAt: created,
    considered: isConsidered(raw, lumaEventId),
    // `null` is matched by a document without the field too.
    match: { _id, revision: { $eq: revision ?? null } } as Filter<EventDoc>,
  };
  return { kind: 'takeover', doc };
}

/** The last state of such a document, as `removed_events` keeps it: neutral values where it has none. */
export function lastState(
  { orgId, lumaEventId, fields, revision, createdAt }: TakeoverDoc,
  at: Date,
): Omit<EventDoc, '_id'> {
  return {
    orgId,
    lumaEventId,
    title: '',
    startAt: createdAt ?? at,
    timezone: 'UTC',
    url: '',
    isVirtual: false,
    locationKind: 'unknown',
    visibility: 'unknown',
    platform: 'luma',
    tags: [],
    source: 'api',
    ...fields,
    revision: Math.max(revision, 1),
    createdAt: createdAt ?? at,
    changedAt: at,
    syncedAt: at,
  };
}

/** As {@link CONSIDERED}. */
function isConsidered({ revision, changedAt, title, startAt, url }: Raw, lumaEventId: string): boolean {
  if (typeof revision === 'number' && revision >= 1 && changedAt instanceof Date) return true;
  const hasStart = startAt instanceof Date || typeof startAt === 'number' || typeof startAt === 'string';
  return LUMA_ID.test(lumaEventId) && typeof title === 'string' && hasStart && typeof url === 'string';
}

function createdOf(_id: unknown, createdAt: unknown): Date | undefined {
  if (isInstant(createdAt)) return createdAt;
  return _id instanceof ObjectId ? _id.getTimestamp() : undefined;
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function isInstant(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
