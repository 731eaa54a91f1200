import { setTimeout as delay } from 'node:timers/promises';
import { canBeAskedFor } from '../../events/event-ids.js';
import type { DeliveryHint } from '../../luma/webhooks/delivery.js';
import type { EventsChanged } from '../../workflows/contract.js';
import { MOST_IDS } from '../../workflows/pending-hints.js';

/** A delivery that is to be acted on. */
export interface Hint {
  /** Luma's id of the delivery; `null`: it has none, and cannot be told from its repeats. */
  deliveryId: string | null;
  what: Exclude<DeliveryHint, 'nothing'>;
  /** When it came, by MongoDB's clock. */
  at: Date;
}

export interface SenderMeans {
  /** Tells the organization's sync, or starts one. */
  signal: (orgId: string, changed: EventsChanged) => Promise<void>;
  /** Which of these deliveries were acted on already. */
  repeated: (orgId: string, deliveryIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Remembers deliveries that were acted on. */
  remember: (orgId: string, deliveryIds: readonly string[]) => Promise<void>;
}

/** Deliveries of one change come together: a new event is told of twice. */
const TOGETHER_MS = 50;
/** Somebody who changes something at Luma changes one event at a time: where these are several, more may be to come. */
const SEVERAL_MS = 250;
/** Between two signals of an organization. */
const SPACING_MS = 100;
/** More at once than a change or two bring. */
const A_FEW = 4;

/**
 * Passes hints on, together where many come at once: one signal of an organization is under way, and the next one
 * follows no sooner than a tenth of a second later. Deliveries that were passed on before are not again. Signals first
 * and remembers then: of a process that dies in between, Luma's repeat costs one more signal, and nothing is lost.
 */
export class HintSender {
  private readonly waiting = new Map<string, Batch>();
  private readonly underWay = new Map<string, Promise<void>>();
  /** Deliveries that are being acted on, so that a repeat at the same moment waits for the first. */
  private readonly deliveries = new Map<string, Promise<void>>();

  constructor(private readonly means: SenderMeans) {}

  /** Resolves once the hint cannot be lost any more. Rejects where it was not passed on. */
  async send(orgId: string, hint: Hint): Promise<void> {
    const { deliveryId } = hint;
    const key = `${orgId} ${deliveryId ?? ''}`;
    let sending = deliveryId === null ? undefined : this.deliveries.get(key);
    if (sending === undefined) {
      sending = this.join(orgId, hint);
      if (deliveryId !== null) this.deliveries.set(key, sending);
    }
    await sending.finally(() => this.deliveries.delete(key));
  }

  /** Resolves once nothing is under way. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay.values());
  }

  private async join(orgId: string, hint: Hint): Promise<void> {
    const batch = this.waiting.get(orgId) ?? newBatch();
    this.waiting.set(orgId, batch);
    batch.hints.push(hint);
    if (!this.underWay.has(orgId)) this.underWay.set(orgId, this.flush(orgId));
    await batch.sent;
  }

  /** Never rejects: what goes wrong is its senders'. */
  private async flush(orgId: string): Promise<void> {
    await delay(TOGETHER_MS);
    if (areSeveral(this.waiting.get(orgId)?.hints ?? [])) await delay(SEVERAL_MS);
    for (let batch = this.take(orgId); batch !== undefined; batch = this.take(orgId)) {
      const spacing = delay(SPACING_MS);
      await this.pass(orgId, batch);
      await spacing;
    }
    this.underWay.delete(orgId);
  }

  private take(orgId: string): Batch | undefined {
    const batch = this.waiting.get(orgId);
    this.waiting.delete(orgId);
    return batch;
  }

  private async pass(orgId: string, { hints, resolve, reject }: Batch): Promise<void> {
    const { repeated, signal, remember } = this.means;
    try {
      const before = await repeated(orgId, idsOf(hints));
      const fresh = hints.filter(({ deliveryId }) => deliveryId === null || !before.has(deliveryId));
      if (fresh.length > 0) {
        // Those that came while this was looked up are part of the same burst: its first signal says so.
        const isMany = fresh.length + (this.waiting.get(orgId)?.hints.length ?? 0) > A_FEW;
        await signal(orgId, { ...changedBy(fresh), ...(isMany ? { many: true } : {}) });
        await remember(orgId, idsOf(fresh));
      }
      resolve();
    } catch (error) {
      reject(error instanceof Error ? error : new Error('the hint was not passed on'));
    }
  }
}

interface Batch {
  hints: Hint[];
  sent: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

function newBatch(): Batch {
  const batch: Partial<Batch> = { hints: [] };
  batch.sent = new Promise((resolve, reject) => {
    batch.resolve = resolve;
    batch.reject = reject;
  });
  return batch as Batch;
}

function areSeveral(hints: readonly Hint[]): boolean {
  return new Set(hints.map(({ what }) => (what === 'some-event' ? what : what.eventId))).size > 1;
}

function idsOf(hints: readonly Hint[]): string[] {
  return hints.flatMap(({ deliveryId }) => deliveryId ?? []);
}

function changedBy(hints: readonly Hint[]): EventsChanged {
  const ids = new Set(hints.flatMap(({ what }) => (what === 'some-event' ? [] : what.eventId)));
  const asked = [...ids].filter(canBeAskedFor);
  const needsListing =
    hints.some(({ what }) => what === 'some-event') || asked.length < ids.size || asked.length > MOST_IDS;
  const toldAt = Math.max(...hints.map(({ at }) => at.getTime()));
  return {
    ...{ ids: asked.slice(0, MOST_IDS), toldAt },
    ...(needsListing ? { listing: true } : {}),
  };
}
