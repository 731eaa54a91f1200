import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from '../../logger.js';
import { BodyTooLarge, readBody } from '../../luma/body.js';
import { hintOf } from '../../luma/webhooks/delivery.js';
import { isSignedBy, type SignedDelivery } from '../../luma/webhooks/signature.js';
import type { StoredWebhook, WebhookStore } from '../../mongo/webhooks.js';
import { KeyUnreadable } from '../../secrets/errors.js';
import type { Keyring } from '../../secrets/keyring.js';
import { open } from '../../secrets/sealed-key.js';
import type { HintSender } from './hint-sender.js';

export interface ReceiverMeans {
  webhooks: Pick<WebhookStore, 'get' | 'noteDelivery'>;
  keyring: Keyring;
  sender: Pick<HintSender, 'send'>;
  now: () => Date;
  log: Pick<Logger, 'error' | 'warn'>;
}

/** `accepted`: the hint cannot be lost. `refused`: whoever sent it is told no more than that. */
export type Received = 'accepted' | 'refused' | 'too-large';

const MAX_BODY_BYTES = 256 * 1024;
/** A day of deliveries is told apart by these; Luma's are far shorter. */
const MAX_DELIVERY_ID = 200;
const NOTED_EVERY_MS = 60_000;
/** How long what is known of an organization is used, so that a burst reads it once. */
const FRESH_MS = 1_000;
const MOST_KNOWN = 10_000;
/** No organization has a longer one. */
const LONGEST_ID = 300;

/**
 * What becomes of a delivery from Luma. Of its body nothing is taken but which event to ask about, and that only once
 * the signature is right. An organization that is not there, one without a webhook and a wrong signature are refused
 * alike, after the same work.
 */
export function webhookReceiver({ webhooks, keyring, sender, now, log }: ReceiverMeans) {
  const notedAt = new Map<string, number>();
  const known = new Map<string, { until: number; webhook: Promise<StoredWebhook | null> }>();
  // What is signed by nobody.
  const decoy = `whsec_${randomBytes(24).toString('base64')}`;

  /** As well of organizations that are not there: one answers no sooner than the other. */
  async function webhookOf(orgId: string, isFresh: boolean): Promise<StoredWebhook | null> {
    const at = performance.now();
    const before = known.get(orgId);
    if (!isFresh && before !== undefined && at < before.until) return await before.webhook;
    if (known.size >= MOST_KNOWN) known.clear();
    const webhook = webhooks.get(orgId);
    known.set(orgId, { until: at + FRESH_MS, webhook });
    webhook.catch(() => known.delete(orgId));
    return await webhook;
  }

  /** The organization's webhook, where its secret has signed; `null`: nobody has. */
  async function signer(orgId: string, signed: Omit<SignedDelivery, 'nowMs'>): Promise<StoredWebhook | null> {
    const isKnown = performance.now() < (known.get(orgId)?.until ?? 0);
    // What is known of it may be old: it may have been registered anew just now.
    for (const isFresh of isKnown ? [false, true] : [true]) {
      const webhook = await webhookOf(orgId, isFresh);
      const isSigned = isSignedBy(secretOf(webhook), { ...signed, nowMs: now().getTime() });
      if (webhook !== null && isSigned) return webhook;
    }
    return null;
  }

  function secretOf(webhook: StoredWebhook | null): string {
    if (webhook === null) return decoy;
    const orgId = String(webhook.orgId);
    try {
      return open(keyring, orgId, webhook.sealedSecret, 'webhook-secret');
    } catch (error) {
      if (!(error instanceof KeyUnreadable)) throw error;
      log.error({ orgId, reason: error.message }, "cannot open the secret of an organization's webhook");
      return decoy;
    }
  }

  async function note({ orgId, id }: StoredWebhook): Promise<void> {
    const key = String(orgId);
    const at = now();
    if (at.getTime() - (notedAt.get(key) ?? -Infinity) < NOTED_EVERY_MS) return;
    notedAt.set(key, at.getTime());
    // Who is told of this is a person who looks: it may be missing.
    await webhooks.noteDelivery(orgId, id, at).catch(() => {
      notedAt.delete(key);
    });
  }

  /** @throws StoreUnavailable, TemporalUnavailable: Luma sends it again */
  return async (orgId: string, request: Request): Promise<Received> => {
    const at = now();
    let body: Buffer;
    try {
      body = await readBody(request, MAX_BODY_BYTES);
    } catch (error) {
      if (error instanceof BodyTooLarge) return 'too-large';
      throw error;
    }
    const webhook = await signer(orgId.length > LONGEST_ID ? '' : orgId, {
      signature: request.headers.get('webhook-signature'),
      body,
    });
    if (webhook === null) return 'refused';

    void note(webhook);
    const what = hintOf(body);
    if (what === 'nothing') return 'accepted';
    if (what === 'some-event') {
      log.warn(
        { orgId: String(webhook.orgId) },
        'a delivery does not say which event: the calendar is listed',
      );
    }
    const deliveryId = deliveryIdOf(request.headers.get('webhook-id'));
    await sender.send(String(webhook.orgId), { deliveryId, what, at });
    return 'accepted';
  };
}

/** Kept for a day: a long one by its digest. */
function deliveryIdOf(header: string | null): string | null {
  if (header === null || header === '') return null;
  if (header.length <= MAX_DELIVERY_ID) return header;
  return createHash('sha256').update(header).digest('base64url');
}
