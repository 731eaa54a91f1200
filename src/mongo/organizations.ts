import { type Filter, ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import type { OrganizationDoc, OrgId } from './documents.js';
import { guarded, isDuplicateKey, OrgAlreadyExists, OrgNotFound } from './errors.js';

/** What a sync needs to know of an organization. */
export interface SyncableOrg {
  _id: OrgId;
  /** As stored: sealed, or as an application wrote it. `null` where there is none. */
  storedKey: string | null;
  /** `lumaVisibility` as the application wrote it. */
  visibilityWish: unknown;
  /** The calendar earlier syncs were of. */
  calendarId: string | null;
}

export interface OrganizationSummary {
  id: string;
  name: string;
  hasKey: boolean;
  calendarUrl?: string;
  calendarName?: string;
  state?: string;
  reason?: string;
  lastAttemptAt?: Date;
  lastSuccessAt?: Date;
  eventsLastSynced?: Date;
  consecutiveFailures?: number;
  /** Removals that wait for a person. */
  removalsHeld?: number;
  /** What a person should look at in Luma's answers. */
  drift?: string[];
}

export interface NewOrganization {
  /** Its `_id`, a string; without one MongoDB makes an ObjectId. */
  id?: string;
  name: string;
  /** Sealed with {@link NewOrganization.id} bound in, so a key needs an id. */
  sealedKey?: string;
  calendarUrl?: string;
}

/** How a sync of an organization ended. */
export type OrgSyncEnd =
  /** `whole`: the listing had no window, so that everything upcoming and past was looked at. */
  | {
      state: 'ok';
      whole: boolean;
      removalsHeld: number;
      /** What a person should look at in Luma's answers. */
      drift: string[];
    }
  | { state: 'failed' | 'canceled'; reason: string };

export type OrganizationStore = ReturnType<typeof organizationStore>;

const HAS_KEY: Filter<OrganizationDoc> = { lumaApiKey: { $type: 'string', $ne: '' } };

/** The application's `organizations`: reads what a sync needs, writes only the fields that are this project's. */
export function organizationStore({ organizations }: Collections) {
  /** A string id first: an application whose ids are strings may have one that looks like an ObjectId. */
  async function find(orgId: string): Promise<OrganizationDoc> {
    const candidates: OrgId[] = [orgId];
    if (/^[0-9a-f]{24}$/i.test(orgId)) candidates.push(new ObjectId(orgId));
    for (const _id of candidates) {
      const doc = await guarded('read organization', () => organizations.findOne({ _id }));
      if (doc !== null) return doc;
    }
    throw new OrgNotFound(orgId);
  }

  async function set(operation: string, filter: Filter<OrganizationDoc>, fields: object): Promise<void> {
    await guarded(operation, () => organizations.updateOne(filter, { $set: fields }));
  }

  return {
    /** @throws OrgNotFound, StoreUnavailable */
    async get(orgId: string): Promise<SyncableOrg> {
      const doc = await find(orgId);
      return {
        _id: doc._id,
        storedKey: typeof doc.lumaApiKey === 'string' && doc.lumaApiKey !== '' ? doc.lumaApiKey : null,
        visibilityWish: doc.lumaVisibility,
        calendarId: doc.lumaSync?.calendarId ?? null,
      };
    },

    /**
     * Ids of organizations that have a key, in `_id` order (strings before ObjectIds, as MongoDB sorts), from
     * behind `after`, a position that an earlier call returned as `next`. `next` is `null` at the end.
     */
    async idsWithKey(
      after: string | null,
      limit: number,
    ): Promise<{ orgIds: string[]; next: string | null }> {
      const position = after === null ? null : parsePosition(after);
      const ids: OrgId[] = [];
      // One query a BSON type: MongoDB compares only within the type it is given.
      for (const type of ['string', 'objectId'] as const) {
        if (position?.type === 'objectId' && type === 'string') continue;
        if (ids.length === limit) break;
        const behind = position?.type === type ? { $gt: position.id } : {};
        const docs = await guarded('list organizations', () =>
          organizations
            .find({ ...HAS_KEY, _id: { $type: type, ...behind } } as Filter<OrganizationDoc>)
            .project<{ _id: OrgId }>({ _id: 1 })
            .sort({ _id: 1 })
            .limit(limit - ids.length)
            .toArray(),
        );
        ids.push(...docs.map((doc) => doc._id));
      }
      const last = ids.at(-1);
      return {
        orgIds: ids.map(String),
        next: ids.length < limit || last === undefined ? null : positionOf(last),
      };
    },

    /** Marks the organization as being synced. Said first, so that closing finds what it has to end. */
    async beginSync(_id: OrgId, syncId: string, now: Date): Promise<void> {
      const begun = { 'lumaSync.state': 'syncing', 'lumaSync.syncId': syncId, 'lumaSync.lastAttemptAt': now };
      await set('begin sync', { _id }, begun);
    },

    /** Remembers which calendar the key opens, and its page where the application has not named one. */
    async bindCalendar(_id: OrgId, calendar: { id: string; name: string; url: string }): Promise<void> {
      await set(
        'bind calendar',
        { _id },
        { 'lumaSync.calendarId': calendar.id, 'lumaSync.calendarName': calendar.name },
      );
      await set(
        'name calendar page',
        { _id, lumaCalendarUrl: { $in: [null, ''] } } as Filter<OrganizationDoc>,
        { lumaCalendarUrl: calendar.url },
      );
    },

    /** Replaces exactly the key that was read: one an application wrote meanwhile stays. */
    async replaceKey(_id: OrgId, was: string, sealed: string): Promise<void> {
      await set('seal key', { _id, lumaApiKey: was }, { lumaApiKey: sealed });
    },

    /** Gives the organization of this id and name another key, whatever it had. Does nothing where there is none. */
    async setKey({ id, name }: { id: string; name: string }, sealed: string): Promise<void> {
      await set('set key', { _id: id, name }, { lumaApiKey: sealed });
    },

    /**
     * Records how a sync ended. Does nothing unless this one is under way, so that a repeated call counts a failure
     * once, and a late one does not speak for another sync.
     */
    async endSync(_id: OrgId, syncId: string, end: OrgSyncEnd, now: Date): Promise<void> {
      const underWay = {
        _id,
        'lumaSync.syncId': syncId,
        'lumaSync.state': 'syncing',
      } as Filter<OrganizationDoc>;
      const update =
        end.state === 'ok'
          ? {
              $set: {
                'lumaSync.state': 'ok',
                'lumaSync.lastSuccessAt': now,
                'lumaSync.consecutiveFailures': 0,
                ...(end.whole ? { eventsLastSynced: now } : {}),
                ...(end.removalsHeld > 0 ? { 'lumaSync.removalsHeld': end.removalsHeld } : {}),
                ...(end.drift.length > 0 ? { 'lumaSync.drift': end.drift } : {}),
              },
              $unset: {
                'lumaSync.reason': '',
                ...(end.removalsHeld > 0 ? {} : { 'lumaSync.removalsHeld': '' }),
                ...(end.drift.length > 0 ? {} : { 'lumaSync.drift': '' }),
              },
            }
          : {
              $set: { 'lumaSync.state': end.state, 'lumaSync.reason': end.reason },
              // An operator's cancellation says nothing about the organization's health.
              $inc: { 'lumaSync.consecutiveFailures': end.state === 'failed' ? 1 : 0 },
            };
      await guarded('end sync', () => organizations.updateOne(underWay, update as object));
    },

    /** How many removals wait for a person; said at once, not only with the next sync. */
    async noteRemovalsHeld(_id: OrgId, count: number): Promise<void> {
      const update =
        count > 0
          ? { $set: { 'lumaSync.removalsHeld': count } }
          : { $unset: { 'lumaSync.removalsHeld': '' } };
      await guarded('note held removals', () =>
        organizations.updateOne({ _id, lumaSync: { $exists: true } }, update as object),
      );
    },

    /** @returns the new organization's id as a string. @throws OrgAlreadyExists, StoreUnavailable */
    async add(org: NewOrganization): Promise<string> {
      const _id: OrgId = org.id ?? new ObjectId();
      try {
        await organizations.insertOne({
          _id,
          name: org.name,
          ...(org.sealedKey === undefined ? {} : { lumaApiKey: org.sealedKey }),
          ...(org.calendarUrl === undefined ? {} : { lumaCalendarUrl: org.calendarUrl }),
        });
      } catch (error) {
        if (isDuplicateKey(error)) throw new OrgAlreadyExists(String(_id));
        return await guarded('add organization', () => Promise.reject(error as Error));
      }
      return String(_id);
    },

    async list(): Promise<OrganizationSummary[]> {
      const docs = await guarded('list organizations', () => organizations.find().sort({ _id: 1 }).toArray());
      return docs.map(summaryOf);
    },
  };
}

function summaryOf(doc: OrganizationDoc): OrganizationSummary {
  const {
    state,
    reason,
    calendarName,
    lastAttemptAt,
    lastSuccessAt,
    consecutiveFailures,
    removalsHeld,
    drift,
  } = doc.lumaSync ?? {};
  return {
    id: String(doc._id),
    name: doc.name ?? '',
    hasKey: typeof doc.lumaApiKey === 'string' && doc.lumaApiKey !== '',
    ...definedOf({
      calendarUrl: doc.lumaCalendarUrl,
      eventsLastSynced: doc.eventsLastSynced,
      ...{
        state,
        reason,
        calendarName,
        lastAttemptAt,
        lastSuccessAt,
        consecutiveFailures,
        removalsHeld,
        drift,
      },
    }),
  };
}

function definedOf<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined && v !== null)) as never;
}

function positionOf(id: OrgId): string {
  return typeof id === 'string' ? `string:${id}` : `objectId:${id.toHexString()}`;
}

function parsePosition(position: string): { type: 'string' | 'objectId'; id: OrgId } {
  const at = position.indexOf(':');
  const [type, id] = [position.slice(0, at), position.slice(at + 1)];
  return type === 'objectId' ? { type, id: new ObjectId(id) } : { type: 'string', id };
}
