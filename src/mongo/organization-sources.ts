import {
  type ClientSession,
  type Collection,
  type Filter,
  MongoServerError,
  type UpdateFilter,
} from 'mongodb';
import type { OrganizationDoc, OrgId } from './documents.js';
import { guarded, StoreUnavailable } from './errors.js';

/** Times that a key is read again because somebody wrote to the document meanwhile. */
const MAX_CONFLICTS = 5;
const WRITE_CONFLICT = 112;

/** Writes what an organization is synced from: its Luma key, and its calendar's public feed. */
export function organizationSources(organizations: Collection<OrganizationDoc>) {
  async function update(
    operation: string,
    filter: Filter<OrganizationDoc>,
    change: UpdateFilter<OrganizationDoc>,
  ): Promise<boolean> {
    return await guarded(
      operation,
      async () => (await organizations.updateOne(filter, change)).matchedCount > 0,
    );
  }

  /** @returns whether the key was the expected one, and was replaced */
  async function replaceWithin(
    session: ClientSession,
    _id: OrgId,
    was: string,
    sealed: string,
  ): Promise<boolean> {
    session.startTransaction();
    try {
      const doc = await organizations.findOne({ _id }, { projection: { lumaApiKey: 1 }, session });
      if (doc?.lumaApiKey !== was) return false;
      await organizations.updateOne({ _id }, { $set: { lumaApiKey: sealed } }, { session });
      await session.commitTransaction();
      return true;
    } finally {
      if (session.inTransaction()) await session.abortTransaction();
    }
  }

  return {
    /**
     * Replaces exactly the key that was read: one an application wrote meanwhile stays. The key itself is compared
     * here: a filter that holds it would be kept in MongoDB's slow log and profile.
     * @returns whether it was replaced
     */
    async replaceKey(_id: OrgId, was: string, sealed: string): Promise<boolean> {
      return await guarded('seal key', () =>
        organizations.db.client.withSession(async (session) => {
          for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
            try {
              return await replaceWithin(session, _id, was, sealed);
            } catch (error) {
              if (!(error instanceof MongoServerError) || error.code !== WRITE_CONFLICT) throw error;
            }
          }
          throw new StoreUnavailable('seal key', 'another writer keeps changing the organization');
        }),
      );
    },

    /** Gives the organization another key, whatever it had. @returns whether there is such an organization */
    async putKey(_id: OrgId, sealed: string): Promise<boolean> {
      return await update('set key', { _id }, { $set: { lumaApiKey: sealed } });
    },

    /** @returns whether there was something as its key */
    async dropKey(_id: OrgId): Promise<boolean> {
      const keyed = { _id, lumaApiKey: { $exists: true } };
      return await update('remove key', keyed, { $unset: { lumaApiKey: '' } });
    },

    /**
     * Gives the organization another feed, whatever it had. Without a time zone it keeps the one that it has.
     * @returns whether there is such an organization
     */
    async putFeed(
      _id: OrgId,
      { icalUrl, timezone }: { icalUrl: string; timezone?: string | undefined },
    ): Promise<boolean> {
      const zone = timezone === undefined ? {} : { lumaTimezone: timezone };
      return await update('set feed', { _id }, { $set: { lumaIcalUrl: icalUrl, ...zone } });
    },

    /** @returns whether there was something as its feed's address */
    async dropFeed(_id: OrgId): Promise<boolean> {
      const fed = { _id, lumaIcalUrl: { $exists: true } };
      return await update('remove feed', fed, { $unset: { lumaIcalUrl: '' } });
    },

    /** Gives the organization of this id and name another key, whatever it had. Does nothing where there is none. */
    async setKey({ id, name }: { id: string; name: string }, sealed: string): Promise<void> {
      await update('set key', { _id: id, name }, { $set: { lumaApiKey: sealed } });
    },
  };
}
