import type { Random } from './random.js';

/** A registration, in Luma's own field names. */
export interface FakeWebhook {
  id: string;
  url: string;
  event_types: string[];
  status: 'active' | 'paused';
  /** `whsec_…` */
  secret: string;
  created_at: Date;
}

/** The webhooks of one calendar. */
export class WebhookBook {
  readonly #webhooks = new Map<string, FakeWebhook>();

  constructor(
    private readonly random: Random,
    private readonly now: Date,
  ) {}

  /** In the order they were registered. Copies. */
  list(): FakeWebhook[] {
    return structuredClone([...this.#webhooks.values()]);
  }

  find(id: string): FakeWebhook | undefined {
    return this.#webhooks.get(id);
  }

  create(url: string, eventTypes: readonly string[]): FakeWebhook {
    const webhook: FakeWebhook = {
      id: `wh-${this.random.token(16)}`,
      url,
      event_types: [...eventTypes],
      status: 'active',
      secret: `whsec_${this.random.token(32)}`,
      created_at: this.now,
    };
    this.#webhooks.set(webhook.id, webhook);
    return webhook;
  }

  delete(id: string): boolean {
    return this.#webhooks.delete(id);
  }

  /** As somebody does in Luma's settings, or Luma itself after many failures. Throws RangeError for an id it lacks. */
  setStatus(id: string, status: FakeWebhook['status']): void {
    const webhook = this.#webhooks.get(id);
    if (webhook === undefined) throw new RangeError(`there is no webhook ${id}`);
    webhook.status = status;
  }

  /** Those that are to hear of changes of this type. */
  hearing(type: string): FakeWebhook[] {
    return [...this.#webhooks.values()].filter(
      ({ status, event_types }) => status === 'active' && event_types.includes(type),
    );
  }
}
