import pLimit from 'p-limit';
import type { OrgId } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import type { WebhookOfOrg } from '../mongo/webhooks.js';
import { webhookAddress } from './webhook-address.js';

/** A webhook that says nothing though its calendar has changed. */
export interface SilentWebhook {
  orgId: string;
  /** Absent: there never was one. */
  lastDeliveryAt?: Date;
  /** When a sync of the calendar last found a change. */
  changedAt: Date;
}

/** How Luma tells of changes, by what is stored. Organizations by their ids. */
export interface WebhooksStanding {
  /** Organizations with a key. */
  organizations: number;
  registered: number;
  /** Without a webhook, though others have one, or LUMA_SYNC_PUBLIC_URL is set. */
  missing: string[];
  /** At another address than LUMA_SYNC_PUBLIC_URL. */
  moved: string[];
  /** By Luma's word, when it was last asked. */
  paused: string[];
  silent: SilentWebhook[];
}

/** A delivery is noted about once a minute, and a change of many events takes a while. */
const LATE_MS = 15 * 60_000;
/** Those that are looked at for silence, the longest silent first: each costs two small reads. */
const LOOKED_AT = 500;
const AT_ONCE = 16;

/** @param all of organizations with a key. @returns `null` where webhooks are not used. @throws StoreUnavailable */
export async function webhooksStanding(
  all: readonly WebhookOfOrg[],
  { webhooks, now }: Pick<Store, 'webhooks' | 'now'>,
  publicUrl: string | undefined,
): Promise<WebhooksStanding | null> {
  const registered = all.filter(isRegistered);
  if (publicUrl === undefined && registered.length === 0) return null;
  const idsOf = (some: readonly WebhookOfOrg[]) => some.map(({ orgId }) => String(orgId));
  const isMoved = ({ orgId, webhook }: Registered) =>
    publicUrl !== undefined && webhook.url !== webhookAddress(publicUrl, String(orgId));
  const at = now().getTime();
  const quiet = registered
    .filter(({ webhook }) => webhook.state === 'active' && at - heardAt(webhook).getTime() > LATE_MS)
    .toSorted((a, b) => heardAt(a.webhook).getTime() - heardAt(b.webhook).getTime());
  const looked = await pLimit(AT_ONCE).map(quiet.slice(0, LOOKED_AT), async (one) => {
    const changedAt = await webhooks.lastChangeAt(one.orgId);
    return silence(one, changedAt);
  });
  return {
    organizations: all.length,
    registered: registered.length,
    missing: idsOf(all.filter((one) => !isRegistered(one))),
    moved: idsOf(registered.filter(isMoved)),
    paused: idsOf(registered.filter(({ webhook }) => webhook.state === 'paused')),
    silent: looked.filter((one) => one !== null),
  };
}

interface Registered {
  orgId: OrgId;
  webhook: NonNullable<WebhookOfOrg['webhook']>;
}

function isRegistered(one: WebhookOfOrg): one is Registered {
  return one.webhook !== null;
}

function heardAt({ registeredAt, lastDeliveryAt }: Registered['webhook']): Date {
  return lastDeliveryAt ?? registeredAt;
}

function silence({ orgId, webhook }: Registered, changedAt: Date | null): SilentWebhook | null {
  if (changedAt === null || changedAt.getTime() - heardAt(webhook).getTime() <= LATE_MS) return null;
  const { lastDeliveryAt } = webhook;
  return { orgId: String(orgId), changedAt, ...(lastDeliveryAt === undefined ? {} : { lastDeliveryAt }) };
}
