import { changeEvent, completeEvent } from './complete.js';
import { type EventChanges, type EventSpec, eventSpecSchema, type FakeEvent } from './event.js';
import { FaultBook, type FaultSpec, type Fault } from './faults.js';
import type { GenerationContext } from './generate.js';
import { RateLimiter } from './limiter.js';
import { compareEvents } from './listing.js';
import { WebhookBook } from './webhooks.js';
import type { CalendarIdentity } from './wire.js';

/** What became of an event that a calendar once held. */
export type Fate = 'canceled' | 'transferred';

/** What happened to an event of a calendar. */
export interface CalendarChange {
  kind: 'added' | 'edited' | 'canceled';
  event: FakeEvent;
  /** Of an edited one. */
  before?: FakeEvent;
}

/**
 * One calendar and all that can be done to it. Changes take effect with the next request. Methods that name an event
 * throw `UnknownEvent` when the calendar does not hold it.
 */
export class FakeCalendar {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  /** Opens this calendar and no other. */
  readonly key: string;
  readonly identity: CalendarIdentity;
  readonly limiter: RateLimiter;
  /** Who reads the feed uses up nothing of the API's budget. */
  readonly feedLimiter: RateLimiter;
  readonly faultBook = new FaultBook();
  readonly webhooks: WebhookBook;
  /** Told of every change from now on. */
  onChange: (change: CalendarChange) => void = () => undefined;
  readonly #events = new Map<string, FakeEvent>();
  /** Of events it no longer holds; asked only for those. */
  readonly #fates = new Map<string, Fate>();
  readonly #context: GenerationContext;
  #sorted: readonly FakeEvent[] | undefined;

  constructor(parts: {
    identity: CalendarIdentity;
    key: string;
    limiter: RateLimiter;
    context: GenerationContext;
    events: readonly FakeEvent[];
  }) {
    this.identity = parts.identity;
    this.id = parts.identity.id;
    this.name = parts.identity.name;
    this.slug = parts.identity.slug;
    this.key = parts.key;
    this.limiter = parts.limiter;
    this.feedLimiter = new RateLimiter(parts.limiter.settings);
    this.#context = parts.context;
    this.webhooks = new WebhookBook(parts.context.random, parts.context.now);
    for (const event of parts.events) this.#put(event);
  }

  /** Everything it holds, by start: private, external and pending ones too. Copies. */
  events(): FakeEvent[] {
    return structuredClone([...this.sorted()]);
  }

  /** What a visitor of the calendar's page sees: approved and public, external ones included. Copies. */
  visibleEvents(): FakeEvent[] {
    return this.events().filter(
      (event) =>
        event.status === 'approved' && (event.platform === 'external' || event.visibility === 'public'),
    );
  }

  /** What a listing of everything (both platforms, both kinds of access, approved) would count. */
  get listedEvents(): number {
    return this.sorted().filter((event) => event.status === 'approved').length;
  }

  /** Unsaid fields are filled in. Throws when the id is taken or a value has a wrong type. */
  addEvent(spec: EventSpec = {}): FakeEvent {
    const event = completeEvent(readSpec(spec), this.#context);
    if (this.#events.has(event.id)) throw new RangeError(`calendar ${this.id} already has ${event.id}`);
    this.#put(event);
    this.onChange({ kind: 'added', event });
    return structuredClone(event);
  }

  /** Sets just these fields; a new start alone keeps the event's length. */
  editEvent(eventId: string, changes: EventSpec): FakeEvent {
    const current = this.#held(eventId);
    const event = changeEvent(current, readSpec(changes));
    if (event.id !== current.id) throw new RangeError('an event keeps its id');
    this.#put(event);
    this.onChange({ kind: 'edited', event, before: current });
    return structuredClone(event);
  }

  reschedule(eventId: string, startAt: Date | string, endAt?: Date | string): FakeEvent {
    return this.editEvent(eventId, {
      start_at: startAt,
      ...(endAt !== undefined && { end_at: endAt }),
    });
  }

  /** Deletes for good, as Luma does: gone from the list, and `events/get` answers 404 and says so. */
  cancel(eventId: string): void {
    const event = this.#held(eventId);
    this.#remove(eventId, 'canceled');
    this.onChange({ kind: 'canceled', event });
  }

  /** Hands the event over: here `events/get` answers 403 from now on. Without `to` it leaves the fake altogether. */
  transfer(eventId: string, to?: FakeCalendar): void {
    const event = this.#held(eventId);
    if (to === this) throw new RangeError('an event cannot be transferred to where it is');
    this.#remove(eventId, 'transferred');
    if (to === undefined) return;
    const there = { ...event, calendar_id: to.id };
    to.#put(there);
    to.onChange({ kind: 'added', event: there });
  }

  /** The list keeps showing it, with another visibility: `private` (default) or `members-only`. */
  hide(eventId: string, visibility = 'private'): FakeEvent {
    return this.editEvent(eventId, { visibility });
  }

  /** Returns an id for `clearFaults`. */
  setFault(fault: FaultSpec): string {
    return this.faultBook.set(fault);
  }

  /** One fault, or all of them. False if there is none of that id. */
  clearFaults(faultId?: string): boolean {
    return this.faultBook.clear(faultId);
  }

  faults(): (Fault & { id: string; fired: number })[] {
    return this.faultBook.list();
  }

  /** By start. Not copied: for reading only. */
  sorted(): readonly FakeEvent[] {
    this.#sorted ??= [...this.#events.values()].sort(compareEvents);
    return this.#sorted;
  }

  find(eventId: string): FakeEvent | undefined {
    return this.#events.get(eventId);
  }

  fate(eventId: string): Fate | undefined {
    return this.#fates.get(eventId);
  }

  #held(eventId: string): FakeEvent {
    const event = this.#events.get(eventId);
    if (event === undefined) throw new UnknownEvent(this.id, eventId);
    return event;
  }

  #put(event: FakeEvent): void {
    this.#events.set(event.id, event);
    this.#sorted = undefined;
  }

  #remove(eventId: string, fate: Fate): void {
    this.#events.delete(eventId);
    this.#fates.set(eventId, fate);
    this.#sorted = undefined;
  }
}

/** A method was given the id of an event that the calendar does not hold, or no longer. */
export class UnknownEvent extends Error {
  override name = 'UnknownEvent';

  constructor(calendarId: string, eventId: string) {
    super(`calendar ${calendarId} has no event ${eventId}`);
  }
}

/** The caller's values are copied, so that changing them afterwards changes no event. */
function readSpec(spec: EventSpec): EventChanges {
  return structuredClone(eventSpecSchema.parse(spec));
}
