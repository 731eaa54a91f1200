import { ObjectId } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { feeds } from '../../src/feeds/index.js';
import { createLogger } from '../../src/logger.js';
import { ensureIndexes } from '../../src/mongo/collections.js';
import { StoreUnavailable } from '../../src/mongo/errors.js';
import { createPages, type PagesOptions } from '../../src/pages/create-pages.js';
import { eventDoc, hour, store } from '../read/support/events.js';
import { freshDatabase } from '../support/servers.js';
import { readDocument, type ReadElement } from './support/document.js';
import { servePages, type ServedPages } from './support/serve.js';

const { db } = freshDatabase();
const logger = createLogger('silent');
/** The agenda asks nothing of the syncs. */
const operations = {} as PagesOptions['operations'];
let now = hour(0);
let served: ServedPages;

beforeAll(async () => {
  await ensureIndexes(db);
  served = await servePages(createPages({ db, operations, logger, now: () => now }));
});
afterEach(async () => {
  // What events can be narrowed to is kept for a minute.
  now = new Date(now.getTime() + 61_000);
  await db.collection('events').deleteMany({});
  await db.collection('organizations').deleteMany({});
});
afterAll(() => served.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${served.url}${path}`, { headers });

async function read(path = '/') {
  const response = await get(path);
  const html = await response.text();
  const document = readDocument(html);
  expect(document.errors).toEqual([]);
  return { response, html, document, titles: document.all('h3').map(({ text }) => text) };
}

const isFeed = ({ attributes }: ReadElement) => attributes.href?.includes('/feeds/') === true;

const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

async function organizations(...docs: { _id: string | ObjectId; name?: unknown }[]): Promise<void> {
  await db.collection<{ _id: string | ObjectId }>('organizations').insertMany(docs);
}

describe('the agenda', () => {
  test('shows upcoming public events by day, each at the time of its place, with where and whose it is', async () => {
    await organizations({ _id: 'harbour', name: 'Harbour Makers Guild' });
    await store(
      db,
      eventDoc('evt-tokyo', {
        ...{ title: 'Night of Robots', startAt: new Date('2090-11-04T16:00:00Z'), timezone: 'Asia/Tokyo' },
        ...{ endAt: new Date('2090-11-04T18:30:00Z'), location: 'Shibuya, Tokyo', tags: ['robots'] },
      }),
      eventDoc('evt-ghent', {
        ...{ title: 'Weekend', startAt: new Date('2090-11-04T18:00:00Z') },
        ...{ endAt: new Date('2090-11-06T11:00:00Z'), locationKind: 'hybrid', city: 'Gent' },
      }),
      eventDoc('evt-past', { startAt: later(-5), endAt: later(-1) }),
      eventDoc('evt-private', { startAt: later(20), visibility: 'private' }),
    );
    const { document, titles } = await read();
    expect(document.all('h2').map(({ text }) => text)).toEqual([
      'Saturday, 4 November 2090',
      'Sunday, 5 November 2090',
    ]);
    expect(titles).toEqual(['Weekend', 'Night of Robots']);
    const [ghent, tokyo] = document.all('li');
    expect(ghent?.text).toContain('19:00 – Mon 6 Nov, 12:00 Europe/Brussels');
    expect(ghent?.text).toContain('Gent · in person and online');
    expect(tokyo?.text).toContain('01:00 – 03:30 Asia/Tokyo');
    expect(tokyo?.text).toContain('Shibuya, Tokyo');
    expect(tokyo?.text).toContain('Harbour Makers Guild robots');
    expect(document.all('time', { datetime: '2090-11-04T16:00Z' })).toHaveLength(1);
    expect(document.all('a', { href: 'https://luma.com/evt-tokyo', rel: 'noopener' })).toHaveLength(1);
    expect(document.text).toContain('Each time is local to its event.');
  });

  test('an event that runs is still shown, and said to', async () => {
    await store(db, eventDoc('evt-1', { startAt: later(-1), endAt: later(1) }));
    expect((await read()).titles).toEqual(['Title of evt-1 on now']);
  });

  test('an event of two organizations is shown once, with both', async () => {
    await organizations({ _id: 'a', name: 'Alpha' }, { _id: 'b', name: 'Beta' });
    await store(
      db,
      eventDoc('evt-1', { startAt: later(1), orgId: 'a' }),
      eventDoc('evt-1', { startAt: later(1), orgId: 'b' }),
    );
    const { document, titles } = await read();
    expect(titles).toEqual(['Title of evt-1']);
    expect(document.all('li')[0]?.text).toContain('Alpha Beta');
  });

  test('is narrowed by a plain form: text, organization, city and tag', async () => {
    const id = new ObjectId();
    await organizations({ _id: id, name: 'Rust Berlin' }, { _id: 'harbour', name: 7 });
    await store(
      db,
      eventDoc('evt-1', { startAt: later(1), orgId: id, title: 'Borrowing', tags: ['code'] }),
      eventDoc('evt-2', { startAt: later(2), city: 'Gent', tags: ['wood & glue'] }),
    );
    const { document } = await read();
    expect(document.all('option').map(({ text }) => text)).toEqual([
      ...['All', 'harbour', 'Rust Berlin', 'All', 'Gent', 'All', 'code', 'wood & glue'],
    ]);
    for (const label of document.all('label')) {
      const { for: of = '' } = label.attributes;
      expect([...document.all('input', { id: of }), ...document.all('select', { id: of })]).toHaveLength(1);
    }
    const found = async (query: Record<string, string>) =>
      (await read(`/?${new URLSearchParams(query).toString()}`)).titles;
    expect(await found({ q: 'BORROW' })).toEqual(['Borrowing']);
    expect(await found({ org: id.toHexString() })).toEqual(['Borrowing']);
    expect(await found({ city: 'Gent', q: '', org: '', tag: '' })).toEqual(['Title of evt-2']);
    expect(await found({ tag: 'wood & glue' })).toEqual(['Title of evt-2']);
    expect(await found({ tag: 'wood & glue', city: 'Paris' })).toEqual([]);
    const chosen = await read('/?city=Paris&q=%22quoted%22');
    expect(chosen.document.all('option', { selected: '' }).map(({ text }) => text)).toEqual(['Paris']);
    expect(chosen.document.all('input', { name: 'q' })[0]?.attributes.value).toBe('"quoted"');
    expect(chosen.document.text).toContain('No upcoming events match.');
  });

  test('leads to the feeds of what it shows, for people and for programs', async () => {
    const orgId = 'makers & more/½';
    await organizations({ _id: orgId, name: 'Makers <b>' });
    await store(
      db,
      eventDoc('evt-1', { startAt: later(1), orgId }),
      eventDoc('evt-2', { startAt: later(1) }),
    );
    const handler = feeds(db, { now: () => now });
    const cases = [
      ['/', 'All events', 2],
      [`/?${new URLSearchParams({ org: orgId }).toString()}`, 'Events of Makers <b>', 1],
      ['/?org=nobody', 'All events', 2],
    ] as const;
    for (const [path, what, count] of cases) {
      const { document } = await read(path);
      expect(document.all('h1')[0]?.text).toBe(what.replace(/^(All e|E)vents/, 'Upcoming events'));
      expect(document.all('title')[0]?.text).toBe(document.all('h1')[0]?.text);
      expect(document.all('footer').map(({ text }) => text)).toEqual([
        `${what} as a feed: iCalendar for calendar programs, JSON Feed for feed readers.`,
      ]);
      const addresses = document.all('a').filter(isFeed);
      const alternates = document.all('link', { rel: 'alternate' });
      expect(alternates.map(({ attributes }) => attributes.title)).toEqual([
        ...[`${what} (iCalendar)`, `${what} (JSON Feed)`],
      ]);
      for (const links of [addresses, alternates]) {
        const [ical, json] = await Promise.all(
          links.map(({ attributes }) => handler(new Request(new URL(attributes.href ?? '', served.url)))),
        );
        expect((await ical?.text())?.match(/BEGIN:VEVENT/g)).toHaveLength(count);
        expect(((await json?.json()) as { items: unknown[] }).items).toHaveLength(count);
        expect([ical, json].map((answer) => answer?.headers.get('content-type')?.split(';')[0])).toEqual(
          links.map(({ attributes }) => attributes.type),
        );
      }
    }
  });

  test('goes on by pages, and keeps what was asked for', async () => {
    const docs = Array.from({ length: 101 }, (_, n) =>
      eventDoc(`evt-${n}`, { startAt: later(n + 1), tags: ['many'] }),
    );
    await store(db, ...docs);
    const seen: string[] = [];
    let path: string | undefined = '/?tag=many';
    const pages: number[] = [];
    while (path !== undefined) {
      const { titles, document } = await read(path);
      seen.push(...titles);
      pages.push(titles.length);
      path = document.all('a', { rel: 'next' })[0]?.attributes.href;
    }
    expect(pages).toEqual([50, 50, 1]);
    expect(seen).toEqual(docs.map(({ title }) => title));
    const last = await read('/?tag=many&after=WzEsNDEwMjQ0NDgwMDAwMCxudWxsXQ');
    expect(last.document.text).toContain('There are no later events.');
    expect(last.document.all('a', { href: '/?tag=many' }).map(({ text }) => text)).toContain('First events');
  });

  test('stays under 30 kB with 50 events', async () => {
    await organizations({ _id: 'harbour', name: 'Harbour Makers Guild' });
    await store(
      db,
      ...Array.from({ length: 60 }, (_, n) =>
        eventDoc(`evt-abcdefghijk${n}`, {
          ...{
            startAt: later(n),
            endAt: later(n + 2),
            title: `Introduction to programming robots, evening ${n}`,
          },
          ...{ location: '12 Quay Street, Harbour District, Gent', tags: ['robots', 'beginners'] },
        }),
      ),
    );
    const { html, titles } = await read();
    expect(titles).toHaveLength(50);
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
  });

  test('other people’s text is text, and a link leads to the web or nowhere', async () => {
    const evil = `</title></h3><script>alert(1)</script><img src=x onerror="alert(2)">"'&amp;\u0000\u202e`;
    await organizations({ _id: 'o"><b>', name: evil });
    await store(
      db,
      eventDoc('evt-1', {
        ...{ startAt: later(1), title: evil, location: evil, city: evil, tags: [evil], orgId: 'o"><b>' },
        ...{ hostName: evil, url: 'javascript:alert(3)', timezone: '<i>' },
      }),
    );
    const { document, titles } = await read();
    expect(titles[0]).toBe(evil.replace('\u0000', '\ufffd'));
    for (const name of ['img', 'b', 'i']) expect(document.all(name)).toEqual([]);
    expect(document.all('script').map(({ text }) => text)).toEqual(['']);
    expect(
      document.all('a').filter(({ attributes }) => /^\s*javascript/i.test(attributes.href ?? '')),
    ).toEqual([]);
    for (const { attributes } of document.all('a').filter((link) => !isFeed(link))) {
      expect((await get(attributes.href?.replace(/^#.*/, '/') ?? '')).status).toBe(200);
    }
  });

  test('nothing there is said', async () => {
    expect((await read()).document.text).toContain('There are no upcoming events.');
  });
});

describe('an answer', () => {
  test('lets a browser run and load only what this server has', async () => {
    const { response, document, html } = await read();
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('same-origin');
    expect(html).not.toMatch(/\sstyle=|\son\w+=|<style/);
    const sources = [
      ...document.all('script').map(({ attributes }) => attributes.src ?? ''),
      ...document.all('link', { rel: 'stylesheet' }).map(({ attributes }) => attributes.href ?? ''),
    ];
    expect(sources).toHaveLength(2);
    for (const source of sources) {
      const asset = await get(source);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('may be kept for a minute, and is not sent again while it is the same', async () => {
    await store(db, eventDoc('evt-1', { startAt: later(1) }));
    const first = await get('/');
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    const etag = first.headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get('/', { 'if-none-match': known });
      expect({ status: again.status, body: await again.text() }).toEqual({ status: 304, body: '' });
      expect(again.headers.get('etag')).toBe(etag);
    }
    await db.collection('events').updateOne({}, { $set: { title: 'Another title' } });
    expect((await get('/', { 'if-none-match': etag })).status).toBe(200);
  });

  test('to HEAD is the same without a body', async () => {
    const [head, whole] = await Promise.all([fetch(served.url, { method: 'HEAD' }), get('/')]);
    expect(await head.text()).toBe('');
    expect(head.headers.get('etag')).toBe(whole.headers.get('etag'));
  });

  test('to what is none of its pages quotes nothing', async () => {
    for (const [path, status] of [
      ['/?after=canary', 400],
      [`/?q=${'canary'.repeat(400)}`, 400],
      [`/?q=${'canary'.repeat(50)}`, 400],
      ['/assets/canary.js', 404],
      ['/assets/..%2fcanary', 404],
      ['/canary', 404],
      ['/status', 404],
      ['/status/canary', 404],
    ] as const) {
      const { response, html } = await read(path);
      expect([path, response.status]).toEqual([path, status]);
      expect(html).not.toContain('canary');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    const posted = await fetch(served.url, { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('while MongoDB is away says so, and says no more', async () => {
    const away = createPages({
      ...{ operations, logger },
      db: () => Promise.reject(new StoreUnavailable('canary', 'canary')),
    });
    const response = await away(new Request('http://localhost/'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toContain('canary');
  });
});

test('under a path of another site, every link and file is below it', async () => {
  const pages = createPages({
    db,
    operations,
    logger,
    publicUrl: 'https://example.org/calendar/',
    now: () => now,
  });
  await store(db, eventDoc('evt-1', { startAt: later(1), tags: ['a'] }));
  const document = readDocument(await (await pages(new Request('http://10.0.0.1/'))).text());
  const links = [
    ...document.all('a').map(({ attributes }) => attributes.href),
    ...document.all('link', { rel: 'stylesheet' }).map(({ attributes }) => attributes.href),
    ...document.all('link', { rel: 'alternate' }).map(({ attributes }) => attributes.href),
    ...document.all('script').map(({ attributes }) => attributes.src),
    ...document.all('form').map(({ attributes }) => attributes.action),
  ].filter((link) => link !== '#main' && link?.startsWith('https://luma.com/') !== true);
  expect(links).toHaveLength(9);
  for (const link of links) expect(link).toMatch(/^\/calendar\//);
});
