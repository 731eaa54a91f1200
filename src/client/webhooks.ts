import pLimit from 'p-limit';
import type { LumaApiOptions } from '../luma/api.js';
import { LumaError } from '../luma/errors.js';
import type { LumaWebhookApi, RegisteredWebhook } from '../luma/webhooks/api.js';
import { EVENT_TYPES } from '../luma/webhooks/delivery.js';
import { OrgNotFound } from '../mongo/errors.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';
import type { StoredWebhook } from '../mongo/webhooks.js';
import { KeyUnreadable } from '../secrets/errors.js';
import type { Keyring } from '../secrets/keyring.js';
import { open, openStored, seal } from '../secrets/sealed-key.js';
import { checkOptionalId } from './arguments.js';
import { NotConfigured } from './errors.js';
import { webhookAddress } from './webhook-address.js';

/** Why nothing could be done for an organization: the first line of an error that is named. */
interface NotDone {
  orgId: string;
  outcome: 'failed';
  reason: string;
}

export type AppliedWebhook =
  | {
      orgId: string;
      /** `replaced`: another one of this program's, with another address, is deleted. */
      outcome: 'created' | 'replaced' | 'updated' | 'unchanged';
      url: string;
    }
  | NotDone;

export type RemovedWebhook = { orgId: string; outcome: 'removed' | 'none' } | NotDone;

/**
 * `active`: Luma delivers. `paused`: Luma has it, and does not deliver. `incomplete`: Luma delivers too little, or the
 * secret is not stored. `missing`: Luma has none with this address. `unknown`: Luma could not be asked.
 */
export interface WebhookInfo {
  orgId: string;
  state: 'active' | 'paused' | 'incomplete' | 'missing' | 'unknown';
  /** Of Luma, where it has one. */
  url?: string;
  eventTypes?: string[];
  lastDeliveryAt?: Date;
  /** Why it is unknown. */
  reason?: string;
}

/** How Luma tells of changes. All throw InvalidArgument, NotConfigured, StoreUnavailable; with an id, OrgNotFound. */
export interface Webhooks {
  /**
   * Registers a webhook of each organization that has a key, or of one, at Luma, and brings those that are there up to
   * date. Cut off, it can be repeated.
   * @throws KeyringMismatch
   */
  apply(orgId?: string): Promise<AppliedWebhook[]>;
  /** How they stand, by Luma's word. */
  list(orgId?: string): Promise<WebhookInfo[]>;
  /** Deletes them at Luma, and forgets them. */
  remove(orgId?: string): Promise<RemovedWebhook[]>;
}

export interface WebhooksNeed {
  store: () => Promise<Store>;
  /** @throws NotConfigured where there is none */
  keyring: () => Keyring;
  luma: Pick<LumaApiOptions, 'baseUrl' | 'allowHttp' | 'proxies'>;
  publicUrl: string | undefined;
}

/** Organizations that are seen to at the same time. */
const AT_ONCE = 8;
/** A person waits for each answer. */
const REQUEST_TIMEOUT_MS = 10_000;

export function webhooksOf(need: WebhooksNeed): Webhooks {
  function neededUrl(): string {
    if (need.publicUrl !== undefined) return need.publicUrl;
    throw new NotConfigured(
      'where Luma is to deliver to is not known – set LUMA_SYNC_PUBLIC_URL to how it reaches `luma-sync serve`',
    );
  }

  async function eachOf<T>(
    orgId: string | undefined,
    work: (on: OneWebhook) => Promise<T>,
  ): Promise<(T | NotDone)[]> {
    const store = await need.store();
    const keyring = need.keyring();
    // Few commands ask Luma.
    const { createLumaWebhookApi } = await import('../luma/webhooks/api.js');
    const api = createLumaWebhookApi({ ...need.luma, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    const ids = orgId === undefined ? await idsWithKey(store) : [orgId];
    return await pLimit(AT_ONCE).map(ids, async (id): Promise<T | NotDone> => {
      try {
        const org = await store.organizations.get(id);
        const stored = await store.webhooks.get(id);
        return await work({ store, keyring, api, org, stored, apiKey: keyOf(keyring, org) });
      } catch (error) {
        const isGone = error instanceof OrgNotFound && orgId === undefined;
        const isItsOwn = error instanceof LumaError || error instanceof KeyUnreadable || isGone;
        if (!isItsOwn) throw error;
        return { orgId: id, outcome: 'failed', reason: `${error.name}: ${error.message}` };
      }
    });
  }

  return {
    async apply(orgId) {
      checkOptionalId(orgId, 'orgId');
      const publicUrl = neededUrl();
      await (await need.store()).keyringChecks.ensure(need.keyring());
      return await eachOf(orgId, (on) => applyOne(on, webhookAddress(publicUrl, String(on.org._id))));
    },
    async list(orgId) {
      checkOptionalId(orgId, 'orgId');
      const publicUrl = neededUrl();
      const found = await eachOf(orgId, (on) => infoOf(on, webhookAddress(publicUrl, String(on.org._id))));
      return found.map((one) =>
        'outcome' in one ? { orgId: one.orgId, state: 'unknown', reason: one.reason } : one,
      );
    },
    async remove(orgId) {
      checkOptionalId(orgId, 'orgId');
      return await eachOf(orgId, (on) => removeOne(on, need.publicUrl));
    },
  };
}

interface OneWebhook {
  store: Store;
  keyring: Keyring;
  api: LumaWebhookApi;
  org: SyncableOrg;
  stored: StoredWebhook | null;
  apiKey: string;
}

/**
 * What is there already is found by its address, and its secret can be read: so a process that ended between registering
 * and storing leaves nothing to mend but this.
 */
async function applyOne(on: OneWebhook, url: string): Promise<AppliedWebhook> {
  const { api, apiKey, org, stored, store } = on;
  const orgId = String(org._id);
  const all = await api.list(apiKey);
  const [there, ...doubles] = all.filter((one) => one.url === url);
  const moved = all.filter((one) => one.url !== url && one.id === stored?.id);
  const registered = await registeredAt(on, url, there);
  for (const { id } of [...moved, ...doubles]) await api.delete(apiKey, id);
  const isStored = isSame(on, registered, url);
  if (!isStored) {
    const sealedSecret = seal(on.keyring, orgId, registered.secret, 'webhook-secret');
    const { id, status: state } = registered;
    await store.webhooks.put(org._id, { id, url, sealedSecret, state, registeredAt: store.now() });
  }
  if (there === undefined) return { orgId, outcome: moved.length > 0 ? 'replaced' : 'created', url };
  return { orgId, outcome: isStored && registered === there ? 'unchanged' : 'updated', url };
}

async function registeredAt(
  { api, apiKey }: OneWebhook,
  url: string,
  there: RegisteredWebhook | undefined,
): Promise<RegisteredWebhook> {
  if (there === undefined) return await api.create(apiKey, { url, eventTypes: EVENT_TYPES });
  if (there.status === 'active' && tellsAll(there)) return there;
  const eventTypes = [...new Set([...there.eventTypes, ...EVENT_TYPES])];
  return await api.update(apiKey, { id: there.id, eventTypes, status: 'active' });
}

function tellsAll({ eventTypes }: RegisteredWebhook): boolean {
  return EVENT_TYPES.every((type) => eventTypes.includes(type));
}

/** Whether what is stored is what Luma has. */
function isSame(
  { keyring, org, stored }: OneWebhook,
  { id, secret, status }: RegisteredWebhook,
  url: string,
): boolean {
  if (stored?.id !== id || stored.url !== url || stored.state !== status) return false;
  try {
    return open(keyring, String(org._id), stored.sealedSecret, 'webhook-secret') === secret;
  } catch (error) {
    if (error instanceof KeyUnreadable) return false;
    throw error;
  }
}

async function infoOf(on: OneWebhook, url: string): Promise<WebhookInfo> {
  const { api, apiKey, org, stored, store } = on;
  const orgId = String(org._id);
  const there = (await api.list(apiKey)).find((one) => one.url === url);
  const { lastDeliveryAt } = stored ?? {};
  const told = lastDeliveryAt === undefined ? {} : { lastDeliveryAt };
  if (there === undefined) return { orgId, state: 'missing', ...told };
  const { id, status, eventTypes } = there;
  if (stored?.id === id && stored.state !== status) await store.webhooks.noteState(org._id, id, status);
  const isWhole =
    tellsAll(there) && isSame({ ...on, stored: stored && { ...stored, state: status } }, there, url);
  const state = status === 'paused' ? 'paused' : isWhole ? 'active' : 'incomplete';
  return { orgId, state, url, eventTypes, ...told };
}

async function removeOne(
  { api, apiKey, org, stored, store }: OneWebhook,
  publicUrl: string | undefined,
): Promise<RemovedWebhook> {
  const orgId = String(org._id);
  const url = publicUrl === undefined ? undefined : webhookAddress(publicUrl, orgId);
  const ours = (await api.list(apiKey)).filter((one) => one.id === stored?.id || one.url === url);
  for (const { id } of ours) await api.delete(apiKey, id);
  await store.webhooks.remove(org._id);
  return { orgId, outcome: ours.length > 0 || stored !== null ? 'removed' : 'none' };
}

function keyOf(keyring: Keyring, { _id, storedKey, keyProblem }: SyncableOrg): string {
  if (storedKey !== null) return openStored(keyring, String(_id), storedKey);
  throw new KeyUnreadable(keyProblem ?? 'the organization has no Luma key');
}

async function idsWithKey({ webhooks }: Store): Promise<string[]> {
  return (await webhooks.list()).map(({ orgId }) => String(orgId));
}
