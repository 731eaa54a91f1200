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
/** Those that are looked at for silence, the longest silent first, and how many at a time. */
const LOOKED_AT = 500;
const A_READ = 50;
const AT_ONCE = 4;

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
  const reads = chunks(quiet.slice(0, LOOKED_AT), A_READ);
  const silent = await pLimit(AT_ONCE).map(reads, (some) => silentOf(some, webhooks));
  return {
    organizations: all.length,
    registered: registered.length,
    missing: idsOf(all.filter((one) => !isRegistered(one))),
    moved: idsOf(registered.filter(isMoved)),
    paused: idsOf(registered.filter(({ webhook }) => webhook.state === 'paused')),
    silent: silent.flat(),
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

/** @param some the longest silent first */
async function silentOf(
  some: readonly Registered[],
  webhooks: Pick<Store['webhooks'], 'lastChanges'>,
): Promise<SilentWebhook[]> {
  const heard = some.map(({ webhook }) => heardAt(webhook).getTime());
  const after = new Date(Math.min(...heard) + LATE_MS);
  const changes = await webhooks.lastChanges(
    some.map(({ orgId }) => orgId),
    after,
  );
  return some.flatMap(({ orgId, webhook }) => {
    const changedAt = changes.get(String(orgId));
    if (changedAt === undefined || changedAt.getTime() - heardAt(webhook).getTime() <= LATE_MS) return [];
    const { lastDeliveryAt } = webhook;
    return [{ orgId: String(orgId), changedAt, ...(lastDeliveryAt === undefined ? {} : { lastDeliveryAt }) }];
  });
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, nth) =>
    all.slice(nth * size, (nth + 1) * size),
  );
}
