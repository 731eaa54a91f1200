import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { EVENT_FIELDS } from '../../src/events/diff.js';
import type { OrgId } from '../../src/mongo/documents.js';
import { storeOf } from '../../src/mongo/store.js';
import {
  eventSchema,
  findEvents,
  type LumaEvent,
  PositionInvalid,
  readChanges,
} from '../../src/read/index.js';
import { applyAt, cancelAt, seen } from '../mongo/support/store.js';
import { freshDatabase } from '../support/servers.js';
import { eventDoc, store as put } from './support/events.js';

const { db } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
});
const show = (orgId: OrgId, second: number, ...ids: string[]) =>
  applyAt(store, orgId, second, { events: ids.map((id) => seen(id)) });

describe('changes', () => {
  it('are read with nothing but a database, of all organizations or one, whatever the type of its id', async () => {
    const hex = new ObjectId();
    await show('acme', 0, 'evt-1', 'evt-2');
    await show(hex, 0, 'evt-3');
    const first = await readChanges(db);
    expect(first.changes.map(({ event }) => event.lumaEventId).sort()).toEqual(['evt-1', 'evt-2', 'evt-3']);
    await cancelAt(store, 'acme', 1, 'evt-1');
    await show(hex, 1, 'evt-4');
    for (const orgId of [hex, hex.toHexString()]) {
      const { changes, more } = await readChanges(db, { since: first.position, orgId });
      expect({ changes, more }).toMatchObject({
        changes: [{ event: { lumaEventId: 'evt-4' } }],
        more: false,
      });
    }
    const { changes } = await readChanges(db, { since: first.position, orgId: 'acme' });
    expect(changes).toMatchObject([{ kind: 'removed', reason: 'canceled', event: { lumaEventId: 'evt-1' } }]);
    expect((await readChanges(db, { orgId: 'nobody' })).changes).toEqual([]);
  });

  it('a position or a limit that is none is refused', async () => {
    await expect(readChanges(db, { since: 'nonsense' })).rejects.toThrow(PositionInvalid);
    await expect(readChanges(db, { limit: 0 })).rejects.toThrow(RangeError);
  });
});

describe('the schema', () => {
  it('takes what a sync wrote, as it is read and as it is stored, and has its type', async () => {
    await show('acme', 0, 'evt-1');
    await put(
      db,
      eventDoc('evt-full', {
        ...{
          orgId: new ObjectId(),
          city: 'Ghent',
          country: 'Belgium',
          endAt: new Date(),
          hostName: 'A club',
        },
        ...{ coordinates: { longitude: 3.7, latitude: 51 }, description: 'Long', location: 'Quay 1, Ghent' },
        coverUrl: 'https://images.example/a.png',
      }),
    );
    const { events } = await findEvents(db, { limit: 10 });
    expect(events).toHaveLength(2);
    for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
    const docs = await db.collection('events').find().sort({ startAt: 1, _id: 1 }).toArray();
    expect(docs.map((doc) => eventSchema.parse(doc))).toEqual(events);
    expectTypeOf<z.infer<typeof eventSchema>>().toExtend<LumaEvent>();
    expectTypeOf<LumaEvent>().toExtend<z.infer<typeof eventSchema>>();
  });

  it('has every field of an event', () => {
    expect(Object.keys(eventSchema.shape)).toEqual(
      expect.arrayContaining(EVENT_FIELDS.filter((name) => name !== 'fromApi')),
    );
  });

  it.each([
    ['no start', { startAt: 'soon' }],
    ['a point beyond the earth', { coordinates: { longitude: 181, latitude: 0 } }],
    ['an organization in a number', { orgId: 7 }],
  ])('refuses a document with %s', (_, damage) => {
    expect(eventSchema.safeParse({ ...eventDoc('evt-1'), ...damage }).success).toBe(false);
  });
});
