import type { Filter } from 'mongodb';
import type { Collections } from './collections.js';
import type { LumaWebhookDoc, OrganizationDoc, OrgId } from './documents.js';
import { guarded, isDuplicateKey } from './errors.js';
import { HAS_KEY } from './organization-lists.js';
import { isOrgId, orgIdsOf } from './read-organization.js';

/** An organization's webhook as it is stored. */
export interface StoredWebhook extends LumaWebhookDoc {
  orgId: OrgId;
}

/** How an organization is told of changes; `webhook` is `null` where none was registered. */
export interface WebhookOfOrg {
  orgId: OrgId;
  webhook: Omit<LumaWebhookDoc, 'sealedSecret'> | null;
}

interface LastChange {
  _id: OrgId;
  at: Date;
}

export type WebhookStore = ReturnType<typeof webhookStore>;

/** `organizations.lumaWebhook`, and `webhook_deliveries`. */
export function webhookStore({ organizations, webhookDeliveries, events, removedEvents }: Collections) {
  async function set(_id: OrgId, id: string, fields: object): Promise<void> {
    const filter = { _id, 'lumaWebhook.id': id } as Filter<OrganizationDoc>;
    await guarded('note webhook', () => organizations.updateOne(filter, { $set: fields }));
  }

  return {
    /** The webhook of an organization that has a Luma key; `null`: there is none that can be used. */
    async get(orgId: string): Promise<StoredWebhook | null> {
      for (const _id of orgIdsOf(orgId)) {
        const doc = await guarded('read webhook', () =>
          organizations.findOne({ _id, ...HAS_KEY } as Filter<OrganizationDoc>, {
            projection: { lumaWebhook: 1 },
          }),
        );
        const webhook = usable(doc?.lumaWebhook);
        if (webhook !== null) return { orgId: _id, ...webhook };
      }
      return null;
    },

    async put(_id: OrgId, lumaWebhook: LumaWebhookDoc): Promise<void> {
      await guarded('store webhook', () => organizations.updateOne({ _id }, { $set: { lumaWebhook } }));
    },

    async remove(_id: OrgId): Promise<void> {
      await guarded('forget webhook', () =>
        organizations.updateOne({ _id }, { $unset: { lumaWebhook: '' } }),
      );
    },

    /** @param id of the webhook: another one may have been registered meanwhile */
    async noteState(_id: OrgId, id: string, state: LumaWebhookDoc['state']): Promise<void> {
      await set(_id, id, { 'lumaWebhook.state': state });
    },

    /** @param id as of `noteState` */
    async noteDelivery(_id: OrgId, id: string, at: Date): Promise<void> {
      await set(_id, id, { 'lumaWebhook.lastDeliveryAt': at });
    },

    /** Of all organizations with a key. */
    async list(): Promise<WebhookOfOrg[]> {
      const docs = await guarded('read webhooks', () =>
        organizations
          .find(HAS_KEY as Filter<OrganizationDoc>)
          .project<{ _id: unknown; lumaWebhook?: unknown }>({ lumaWebhook: 1 })
          .sort({ _id: 1 })
          .toArray(),
      );
      return docs.flatMap(webhookOf);
    },

    /** When a sync last wrote a change of these organizations' events, by organization: of those changed after an instant. */
    async lastChanges(orgIds: readonly OrgId[], after: Date): Promise<Map<string, Date>> {
      const newest = (field: 'changedAt' | 'removedAt') => [
        { $match: { orgId: { $in: orgIds }, [field]: { $gt: after } } },
        { $group: { _id: '$orgId', at: { $max: `$${field}` } } },
      ];
      const found = await guarded('read last changes', () =>
        Promise.all([
          events.aggregate<LastChange>(newest('changedAt')).toArray(),
          removedEvents.aggregate<LastChange>(newest('removedAt')).toArray(),
        ]),
      );
      const latest = new Map<string, Date>();
      for (const { _id, at } of found.flat()) {
        const id = String(_id);
        if (at > (latest.get(id) ?? after)) latest.set(id, at);
      }
      return latest;
    },

    /** Secrets that this key has not sealed. A key's id has no characters that mean something in a pattern. */
    async secretsNotSealedWith(keyId: string): Promise<{ _id: OrgId; sealedSecret: string }[]> {
      const docs = await guarded('read stored secrets', () =>
        organizations
          .find({
            'lumaWebhook.sealedSecret': { $type: 'string', $not: new RegExp(`^sealed:v1:${keyId}:`) },
          } as object)
          .project<{ _id: OrgId; lumaWebhook: LumaWebhookDoc }>({ 'lumaWebhook.sealedSecret': 1 })
          .toArray(),
      );
      return docs.map(({ _id, lumaWebhook }) => ({ _id, sealedSecret: lumaWebhook.sealedSecret }));
    },

    /** Replaces exactly the secret that was read. @returns whether it was replaced */
    async replaceSecret(_id: OrgId, was: string, sealed: string): Promise<boolean> {
      const { matchedCount } = await guarded('seal secret', () =>
        organizations.updateOne(
          { _id, 'lumaWebhook.sealedSecret': was },
          {
            $set: { 'lumaWebhook.sealedSecret': sealed },
          },
        ),
      );
      return matchedCount > 0;
    },

    /** Which of these deliveries were acted on already. @param ids Luma's, of deliveries */
    async repeated(_id: OrgId, ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const byNote = new Map(ids.map((id) => [noteOf(_id, id), id]));
      const found = await guarded('read deliveries', () =>
        webhookDeliveries.find({ _id: { $in: [...byNote.keys()] } }, { projection: { _id: 1 } }).toArray(),
      );
      return new Set(found.flatMap((note) => byNote.get(note._id) ?? []));
    },

    /** Remembers deliveries that were acted on. One that is remembered already stays as it is. */
    async remember(_id: OrgId, ids: readonly string[], at: Date): Promise<void> {
      if (ids.length === 0) return;
      await guarded('note deliveries', () =>
        webhookDeliveries
          .insertMany(
            ids.map((id) => ({ _id: noteOf(_id, id), at })),
            { ordered: false },
          )
          .catch((error: unknown) => {
            if (!isDuplicateKey(error)) throw error;
          }),
      );
    },
  };
}

/** How an organization that has a key is told of changes, for `flatMap`: none where no sync can be of it. */
export function webhookOf({ _id, lumaWebhook }: { _id: unknown; lumaWebhook?: unknown }): WebhookOfOrg[] {
  if (!isOrgId(_id)) return [];
  const webhook = usable(lumaWebhook);
  return [{ orgId: _id, webhook: webhook === null ? null : withoutSecret(webhook) }];
}

function noteOf(_id: OrgId, id: string): string {
  return `${String(_id)} ${id}`;
}

/** The application may write to its documents. */
function usable(stored: unknown): LumaWebhookDoc | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { id, url, sealedSecret, state, registeredAt, lastDeliveryAt } = stored as Record<string, unknown>;
  const texts = [id, url, sealedSecret].every((text) => typeof text === 'string' && text !== '');
  if (!texts || !(registeredAt instanceof Date)) return null;
  return {
    ...{ id: id as string, url: url as string, sealedSecret: sealedSecret as string, registeredAt },
    state: state === 'paused' ? 'paused' : 'active',
    ...(lastDeliveryAt instanceof Date ? { lastDeliveryAt } : {}),
  };
}

function withoutSecret(webhook: LumaWebhookDoc): Omit<LumaWebhookDoc, 'sealedSecret'> {
  const { id, url, state, registeredAt, lastDeliveryAt } = webhook;
  return { id, url, state, registeredAt, ...(lastDeliveryAt === undefined ? {} : { lastDeliveryAt }) };
}
