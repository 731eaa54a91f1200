import { type Filter, MongoServerError, ObjectId, type UpdateFilter } from 'mongodb';
import type { EventSource } from '../events/event.js';
import type { Collections } from './collections.js';
import type { OrganizationDoc, OrgId } from './documents.js';
import { guarded, isDuplicateKey, OrgAlreadyExists, OrgNotFound } from './errors.js';
import { organizationContents } from './organization-contents.js';
import { organizationLists } from './organization-lists.js';
import { organizationSources } from './organization-sources.js';
import {
  calendarIdOf,
  calendarNameOf,
  feedProblem,
  feedUrlOf,
  isTold,
  keyProblem,
  lastSourceOf,
  lastSyncIdOf,
  orgIdsOf,
  type StoredOrganization,
} from './read-organization.js';
import { removeOrganization } from './remove-organization.js';

export type { OrganizationContents } from './organization-contents.js';
export type { UnusableOrganization } from './organization-lists.js';
export type { OrganizationSummary } from './read-organization.js';
export type { RemovedOrganization } from './remove-organization.js';

/** What a sync needs to know of an organization. */
export interface SyncableOrg {
  _id: OrgId;
  /** As stored: sealed, or as an application wrote it. `null` where there is none. */
  storedKey: string | null;
  /** Address of its calendar's feed, as it is stored. Absent where there is none, or a key that goes before it. */
  icalUrl?: string;
  /** `lumaTimezone` as the application wrote it, where it is text. */
  timezone?: string;
  /** Where its last complete sync read. Absent: there was none. */
  lastSource?: EventSource;
  /** `lumaVisibility` as the application wrote it. */
  visibilityWish: unknown;
  /** The calendar earlier syncs were of. */
  calendarId: string | null;
  /** As the last sync found it. */
  calendarName?: string;
  /** The sync that it last heard of; as stored. */
  lastSyncId: unknown;
  /** People were told that they are needed, and not yet that it is over. */
  isTold: boolean;
  /** The organization's document names the calendar's page. */
  hasPage: boolean;
  /** Why what is stored as its key, or its feed's address, cannot be one. Absent: there is one, or nothing. */
  keyProblem?: string;
}

export interface NewOrganization {
  /** Its `_id`, a string; without one MongoDB makes an ObjectId. */
  id?: string;
  name: string;
  /** Sealed with {@link NewOrganization.id} bound in, so a key needs an id. */
  sealedKey?: string;
  calendarUrl?: string;
  icalUrl?: string;
  timezone?: string | undefined;
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
      /** Of the first complete one, where it read a feed. */
      firstSource?: 'ical' | undefined;
    }
  | { state: 'failed' | 'canceled'; reason: string };

type OneOrganization = Filter<OrganizationDoc> & { _id: OrgId };

export type OrganizationStore = ReturnType<typeof organizationStore>;

/** Read from a document to sync its organization, and nothing else. */
const TO_SYNC = {
  _id: 1,
  lumaApiKey: 1,
  lumaVisibility: 1,
  'lumaSync.calendarId': 1,
  lumaCalendarUrl: 1,
  'lumaSync.calendarName': 1,
  'lumaSync.syncId': 1,
  'lumaSync.told': 1,
  lumaIcalUrl: 1,
  lumaTimezone: 1,
  'lumaSync.source': 1,
  'lumaSync.lastSuccessAt': 1,
} as const;

/** TypeMismatch, PathNotViable: a field that is to be written into is no object, or no number. */
const ODD_DOCUMENT = new Set<unknown>([14, 28]);

/** The application's `organizations`: reads what a sync needs, writes only the fields that are this project's. */
export function organizationStore(collections: Collections) {
  const { organizations } = collections;

  /** A string id first: an application whose ids are strings may have one that looks like an ObjectId. */
  async function find(orgId: string): Promise<StoredOrganization & { _id: OrgId }> {
    // A filter would come of anything else.
    if (typeof orgId !== 'string') throw new TypeError("an organization's id is a string");
    for (const _id of orgIdsOf(orgId)) {
      const doc = await guarded('read organization', () =>
        organizations.findOne<StoredOrganization & { _id: OrgId }>({ _id }, { projection: TO_SYNC }),
      );
      if (doc !== null) return doc;
    }
    throw new OrgNotFound(orgId);
  }

  /** The document, as long as no other sync of it has begun. */
  function asRead({ _id, lastSyncId }: Pick<SyncableOrg, '_id' | 'lastSyncId'>): OneOrganization {
    const syncId = lastSyncId === undefined ? { $exists: false } : { $eq: lastSyncId };
    return { _id, 'lumaSync.syncId': syncId };
  }

  /** Updates one document. Where `lumaSync` is no object, or its count no number, that is put right first. */
  async function update(
    operation: string,
    filter: OneOrganization,
    change: UpdateFilter<OrganizationDoc>,
  ): Promise<boolean> {
    return await guarded(operation, async () => {
      try {
        return (await organizations.updateOne(filter, change)).matchedCount > 0;
      } catch (error) {
        if (!(error instanceof MongoServerError) || !ODD_DOCUMENT.has(error.code)) throw error;
        await putRight(filter._id);
        return (await organizations.updateOne(filter, change)).matchedCount > 0;
      }
    });
  }

  async function putRight(_id: OrgId): Promise<void> {
    const noObject = { $or: [{ lumaSync: { $not: { $type: 'object' } } }, { lumaSync: { $type: 'array' } }] };
    await organizations.updateOne(
      { _id, ...noObject } as Filter<OrganizationDoc>,
      {
        $set: { lumaSync: {} },
      } as UpdateFilter<OrganizationDoc>,
    );
    await organizations.updateOne(
      { _id, 'lumaSync.consecutiveFailures': { $not: { $type: 'number' } } },
      { $unset: { 'lumaSync.consecutiveFailures': '' } },
    );
  }

  async function set(operation: string, filter: OneOrganization, fields: object): Promise<boolean> {
    return await update(operation, filter, { $set: fields });
  }

  return {
    /** @throws OrgNotFound, StoreUnavailable */
    async get(orgId: string): Promise<SyncableOrg> {
      const doc = await find(orgId);
      const { lumaApiKey: key } = doc;
      const problem = keyProblem(key) ?? feedProblem(doc);
      return {
        _id: doc._id,
        storedKey: typeof key === 'string' && key !== '' ? key : null,
        ...feedUrlOf(doc),
        ...(typeof doc.lumaTimezone === 'string' ? { timezone: doc.lumaTimezone } : {}),
        ...lastSourceOf(doc),
        visibilityWish: doc.lumaVisibility,
        calendarId: calendarIdOf(doc),
        ...calendarNameOf(doc),
        lastSyncId: lastSyncIdOf(doc),
        isTold: isTold(doc),
        hasPage:
          doc.lumaCalendarUrl !== undefined && doc.lumaCalendarUrl !== null && doc.lumaCalendarUrl !== '',
        ...(problem === undefined ? {} : { keyProblem: problem }),
      };
    },

    /** Marks the organization as being synced. Does nothing where another sync has begun since it was read. */
    async beginSync(org: Pick<SyncableOrg, '_id' | 'lastSyncId'>, syncId: string, now: Date): Promise<void> {
      await set('begin sync', asRead(org), { 'lumaSync.state': 'syncing', ...attempt(syncId, now) });
    },

    /** Remembers which calendar the key opens, and its page where the application has not named one. */
    async bindCalendar(
      {
        _id,
        calendarId,
        calendarName,
        hasPage,
      }: Pick<SyncableOrg, '_id' | 'calendarId' | 'calendarName' | 'hasPage'>,
      calendar: { id: string; name: string; url: string },
    ): Promise<void> {
      if (calendarId !== calendar.id || calendarName !== calendar.name) {
        const bound = { 'lumaSync.calendarId': calendar.id, 'lumaSync.calendarName': calendar.name };
        await set('bind calendar', { _id }, bound);
      }
      if (hasPage) return;
      const unnamed = { _id, lumaCalendarUrl: { $in: [null, ''] } } as OneOrganization;
      await set('name calendar page', unnamed, { lumaCalendarUrl: calendar.url });
    },

    /**
     * Records how a sync ended. Does nothing unless this one is under way, so that a repeated call counts a failure
     * once, and a late one does not speak for another sync.
     *
     * @param begun of a sync that was not said to be under way: the organization as it was read then
     */
    async endSync(
      _id: OrgId,
      syncId: string,
      end: OrgSyncEnd,
      now: Date,
      begun?: { org: Pick<SyncableOrg, '_id' | 'lastSyncId'>; at: Date },
    ): Promise<void> {
      const underWay =
        begun === undefined
          ? ({ _id, 'lumaSync.syncId': syncId, 'lumaSync.state': 'syncing' } as OneOrganization)
          : asRead(begun.org);
      const change =
        end.state === 'ok'
          ? {
              $set: {
                ...(begun === undefined ? {} : attempt(syncId, begun.at)),
                'lumaSync.state': 'ok',
                'lumaSync.lastSuccessAt': now,
                'lumaSync.consecutiveFailures': 0,
                ...(end.whole ? { eventsLastSynced: now } : {}),
                ...(end.firstSource === undefined ? {} : { 'lumaSync.source': end.firstSource }),
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
      await update('end sync', underWay, change as UpdateFilter<OrganizationDoc>);
    },

    /** Remembers where a complete sync read. */
    async noteSource(_id: OrgId, source: EventSource): Promise<void> {
      await update('note source', { _id }, { $set: { 'lumaSync.source': source } });
    },

    /** How many removals wait for a person; said at once, not only with the next sync. */
    async noteRemovalsHeld(_id: OrgId, count: number): Promise<void> {
      const change =
        count > 0
          ? { $set: { 'lumaSync.removalsHeld': count } }
          : { $unset: { 'lumaSync.removalsHeld': '' } };
      const synced = { _id, lumaSync: { $exists: true } } as OneOrganization;
      await update('note held removals', synced, change as UpdateFilter<OrganizationDoc>);
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
          ...(org.icalUrl === undefined ? {} : { lumaIcalUrl: org.icalUrl }),
          ...(org.timezone === undefined ? {} : { lumaTimezone: org.timezone }),
        });
      } catch (error) {
        if (isDuplicateKey(error)) throw new OrgAlreadyExists(String(_id));
        return await guarded('add organization', () => Promise.reject(error as Error));
      }
      return String(_id);
    },

    /** See organization-contents.ts. */
    contents: (_id: OrgId, now: Date) => organizationContents(collections, _id, now),

    /** See remove-organization.ts. */
    remove: (_id: OrgId, options: { keepEvents: boolean }) => removeOrganization(collections, _id, options),

    ...organizationLists(organizations),
    ...organizationSources(organizations),
  };
}

/** Which sync was the last one, and when it began. */
function attempt(syncId: string, at: Date) {
  return { 'lumaSync.syncId': syncId, 'lumaSync.lastAttemptAt': at };
}
