import type { BulkWriteOptions, Collection, Document } from 'mongodb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeStore, type Change, type ChangedEvent } from '../../src/mongo/changes.js';
import { type Collections, collectionsOf, ensureIndexes } from '../../src/mongo/collections.js';
import { eventStore } from '../../src/mongo/events.js';
import { storeOf } from '../../src/mongo/store.js';
import { freshDatabase } from '../support/servers.js';
import { applyIn, at, openSync, seen } from './support/store.js';

const { db } = freshDatabase();
await ensureIndexes(db);
const whole = storeOf(db, { now: () => new Date() });

const ORG = 'org';

class Crash extends Error {}

/** Bulks written one operation after the other, with something happening before each. */
function stepwise<T extends Document>(
  collection: Collection<T>,
  beforeWrite: () => Promise<void>,
): Collection<T> {
  const bulkWrite = async (operations: Document[], options: BulkWriteOptions) => {
    const total = { matchedCount: 0, deletedCount: 0 };
    for (const operation of operations) {
      await beforeWrite();
      const done = await collection.bulkWrite([operation] as never, options);
      total.matchedCount += done.matchedCount;
      total.deletedCount += done.deletedCount;
    }
    return total;
  };
  return new Proxy(collection, {
    get: (target, name) => {
      if (name === 'bulkWrite') return bulkWrite;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** Follows the changes as an application does, and replays them. */
class Reader {
  readonly held = new Map<string, unknown>();
  readonly met = new Set<string>();
  private position: string | null = null;

  constructor(private readonly collections: Collections) {}

  /** @returns whether there is more */
  async page(limit: number): Promise<boolean> {
    const { changes, position, more } = await changeStore(this.collections).read({
      orgIds: null,
      since: this.position,
      limit,
    });
    expect(changes.length).toBeLessThanOrEqual(limit);
    if (more) expect(changes.length).toBe(limit);
    for (const change of changes) this.replay(change);
    this.position = position;
    return more;
  }

  private replay(change: Change): void {
    const { kind, event } = change;
    const once = `${kind} ${event.lumaEventId} ${event.revision}`;
    expect(this.met).not.toContain(once);
    this.met.add(once);
    if (kind === 'changed') this.held.set(event.lumaEventId, event);
    else this.held.delete(event.lumaEventId);
  }
}

const eventIds = fc.uniqueArray(fc.integer({ min: 0, max: 7 }).map((n) => `evt-${n}`));
const limits = fc.integer({ min: 1, max: 5 });
/** `clock`: seconds since the last one; clocks step back. `reads`: pages read before those writes. */
const batches = fc.record({
  show: eventIds,
  edition: fc.integer({ min: 0, max: 2 }),
  hide: eventIds,
  cancel: eventIds,
  clock: fc.integer({ min: -30, max: 30 }),
  crashBefore: fc.option(fc.integer({ min: 0, max: 6 })),
  reads: fc.array(fc.record({ write: fc.integer({ min: 0, max: 6 }), limit: limits }), { maxLength: 3 }),
  /** What a sync that ended well says of the organization. */
  rests: fc.boolean(),
});

test('a reader that replays the changes has the events, whatever is being written meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(batches, { minLength: 1, maxLength: 8 }), limits, async (steps, lastLimit) => {
      for (const { name } of await db.listCollections().toArray()) await db.collection(name).deleteMany({});
      const collections = collectionsOf(db);
      await collections.organizations.insertOne({ _id: ORG });
      const reader = new Reader(collections);
      let second = 0;

      for (const { show, edition, hide, cancel, clock, crashBefore, reads, rests } of steps) {
        await setState('syncing');
        let writes = 0;
        const beforeWrite = async () => {
          for (const { limit } of reads.filter(({ write }) => write === writes)) await reader.page(limit);
          if (writes++ === crashBefore) throw new Crash();
        };
        const store = eventStore({
          ...collections,
          events: stepwise(collections.events, beforeWrite),
          removedEvents: stepwise(collections.removedEvents, beforeWrite),
        });
        second += clock;
        const said = {
          events: show
            .filter((id) => !hide.includes(id))
            .map((id) => seen(id, { title: `edition ${edition}` })),
          hidden: hide,
        };
        const canceled = new Map(cancel.map((id) => [id, 'canceled' as const]));
        try {
          const syncId = await openSync(whole, ORG);
          await whole.fences.write(ORG, syncId, (write) => applyIn({ events: store }, write, second, said));
          await whole.fences.write(ORG, syncId, (write) => store.remove(write, canceled, at(second)));
          if (rests) await setState('ok');
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
      }

      while (await reader.page(lastLimit));
      const events = await collections.events
        .find()
        .project<ChangedEvent>({ _id: 0, fingerprint: 0 })
        .toArray();
      expect(reader.held).toEqual(new Map(events.map((event) => [event.lumaEventId, event])));
      expect(await reader.page(lastLimit)).toBe(false);

      async function setState(state: 'ok' | 'syncing') {
        await collections.organizations.updateOne({ _id: ORG }, { $set: { 'lumaSync.state': state } });
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);
