import { type Collection, type Filter, ObjectId } from 'mongodb';
import type { OrganizationDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';
import {
  feedTypeProblem,
  idProblem,
  isOrgId,
  keyTypeProblem,
  type OrganizationSummary,
  printableId,
  type StoredOrganization,
  summaryOf,
  type TypesOnly,
} from './read-organization.js';

/** An organization that has a key or the address of a feed, and that no sync can be of. */
export interface UnusableOrganization {
  /** Its `_id`, short enough to print. */
  id: string;
  reason: string;
}

/** Read from a document to judge whether its organization is well: of its key no more than the type. */
export const TO_JUDGE = {
  ...{ _id: 1, eventsLastSynced: 1, lumaIcalUrl: 1, 'lumaSync.state': 1, 'lumaSync.reason': 1 },
  ...{ 'lumaSync.lastAttemptAt': 1, 'lumaSync.lastSuccessAt': 1, 'lumaSync.consecutiveFailures': 1 },
  'lumaSync.drift': 1,
  keyType: { $type: '$lumaApiKey' },
  keyIsEmpty: { $eq: ['$lumaApiKey', ''] },
  feedType: { $type: '$lumaIcalUrl' },
} as const;

/** Read to say all of how it stands. */
export const TO_LIST = {
  ...TO_JUDGE,
  ...{ name: 1, lumaCalendarUrl: 1, lumaVisibility: 1, lumaTimezone: 1 },
  ...{ 'lumaSync.calendarId': 1, 'lumaSync.calendarName': 1, 'lumaSync.removalsHeld': 1 },
  syncType: { $type: '$lumaSync' },
} as const;

/** `$type` alone would also find a list that holds a text. */
const FILLED_TEXT = { $type: 'string', $ne: '', $not: { $type: 'array' } };
const FILLED = { $exists: true, $nin: [null, ''] };
const NOT_FILLED = { $in: [null, ''], $not: { $type: 'array' } };

export const HAS_KEY = { lumaApiKey: FILLED_TEXT };
const HAS_FEED = { lumaApiKey: NOT_FILLED, lumaIcalUrl: FILLED_TEXT };

/** A key, or in its place the address of a feed. */
export const HAS_SOURCE = { $or: [HAS_KEY, HAS_FEED] };

/** There is something as a key or as a feed's address, and either it or the `_id` is none. */
export const UNUSABLE = {
  $and: [
    { $or: [{ lumaApiKey: FILLED }, { lumaIcalUrl: FILLED }] },
    {
      $or: [
        { _id: { $not: { $type: ['string', 'objectId'] } } },
        { _id: '' },
        // Half of the longest id: MongoDB counts characters, and an id's length is counted in UTF-16 units.
        { _id: { $type: 'string', $regex: '^[\\s\\S]{151}' } },
        { lumaApiKey: { ...FILLED, $not: { $type: 'string' } } },
        { lumaApiKey: { $type: 'array' } },
        { lumaApiKey: NOT_FILLED, lumaIcalUrl: { ...FILLED, $not: { $type: 'string' } } },
        { lumaApiKey: NOT_FILLED, lumaIcalUrl: { $type: 'array' } },
      ],
    },
  ],
};

/** A key as it is stored, and whose it is. */
export interface StoredKey {
  _id: OrgId;
  storedKey: string;
}

/** Sealed or in clear text, by anything but this key. A key's id has no characters that mean something in a pattern. */
function notSealedWith(keyId: string): Filter<OrganizationDoc> {
  return { $and: [HAS_KEY, { lumaApiKey: { $not: new RegExp(`^sealed:v1:${keyId}:`) } }] } as object;
}

/** Keys read at once. */
const KEYS_A_READ = 200;

/** Organizations as lists: those to sync, those that cannot be synced, all of them. */
export function organizationLists(organizations: Collection<OrganizationDoc>) {
  return {
    /**
     * Ids of organizations that have a key or the address of a feed, in `_id` order (strings before ObjectIds, as MongoDB sorts), from
     * behind `after`, a position that an earlier call returned as `next`. `next` is `null` at the end.
     */
    async idsToSync(after: string | null, limit: number): Promise<{ orgIds: string[]; next: string | null }> {
      const position = after === null ? null : parsePosition(after);
      const ids: OrgId[] = [];
      // One query a BSON type: MongoDB compares only within the type it is given.
      for (const type of ['string', 'objectId'] as const) {
        if (position?.type === 'objectId' && type === 'string') continue;
        if (ids.length === limit) break;
        const behind = position?.type === type ? { $gt: position.id } : {};
        const docs = await guarded('list organizations', () =>
          organizations
            .find({ ...HAS_SOURCE, _id: { $type: type, ...behind } } as Filter<OrganizationDoc>)
            .project<{ _id: OrgId }>({ _id: 1 })
            .sort({ _id: 1 })
            .limit(limit - ids.length)
            .toArray(),
        );
        ids.push(...docs.map((doc) => doc._id));
      }
      const last = ids.at(-1);
      return {
        // What cannot name a sync is left out, and told by `unusable`.
        orgIds: ids.filter(isOrgId).map(String),
        next: ids.length < limit || last === undefined ? null : positionOf(last),
      };
    },

    /** Organizations with a key or a feed that no sync can be of, by `_id`. @param limit how many at most */
    async unusable(limit = 20): Promise<UnusableOrganization[]> {
      return await guarded('list unusable organizations', async () => {
        const found: UnusableOrganization[] = [];
        const docs = organizations
          .find(UNUSABLE as unknown as Filter<OrganizationDoc>)
          .project<TypesOnly & { _id: unknown }>({
            ...{ _id: 1, keyType: { $type: '$lumaApiKey' }, feedType: { $type: '$lumaIcalUrl' } },
            keyIsEmpty: { $eq: ['$lumaApiKey', ''] },
          })
          .sort({ _id: 1 });
        for await (const { _id, ...types } of docs) {
          const reason = idProblem(_id) ?? keyTypeProblem(types.keyType) ?? feedTypeProblem(types);
          if (reason !== undefined) found.push({ id: printableId(_id), reason });
          if (found.length === limit) break;
        }
        return found;
      });
    },

    /** Stored keys that this key has not sealed, by `_id`, some at a time. @throws StoreUnavailable */
    async *keysNotSealedWith(keyId: string): AsyncGenerator<StoredKey[], void, undefined> {
      const cursor = organizations
        .find(notSealedWith(keyId))
        .project<{ _id: OrgId; lumaApiKey: string }>({ _id: 1, lumaApiKey: 1 })
        .sort({ _id: 1 })
        .batchSize(KEYS_A_READ);
      try {
        let keys: StoredKey[] = [];
        const next = () => guarded('read stored keys', () => cursor.next());
        for (let doc = await next(); doc !== null; doc = await next()) {
          keys.push({ _id: doc._id, storedKey: doc.lumaApiKey });
          if (keys.length < KEYS_A_READ) continue;
          yield keys;
          keys = [];
        }
        if (keys.length > 0) yield keys;
      } finally {
        await cursor.close();
      }
    },

    async countNotSealedWith(keyId: string): Promise<number> {
      return await guarded('count stored keys', () => organizations.countDocuments(notSealedWith(keyId)));
    },

    /** How many stored keys are not sealed. */
    async countInClearText(): Promise<number> {
      const inClear = { $and: [HAS_KEY, { lumaApiKey: { $not: /^sealed:/ } }] };
      return await guarded('count stored keys', () =>
        organizations.countDocuments(inClear as Filter<OrganizationDoc>),
      );
    },

    /** How one organization stands; `null` where there is none. */
    async summary(_id: OrgId): Promise<OrganizationSummary | null> {
      const doc = await guarded('read organization', () =>
        organizations.findOne<StoredOrganization & TypesOnly>({ _id }, { projection: TO_LIST }),
      );
      return doc === null ? null : summaryOf(doc);
    },

    /** Some organization's feed: of one whose last sync went well, where there is one. */
    async anyFeed(): Promise<{ orgId: string; icalUrl: string } | null> {
      for (const filter of [{ 'lumaSync.state': 'ok' }, {}]) {
        const doc = await guarded('read organization', () =>
          organizations.findOne<{ _id: OrgId; lumaIcalUrl: string }>(
            { ...HAS_FEED, ...filter } as Filter<OrganizationDoc>,
            { projection: { lumaIcalUrl: 1 } },
          ),
        );
        if (doc !== null && isOrgId(doc._id)) return { orgId: String(doc._id), icalUrl: doc.lumaIcalUrl };
      }
      return null;
    },

    async list(): Promise<OrganizationSummary[]> {
      const docs = await guarded('list organizations', () =>
        organizations.find().project<StoredOrganization & TypesOnly>(TO_LIST).sort({ _id: 1 }).toArray(),
      );
      return docs.map(summaryOf);
    },
  };
}

function positionOf(id: OrgId): string {
  return typeof id === 'string' ? `string:${id}` : `objectId:${id.toHexString()}`;
}

function parsePosition(position: string): { type: 'string' | 'objectId'; id: OrgId } {
  const at = position.indexOf(':');
  const [type, id] = [position.slice(0, at), position.slice(at + 1)];
  return type === 'objectId' ? { type, id: new ObjectId(id) } : { type: 'string', id };
}
