import { createHmac } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { CalendarChange, FakeCalendar } from './calendar.js';
import { createRandom, type Random } from './random.js';
import type { WebhookTrouble } from './webhook-trouble.js';
import type { FakeWebhook } from './webhooks.js';
import { deliveredEvent, deliveredSummary, type Json } from './wire.js';

/** One delivery of a webhook, with all that became of it. */
export interface Delivery {
  /** The same in its repeats. */
  id: string;
  calendarId: string;
  webhookId: string;
  type: string;
  eventId: string;
  at: Date;
  /** It never left. */
  lost: boolean;
  /** How it was answered, try by try; null: not at all. */
  statuses: (number | null)[];
}

const KEPT = 20_000;
/** Luma's own. */
const ANSWER_LIMIT_MS = 5_000;
const RETRY_MS = [1_000, 5_000, 30_000];
/** Of deliveries, so that it draws nothing that calendars are generated from. */
const OWN_RANDOM = 1_000_003;

/** Delivers what happens to calendars, signed as Luma signs, with the trouble that is wished for. */
export class Deliverer {
  readonly deliveries: Delivery[] = [];
  readonly #random: Random;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    public trouble: WebhookTrouble,
    seed: number,
  ) {
    this.#random = createRandom(seed, OWN_RANDOM);
    // One listener for every delivery that waits.
    setMaxListeners(0, this.#closing.signal);
  }

  tell(calendar: FakeCalendar, change: CalendarChange): void {
    for (const [type, data] of messagesOf(change)) {
      for (const webhook of calendar.webhooks.hearing(type)) {
        const body = JSON.stringify({ type, data });
        this.#dispatch(webhook, { calendarId: calendar.id, type, eventId: change.event.id }, body);
      }
    }
  }

  /** Resolves once nothing is on its way or waits to be tried again. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  close(): void {
    this.#closing.abort();
  }

  #dispatch(
    webhook: FakeWebhook,
    about: Pick<Delivery, 'calendarId' | 'type' | 'eventId'>,
    body: string,
  ): void {
    const { loss = 0, repeats = 0 } = this.trouble;
    const delivery: Delivery = {
      id: `msg-${this.#random.token(20)}`,
      webhookId: webhook.id,
      ...about,
      at: new Date(),
      lost: this.#random.chance(loss),
      statuses: [],
    };
    this.deliveries.push(delivery);
    if (this.deliveries.length > KEPT) this.deliveries.shift();
    if (delivery.lost) return;
    const times = this.#random.chance(repeats) ? 2 : 1;
    for (let nth = 0; nth < times; nth++) {
      const waitMs = this.#random.next() * (this.trouble.delayMs ?? 0);
      const sent = this.#deliver(webhook, delivery, { body, waitMs });
      this.#underWay.add(sent);
      void sent.finally(() => this.#underWay.delete(sent));
    }
  }

  /** Tries until it is answered with 2xx, or with 410, or there is no try left. Never rejects. */
  async #deliver(
    { url, secret }: FakeWebhook,
    delivery: Delivery,
    { body, waitMs }: { body: string; waitMs: number },
  ): Promise<void> {
    const waits = [waitMs, ...(this.trouble.retryMs ?? RETRY_MS)];
    for (const ms of waits) {
      if (ms > 0) await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      const status = await this.#post(url, headersOf(delivery.id, secret, body), body);
      delivery.statuses.push(status);
      if (status !== null && (status < 300 || status === 410)) return;
    }
  }

  async #post(url: string, headers: Record<string, string>, body: string): Promise<number | null> {
    try {
      const signal = AbortSignal.any([
        this.#closing.signal,
        AbortSignal.timeout(this.trouble.answerMs ?? ANSWER_LIMIT_MS),
      ]);
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }
}

/** HMAC-SHA256 over `<t>.<body>`; the key is the secret as it is shown. */
function headersOf(id: string, secret: string, body: string): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return {
    'content-type': 'application/json',
    'user-agent': 'fake-luma',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `t=${seconds},v1=${signature}`,
  };
}

/**
 * Of an event that another calendar manages, or of another site, Luma tells only that it has been added; of one that
 * the calendar has not accepted yet, nothing.
 */
function* messagesOf({ kind, event, before }: CalendarChange): Generator<[string, Json]> {
  if (event.status !== 'approved') return;
  const isManaged = event.platform === 'luma' && event.access === 'manage';
  const appears = kind === 'added' || before?.status === 'pending';
  if (appears && isManaged) yield ['event.created', deliveredEvent(event)];
  if (appears) yield ['calendar.event.added', deliveredSummary(event)];
  if (kind === 'edited' && isManaged) yield ['event.updated', deliveredEvent(event)];
  if (kind === 'canceled' && isManaged) yield ['event.canceled', deliveredEvent(event)];
}
