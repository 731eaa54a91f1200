import { z } from 'zod';

/** What is asked for. The legacy listing is a `list` too; `feed` is the public iCal feed. */
export type Endpoint = 'calendar' | 'list' | 'event' | 'feed' | 'webhooks';

const count = z.number().int().positive();
/** Absent, the fault stays until it is cleared; otherwise it clears itself after so many requests. */
const times = count.optional();
/** The first request the fault meets, counted from when it was set. Default 1. */
const onRequest = count.optional();
/** Absent: every endpoint. */
const endpoint = z.enum(['calendar', 'list', 'event', 'feed', 'webhooks']).optional();
const any = { endpoint, times, onRequest };
const listing = { times, onRequest };
const entries = { endpoint: z.enum(['list', 'event', 'feed']).default('list'), times, onRequest };

/** Everything that can go wrong; README.md says what each one does. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms: z.number().nonnegative(), ...any }),
  /** Begins a real block, as if the calendar had gone over its budget. */
  z.strictObject({ kind: z.literal('rate-limit'), blockMs: count.optional(), ...any }),
  z.strictObject({
    kind: z.literal('server-error'),
    status: z.number().int().min(500).max(599).default(503),
    ...any,
  }),
  /** Every `every`th request fails with 503: by default half of them. */
  z.strictObject({ kind: z.literal('flaky'), every: count.default(2), ...any }),
  z.strictObject({ kind: z.literal('reset'), ...any }),
  z.strictObject({ kind: z.literal('cut-body'), ...any }),
  z.strictObject({ kind: z.literal('html'), ...any }),
  /** What stands between answers in Luma's place: its own error form (or a page, or nothing), no rate-limit headers. */
  z.strictObject({
    kind: z.literal('gateway'),
    status: z.number().int().min(300).max(599).default(404),
    body: z.enum(['json', 'html', 'none']).default('json'),
    ...any,
  }),
  z.strictObject({ kind: z.literal('malformed-json'), ...any }),
  z.strictObject({ kind: z.literal('rejected-key'), ...any }),
  z.strictObject({ kind: z.literal('forbidden'), ...any }),
  z.strictObject({ kind: z.literal('repeated-cursor'), ...listing }),
  z.strictObject({ kind: z.literal('missing-cursor'), ...listing }),
  /** Each page after the first begins with the last entry of the page before. */
  z.strictObject({ kind: z.literal('duplicates'), ...listing }),
  /** No entries; a feed without events. */
  z.strictObject({ kind: z.literal('empty'), ...listing }),
  /** A feed that ends in the middle, and is whole as HTTP counts. */
  z.strictObject({ kind: z.literal('cut-feed'), ...listing }),
  z.strictObject({ kind: z.literal('missing-field'), field: z.string(), ...entries }),
  z.strictObject({ kind: z.literal('changed-type'), field: z.string(), ...entries }),
  /**
   * Sets fields to anything: an unknown field, an unknown enum value, an entry that cannot be. `eventId` or `nth` (from 1,
   * in the whole listing as it was asked for) names one event; without them it is every one.
   */
  z.strictObject({
    kind: z.literal('override'),
    fields: z.record(z.string(), z.unknown()),
    eventId: z.string().optional(),
    nth: count.optional(),
    ...entries,
  }),
]);

export type FaultSpec = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

interface ActiveFault {
  id: string;
  fault: Fault;
  /** Requests of the fault's endpoint since it was set. */
  met: number;
  /** Requests it went wrong for. */
  fired: number;
}

/** The faults of one calendar. */
export class FaultBook {
  #active: ActiveFault[] = [];
  #lastId = 0;

  /** Returns the fault's id, for clearing it. Throws for a fault it does not know. */
  set(spec: FaultSpec): string {
    const fault = faultSchema.parse(spec);
    this.#lastId += 1;
    const id = `fault-${this.#lastId}`;
    this.#active.push({ id, fault, met: 0, fired: 0 });
    return id;
  }

  /** Clears one, or all of them. False if there is none of that id. */
  clear(id?: string): boolean {
    const kept = this.#active.filter((active) => id !== undefined && active.id !== id);
    const found = kept.length < this.#active.length;
    this.#active = kept;
    return found;
  }

  list(): (Fault & { id: string; fired: number })[] {
    return this.#active.map(({ id, fault, fired }) => ({ ...fault, id, fired }));
  }

  /** What goes wrong for the request at hand. Counts it. */
  take(asked: Endpoint): FiredFaults {
    const fired: Fault[] = [];
    for (const active of this.#active) {
      if (!concerns(active.fault, asked)) continue;
      active.met += 1;
      const turn = active.met - (active.fault.onRequest ?? 1);
      if (turn < 0) continue;
      if (active.fault.kind === 'flaky' && (turn + 1) % active.fault.every !== 0) continue;
      active.fired += 1;
      fired.push(active.fault);
    }
    this.#active = this.#active.filter(
      ({ fault, fired: so }) => fault.times === undefined || so < fault.times,
    );
    return new FiredFaults(fired);
  }
}

/** The faults that meet one request. */
export class FiredFaults {
  constructor(readonly all: readonly Fault[]) {}

  /** The first of a kind. */
  find<Kind extends Fault['kind']>(kind: Kind): FaultOf<Kind> | undefined {
    return this.all.find((fault): fault is FaultOf<Kind> => fault.kind === kind);
  }

  has(kind: Fault['kind']): boolean {
    return this.find(kind) !== undefined;
  }
}

function concerns(fault: Fault, asked: Endpoint): boolean {
  if ('endpoint' in fault && fault.endpoint !== undefined) return fault.endpoint === asked;
  if (fault.kind === 'cut-feed') return asked === 'feed';
  if (fault.kind === 'empty') return asked === 'list' || asked === 'feed';
  const listingOnly = ['repeated-cursor', 'missing-cursor', 'duplicates'].includes(fault.kind);
  return !listingOnly || asked === 'list';
}
