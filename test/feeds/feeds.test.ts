import ICAL from 'ical.js';
import { type CommandStartedEvent, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { feeds, type FeedsOptions, icalFeed, InvalidArgument, jsonFeed } from '../../src/feeds/index.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { storeOf } from '../../src/mongo/store.js';
import { applyAt, at, cancelAt, seen } from '../mongo/support/store.js';
import { eventDoc, removedDoc } from '../read/support/events.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
const watched = new MongoClient(uri, { monitorCommands: true });
const commands: string[] = [];
watched.on('commandStarted', ({ commandName }: CommandStartedEvent) => {
  if (['find', 'aggregate', 'getMore'].includes(commandName)) commands.push(commandName);
});
afterAll(() => watched.close());
beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
  await watched.connect();
  commands.length = 0;
});

const DAY = 86_400;
let nowMs = at(0).getTime();
beforeEach(() => void (nowMs = at(0).getTime()));
const now = () => new Date(nowMs);

function ask(path: string, headers: Record<string, string> = {}, method = 'GET', options: FeedsOptions = {}) {
  return feeds(watched.db(name), { now, ...options })(
    new Request(`http://127.0.0.1${path}`, { headers, method }),
  );
}

async function items(path = '/feeds/events.json', options: FeedsOptions = {}): Promise<string[]> {
  const response = await ask(path, {}, 'GET', options);
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: { id: string }[] }).items.map(({ id }) => id);
}

/** UID and status of each event. */
async function calendar(path = '/feeds/events.ics'): Promise<string[]> {
  const text = await (await ask(path)).text();
  return new ICAL.Component(ICAL.parse(text) as unknown[])
    .getAllSubcomponents('vevent')
    .map(
      (event) =>
        `${String(event.getFirstPropertyValue('uid'))} ${String(event.getFirstPropertyValue('status'))}`,
    );
}

/** The database, in which something happens each time between the events that are there and those that are gone. */
function changingWhileRead(change: () => Promise<unknown>) {
  return {
    databaseName: db.databaseName,
    collection(collectionName: string) {
      const collection = db.collection(collectionName);
      if (collectionName !== 'removed_events') return collection;
      return {
        find(...query: Parameters<typeof collection.find>) {
          const cursor = collection.find(...query);
          const toArray = cursor.toArray.bind(cursor);
          return Object.assign(cursor, { toArray: async () => (await change(), await toArray()) });
        },
      };
    },
  };
}

const put = (...docs: EventDoc[]) => db.collection<EventDoc>('events').insertMany(docs);
const show = (orgId: string | ObjectId, second: number, ...ids: string[]) =>
  applyAt(store, orgId, second, { events: ids.map((id) => seen(id)) });

describe('what is in a feed', () => {
  it('are an organization’s public events, and of all organizations each event once', async () => {
    const hex = new ObjectId();
    await show('harbour', 0, 'evt-1', 'evt-both');
    await show(hex, 1, 'evt-2', 'evt-both');
    await applyAt(store, 'harbour', 2, { events: [seen('evt-members', { visibility: 'members-only' })] });
    expect((await items()).sort()).toEqual(['evt-1', 'evt-2', 'evt-both']);
    expect(await items('/feeds/harbour/events.json')).toEqual(['evt-1', 'evt-both']);
    expect((await items(`/feeds/${hex.toHexString()}/events.json`)).sort()).toEqual(['evt-2', 'evt-both']);
    expect((await calendar()).sort()).toEqual([
      'evt-1@events.luma-sync CONFIRMED',
      'evt-2@events.luma-sync CONFIRMED',
      'evt-both@events.luma-sync CONFIRMED',
    ]);
  });

  it('removed events are CANCELLED for 30 days, but not those that stopped being public, or are shown elsewhere', async () => {
    await show('harbour', 0, 'evt-1', 'evt-2', 'evt-3');
    await show('compiler', 0, 'evt-3');
    await cancelAt(store, 'harbour', 10, 'evt-1', 'evt-3');
    await applyAt(store, 'harbour', 11, { hidden: ['evt-2'] });
    await db
      .collection('removed_events')
      .insertMany([
        removedDoc('evt-old', { removedAt: at(-32 * DAY), startAt: at(DAY) }),
        removedDoc('evt-begun', { removedAt: at(0), startAt: at(-40 * DAY) }),
        removedDoc('evt-members', { removedAt: at(0), startAt: at(DAY), visibility: 'members-only' }),
      ]);
    expect(await calendar('/feeds/harbour/events.ics')).toEqual([
      'evt-1@events.luma-sync CANCELLED',
      'evt-3@events.luma-sync CANCELLED',
    ]);
    expect(await calendar()).toEqual([
      'evt-3@events.luma-sync CONFIRMED',
      'evt-1@events.luma-sync CANCELLED',
    ]);
    expect(await items('/feeds/compiler/events.json')).toEqual(['evt-3']);
    expect(await (await ask('/feeds/harbour/events.ics')).text()).not.toMatch(/evt-2|evt-members/);
    nowMs += 31 * DAY * 1_000;
    expect(await calendar('/feeds/harbour/events.ics')).toEqual([]);
  });

  it('what is to come has the room first, then what runs and what is over, for 30 days', async () => {
    const of = (id: string, start: number, end?: number) =>
      eventDoc(id, { startAt: at(start * DAY), ...(end === undefined ? {} : { endAt: at(end * DAY) }) });
    await put(
      ...[of('evt-over', -29, -28), of('evt-long-over', -40, -39), of('evt-runs', -60, 60)],
      ...[of('evt-late', -2), of('evt-1', 1), of('evt-2', 2), of('evt-3', 3)],
    );
    expect(await items()).toEqual(['evt-over', 'evt-late', 'evt-runs', 'evt-1', 'evt-2', 'evt-3']);
    expect(await items('/feeds/events.json', { limit: 5 })).toEqual([
      ...['evt-late', 'evt-runs', 'evt-1', 'evt-2', 'evt-3'],
    ]);
    expect(await items('/feeds/events.json', { limit: 2 })).toEqual(['evt-runs', 'evt-1']);
    expect(await items('/feeds/events.json', { pastDays: 0 })).toEqual([
      'evt-runs',
      'evt-1',
      'evt-2',
      'evt-3',
    ]);
  });

  it('of a JSON Feed names the feed’s own address, below the path of its site', async () => {
    const addresses = ['https://example.org', 'https://example.org/', 'https://example.org/calendar/'];
    const named = await Promise.all(
      addresses.map(async (baseUrl) => {
        const response = await ask('/feeds/events.json', {}, 'GET', { baseUrl });
        return ((await response.json()) as { feed_url: string }).feed_url;
      }),
    );
    expect(named).toEqual([
      ...['https://example.org/feeds/events.json', 'https://example.org/feeds/events.json'],
      'https://example.org/calendar/feeds/events.json',
    ]);
  });

  it('of a JSON Feed is as the format says, with an event’s own fields beside', async () => {
    await put(
      eventDoc('evt-1', {
        ...{ startAt: at(DAY), endAt: at(2 * DAY), description: '<b>Bring</b> a lamp\u0007', city: 'Ghent' },
        ...{ hostName: 'The Club', tags: ['free'], coverUrl: 'https://images.example/a.png' },
        coordinates: { longitude: 3.725, latitude: 51.0543 },
      }),
    );
    const response = await ask('/feeds/events.json', {}, 'GET', {
      baseUrl: 'https://events.example.org',
      pageUrl: 'https://events.example.org/',
      titleOf: (orgId) => `Events of ${orgId ?? 'all'}`,
    });
    expect(response.headers.get('content-type')).toBe('application/feed+json; charset=utf-8');
    expect(await response.json()).toEqual({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Events of all',
      home_page_url: 'https://events.example.org/',
      feed_url: 'https://events.example.org/feeds/events.json',
      items: [
        {
          id: 'evt-1',
          url: 'https://luma.com/evt-1',
          title: 'Title of evt-1',
          content_text: '<b>Bring</b> a lamp',
          image: 'https://images.example/a.png',
          date_published: eventDoc('').createdAt.toISOString(),
          date_modified: eventDoc('').changedAt.toISOString(),
          authors: [{ name: 'The Club' }],
          tags: ['free'],
          _event: {
            ...{ start: at(DAY).toISOString(), end: at(2 * DAY).toISOString(), timezone: 'Europe/Brussels' },
            ...{ location_kind: 'in-person', city: 'Ghent' },
            coordinates: { longitude: 3.725, latitude: 51.0543 },
          },
        },
      ],
    });
  });
});

describe('who has a feed already', () => {
  it.each(['/feeds/harbour/events.ics', '/feeds/events.ics', '/feeds/events.json'])(
    'is told so at the cost of one small read, until something changes: %s',
    async (path) => {
      await show('harbour', 0, 'evt-1');
      await show('compiler', 0, 'evt-9');
      const tags = new Set<string>();
      /** The tag of the feed as it is now, and that it is known. */
      const tagNow = async () => {
        const etag = (await ask(path)).headers.get('etag') ?? '';
        expect(etag).toMatch(/^"[\w-]{27}"$/);
        commands.length = 0;
        const again = await ask(path, { 'if-none-match': etag });
        expect({ status: again.status, etag: again.headers.get('etag') }).toEqual({ status: 304, etag });
        expect(await again.text()).toBe('');
        expect(commands).toEqual(['aggregate']);
        tags.add(etag);
      };
      await tagNow();
      await tagNow();
      expect(tags.size).toBe(1);
      await show('harbour', 1, 'evt-1', 'evt-2');
      await tagNow();
      await applyAt(store, 'harbour', 2, { events: [seen('evt-1', { title: 'Another' })] });
      await tagNow();
      await cancelAt(store, 'harbour', 3, 'evt-2');
      await tagNow();
      await show('harbour', 4, 'evt-2');
      await tagNow();
      expect(tags.size).toBe(5);
      nowMs += DAY * 1_000;
      await tagNow();
      expect(tags.size).toBe(6);
    },
  );

  it('a change of one organization shows in the feed of all, though another’s is newer', async () => {
    await show('harbour', 0, 'evt-1');
    await show('compiler', 1_000, 'evt-9');
    const etag = (await ask('/feeds/events.ics')).headers.get('etag') ?? '';
    await show('harbour', 500, 'evt-2');
    expect((await ask('/feeds/events.ics', { 'if-none-match': etag })).status).toBe(200);
  });

  it('names the version in any form that HTTP has', async () => {
    await show('harbour', 0, 'evt-1');
    const etag = (await ask('/feeds/events.ics')).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await ask('/feeds/events.ics', { 'if-none-match': known })).status).toBe(304);
    }
    for (const other of ['"other"', etag.replaceAll('"', ''), '']) {
      expect((await ask('/feeds/events.ics', { 'if-none-match': other })).status).toBe(200);
    }
    const json = (await ask('/feeds/events.json')).headers.get('etag');
    const renamed = await ask('/feeds/events.ics', {}, 'GET', { titleOf: () => 'Other' });
    expect(new Set([etag, json, renamed.headers.get('etag')]).size).toBe(3);
  });

  it.each([
    ['once', 1],
    ['without an end', 9],
  ])('no tag is of other contents, though events change %s while they are read', async (_, times) => {
    await show('harbour', 0, 'evt-1');
    let changes = 0;
    const changing = changingWhileRead(async () => {
      if (changes < times) await show('harbour', ++changes, `evt-new-${changes}`);
    });
    const response = await icalFeed(changing, { now })(new Request('http://127.0.0.1/events.ics'));
    const [body, plain] = [
      await response.text(),
      await icalFeed(db, { now })(new Request('http://127.0.0.1/')),
    ];
    if (times === 1) {
      expect(response.headers.get('etag')).toBe(plain.headers.get('etag'));
      expect(body).toBe(await plain.text());
      expect(body).toContain('UID:evt-new-1');
    } else {
      expect(changes).toBe(3);
      expect(response.headers.get('etag')).toBeNull();
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('HEAD says what GET would, without the feed', async () => {
    await show('harbour', 0, 'evt-1');
    const [get, head] = [await ask('/feeds/events.ics'), await ask('/feeds/events.ics', {}, 'HEAD')];
    expect(head.status).toBe(200);
    expect([...head.headers]).toEqual([...get.headers]);
    expect(await head.text()).toBe('');
    expect(Object.fromEntries(get.headers)).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('what cannot be answered', () => {
  it('other feeds and organizations are 404, other methods 405', async () => {
    await show('harbour', 0, 'evt-1');
    for (const path of [
      '/feeds',
      '/feeds/',
      '/feeds/events.xml',
      '/feeds/nobody/events.ics',
      '/feeds/%/events.ics',
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
    expect((await ask('/feeds/%7B%22$ne%22:1%7D/events.ics')).status).toBe(404);
    const post = await ask('/feeds/events.ics', {}, 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('without any event the feed of all is empty', async () => {
    expect(await items()).toEqual([]);
    expect(await calendar()).toEqual([]);
  });

  it('a database that does not answer is 503, and only the program is told why', async () => {
    const away = new MongoClient('mongodb://me:secret@127.0.0.1:1', { serverSelectionTimeoutMS: 50 });
    const errors: unknown[] = [];
    const response = await icalFeed(() => away.db('events'), { onError: (error) => errors.push(error) })(
      new Request('http://127.0.0.1/events.ics'),
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('The events cannot be read now.\n');
    expect(String(errors)).toMatch(/^StoreUnavailable: MongoDB: read the version of a feed failed/);
    expect(String(errors)).not.toContain('secret');
    await away.close();
  });

  it.each<[object, RegExp]>([
    [{ limit: 0 }, /^limit must be a whole number from 1 to 2000$/],
    [{ pastDays: 1.5 }, /^pastDays must be a whole number/],
    [{ title: '' }, /^title must be/],
    [{ pageUrl: 'javascript:alert(1)' }, /^pageUrl must be an address/],
    [{ name: 'x' }, /no field "name"/],
    [{ orgId: { $ne: 1 } }, /organization must be given by its id/],
  ])('options that are none are refused as the handler is made: %j', (options, message) => {
    expect(() => jsonFeed(db, options)).toThrow(InvalidArgument);
    expect(() => jsonFeed(db, options)).toThrow(message);
  });
});
