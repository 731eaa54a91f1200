import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureIndexes } from '../../src/mongo/collections.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { CursorInvalid, type EventsQuery, findEvents, InvalidArgument } from '../../src/read/index.js';
import { checkQuery } from '../../src/read/query.js';
import { readPage } from '../../src/read/read-page.js';
import { freshDatabase } from '../support/servers.js';
import { eventDoc, hour, store } from './support/events.js';

const { db } = freshDatabase();
beforeAll(() => ensureIndexes(db));
afterEach(() => db.collection('events').deleteMany({}));

async function ids(query: EventsQuery = {}): Promise<string[]> {
  return (await findEvents(db, query)).events.map(({ lumaEventId }) => lumaEventId);
}

/** All pages of a query. */
async function walk(query: EventsQuery): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await findEvents(db, { ...query, cursor });
    pages.push(page.events.map(({ lumaEventId }) => lumaEventId));
    cursor = page.cursor;
  } while (cursor !== null);
  return pages;
}

describe('what is found', () => {
  it('are the public events of all organizations, by start, without what is internal or the application’s own', async () => {
    await store(
      db,
      eventDoc('evt-2', { startAt: hour(2), orgId: 'compiler' }),
      eventDoc('evt-1', { startAt: hour(1), city: 'Ghent', coordinates: { longitude: 3.7, latitude: 51 } }),
      eventDoc('evt-members', { visibility: 'members-only' }),
      { ...eventDoc('evt-3', { startAt: hour(3) }), seats: 12 },
    );
    const { events, cursor } = await findEvents(db);
    expect(cursor).toBeNull();
    expect(events.map(({ lumaEventId }) => lumaEventId)).toEqual(['evt-1', 'evt-2', 'evt-3']);
    const { _id, fingerprint, ...fields } = eventDoc('evt-3', { startAt: hour(3) });
    expect([_id, fingerprint]).not.toContain(undefined);
    expect(events[2]).toEqual(fields);
    expect(events[0]).toMatchObject({ city: 'Ghent', coordinates: { longitude: 3.7, latitude: 51 } });
    expect(await ids({ includeNonPublic: true })).toContain('evt-members');
  });

  it('are those of the organizations that are named, whatever the type of their ids', async () => {
    const hex = new ObjectId();
    await store(db, eventDoc('evt-1'), eventDoc('evt-2', { orgId: hex }), eventDoc('evt-3', { orgId: 'x' }));
    expect(await ids({ orgs: ['harbour'] })).toEqual(['evt-1']);
    expect(await ids({ orgs: [hex] })).toEqual(['evt-2']);
    expect(await ids({ orgs: [hex.toHexString(), 'x'] })).toEqual(['evt-2', 'evt-3']);
    expect(await ids({ orgs: ['nobody'] })).toEqual([]);
    expect(await ids({ orgs: [] })).toEqual([]);
  });

  it('begins at or after `from` and before `to`; what runs at `from` comes along where it is asked for', async () => {
    await store(
      db,
      eventDoc('evt-over', { startAt: hour(-3), endAt: hour(-1) }),
      eventDoc('evt-endless', { startAt: hour(-3) }),
      eventDoc('evt-ends-now', { startAt: hour(-2), endAt: hour(0) }),
      eventDoc('evt-long', { startAt: hour(-900), endAt: hour(900) }),
      eventDoc('evt-runs', { startAt: hour(-2), endAt: hour(1) }),
      eventDoc('evt-now', { startAt: hour(0), endAt: hour(2) }),
      eventDoc('evt-later', { startAt: hour(5) }),
      eventDoc('evt-members', { startAt: hour(-2), endAt: hour(1), visibility: 'members-only' }),
    );
    expect(await ids({ from: hour(0), to: hour(5) })).toEqual(['evt-now']);
    const running = { from: hour(0), includeRunning: true };
    expect(await ids(running)).toEqual(['evt-long', 'evt-runs', 'evt-now', 'evt-later']);
    expect(await ids({ ...running, to: hour(5), orgs: ['harbour'] })).toEqual([
      'evt-long',
      'evt-runs',
      'evt-now',
    ]);
    for (const limit of [1, 2, 3]) {
      const pages = await walk({ ...running, limit });
      expect(pages.flat()).toEqual(['evt-long', 'evt-runs', 'evt-now', 'evt-later']);
    }
  });

  it('has one of the tags, is in the city, and holds each word of the text in any case', async () => {
    await store(
      db,
      eventDoc('evt-1', { tags: ['music', 'free'], city: 'Zürich', title: 'Jazz (live) im Park' }),
      eventDoc('evt-2', { tags: ['music'], city: 'Ghent', description: 'ÜBER Jazz' }),
      eventDoc('evt-3', { tags: ['talks'], city: 'Ghent', location: 'Jazzkeller, Ghent' }),
      eventDoc('evt-4', { hostName: 'C++ guild' }),
    );
    expect(await ids({ tags: ['free', 'talks'] })).toEqual(['evt-1', 'evt-3']);
    expect(await ids({ tags: [] })).toEqual([]);
    expect(await ids({ city: 'Ghent' })).toEqual(['evt-2', 'evt-3']);
    expect(await ids({ city: 'Ghent', tags: ['music'] })).toEqual(['evt-2']);
    expect(await ids({ text: 'jazz' })).toEqual(['evt-1', 'evt-2', 'evt-3']);
    expect(await ids({ text: '  JAZZ ghent ' })).toEqual(['evt-2', 'evt-3']);
    expect(await ids({ text: 'über' })).toEqual(['evt-2']);
    expect(await ids({ text: 'ZÜRICH' })).toEqual(['evt-1']);
    expect(await ids({ text: '(live)' })).toEqual(['evt-1']);
    expect(await ids({ text: 'c++' })).toEqual(['evt-4']);
    expect(await ids({ text: '.*' })).toEqual([]);
    expect(await ids({ text: ' ' })).toHaveLength(4);
  });

  it('leaves out what other programs put there, and documents that were damaged', async () => {
    await store(
      db,
      { orgId: 'harbour', title: 'A newsletter', startAt: hour(1), visibility: 'public' },
      { ...eventDoc('evt-early'), revision: undefined },
      { ...eventDoc('evt-damaged', { startAt: hour(1) }), tags: null },
      { ...eventDoc('evt-odd', { startAt: hour(1) }), orgId: 7 },
      { ...eventDoc('evt-timeless'), startAt: 'soon' },
      eventDoc('evt-1', { startAt: hour(2) }),
    );
    expect(await ids()).toEqual(['evt-1']);
    expect((await walk({ limit: 1 })).flat()).toEqual(['evt-1']);
  });

  it('is the same before a worker has created the indexes', async () => {
    await db.collection('events').dropIndexes();
    await store(db, eventDoc('evt-1', { tags: ['a'], endAt: hour(4) }));
    expect(await ids()).toEqual(['evt-1']);
    expect(await ids({ from: hour(1), includeRunning: true, tags: ['a'], text: 'title' })).toEqual(['evt-1']);
    await ensureIndexes(db);
  });
});

describe('pages', () => {
  it('show every event once, in one order, whatever their size and however many events begin together', async () => {
    const startIndex = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(
        startIndex,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (starts, limit, odd) => {
          await db.collection('events').deleteMany({});
          const docs = starts.map((start, n) => ({
            ...eventDoc(`evt-${n}`, { startAt: hour(start), orgId: n % 2 === 0 ? 'a' : 'b' }),
            // As an earlier program numbered them.
            ...(odd && n % 3 === 0 ? { _id: `theirs-${n}` } : {}),
            ...(odd && n % 3 === 1 ? { _id: n } : {}),
          }));
          await store(db, ...docs);
          const all = await ids({ limit: 100 });
          expect(all.toSorted()).toEqual(docs.map(({ lumaEventId }) => lumaEventId).toSorted());
          const pages = await walk({ limit });
          expect(pages.flat()).toEqual(all);
          expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
          expect((await walk({ limit, from: hour(1), to: hour(3), orgs: ['a', 'b'] })).flat()).toEqual(
            await ids({ limit: 100, from: hour(1), to: hour(3) }),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it('go on behind their last event, though others come and go meanwhile', async () => {
    await store(db, ...[1, 2, 3, 4].map((n) => eventDoc(`evt-${n}`, { startAt: hour(n) })));
    const { cursor } = await findEvents(db, { limit: 2 });
    await db.collection('events').deleteOne({ lumaEventId: 'evt-2' });
    await store(db, eventDoc('evt-0', { startAt: hour(0) }), eventDoc('evt-5', { startAt: hour(3) }));
    expect(await ids({ cursor })).toEqual(['evt-3', 'evt-5', 'evt-4']);
  });

  it('of a search end where enough was looked at, and the next one goes on there', async () => {
    const docs = Array.from({ length: 30 }, (_, n) =>
      eventDoc(`evt-${n}`, { startAt: hour(Math.floor(n / 4)), title: n % 10 === 9 ? 'Found' : 'Other' }),
    );
    await store(db, ...docs);
    const events = db.collection<EventDoc>('events');
    for (const query of [
      { text: 'found' },
      { text: 'found', orgs: ['harbour'], from: hour(0), to: hour(90) },
    ]) {
      const found: string[] = [];
      let position = undefined;
      let calls = 0;
      do {
        const checked = { ...checkQuery({ ...query, limit: 2 }), position };
        const page = await readPage(events, checked, 5);
        found.push(...page.docs.map(({ lumaEventId }) => lumaEventId));
        position = page.next;
        calls += 1;
      } while (position !== undefined && calls < 30);
      expect(found).toEqual(['evt-9', 'evt-19', 'evt-29']);
      expect(calls).toBeGreaterThan(2);
      expect(calls).toBeLessThan(7);
    }
  });
});

describe('what is asked wrongly is refused', () => {
  it.each<[string, unknown]>([
    ['empty', ''],
    ['no cursor', 'nonsense'],
    ['JSON of another kind', Buffer.from('[1,2]').toString('base64url')],
    ['an instant that is none', Buffer.from('[1,9e99,null]').toString('base64url')],
    ['with something behind it', `${Buffer.from('[1,5,null]').toString('base64url')}!`],
    ['a filter', { $gt: '' }],
    ['endless', 'a'.repeat(100_000)],
  ])('a cursor that is %s', async (_, cursor) => {
    await expect(findEvents(db, { cursor: cursor as string })).rejects.toThrow(CursorInvalid);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 10_001, '5', null])('the limit %j', async (limit) => {
    await expect(findEvents(db, { limit: limit as number })).rejects.toThrow(
      new RangeError('limit is a whole number from 1 to 10000'),
    );
  });

  it.each<[string, object, RegExp]>([
    ['organizations that are no list', { orgs: 'harbour' }, /^orgs must be a list/],
    ['an organization that is a filter', { orgs: [{ $ne: '' }] }, /organization must be given by its id/],
    ['one that says it is an ObjectId', { orgs: [{ _bsontype: 'ObjectId' }] }, /must be given by its id/],
    ['a tag that is a filter', { tags: [{ $gt: '' }] }, /^each of tags must be a string/],
    ['a city that is a filter', { city: { $ne: '' } }, /^city must be a string/],
    ['a text without end', { text: 'a '.repeat(200) }, /^text must be a string of at most 200/],
    ['a text that is a pattern', { text: /a/ }, /^text must be a string/],
    ['an instant as text', { from: '2090-11-03' }, /^from must be a valid Date/],
    ['running at no instant', { includeRunning: true }, /^includeRunning needs from/],
    ['a mistyped field', { tag: ['a'] }, /no field "tag" \(known: orgs, from/],
  ])('%s', async (_, query, message) => {
    const refused = findEvents(db, query);
    await expect(refused).rejects.toThrow(InvalidArgument);
    await expect(refused).rejects.toThrow(message);
  });

  it('a database that is not connected yet', async () => {
    await expect(findEvents(undefined as never)).rejects.toThrow(/^db must be a connected MongoDB database/);
  });
});
