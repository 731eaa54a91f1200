import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync } from '../../src/client.js';
import { lumaSyncOver } from '../../src/client/connect.js';
import { temporalAccess } from '../../src/client/temporal.js';
import { createLogger } from '../../src/logger.js';
import { ensureIndexes } from '../../src/mongo/collections.js';
import { storeOf } from '../../src/mongo/store.js';
import { createPages, type PagesOptions } from '../../src/pages/create-pages.js';
import { freshNamespace } from '../client/support/namespace.js';
import { planted } from '../support/canaries.js';
import { freshDatabase } from '../support/servers.js';
import { addEverything, addOrganization, addQuarantined } from './support/seed.js';
import { servePages, type ServedPages } from './support/serve.js';
import { Visitor } from './support/visitor.js';

const { db, uri, name } = freshDatabase();
const token = 'kN4m7Qx2vT9pLr5sWz8bYc3dFg6hJa1e';
const logger = createLogger('silent');
const closing: (() => Promise<void>)[] = [];

async function signedIn(options: Partial<PagesOptions> & Pick<PagesOptions, 'operations'>): Promise<Visitor> {
  const served: ServedPages = await servePages(createPages({ db, token, logger, ...options }));
  closing.push(() => served.close());
  const visitor = new Visitor(served.url);
  await visitor.signIn(token);
  return visitor;
}

afterAll(() => Promise.all(closing.map((close) => close())));

describe('the status page', () => {
  let operations: LumaSync;
  let visitor: Visitor;

  beforeAll(async () => {
    await ensureIndexes(db);
    const temporal = await freshNamespace();
    operations = connectLumaSync({ temporal, mongo: { uri, db: name } });
    closing.push(() => operations.close());
    visitor = await signedIn({ operations });
  });
  beforeEach(async () => {
    for (const { name: collection } of await db.listCollections().toArray())
      await db.collection(collection).deleteMany({});
  });

  test('says what waits for somebody, and leads to it', async () => {
    await addEverything(db);
    const { response, document } = await visitor.get('/status');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(document.errors).toEqual([]);
    for (const text of [
      'Somebody is needed.',
      'no worker is running',
      '1 calendar cannot be synced',
      '1 calendar has not been synced for 26 hours',
      '3 removals wait for a decision',
      '1 entry of Luma’s could not be understood',
      'Luma’s answers about 1 calendar look different from before',
      '2 of 5 calendars are up to date.',
      'There is no schedule',
      'Nothing is being synced now.',
      'Luma no longer accepts the key of this calendar.',
      'luma-sync orgs set-key night',
      'The start is a date that cannot be; the title is missing.',
      'Luma no longer tells the description.',
      '30 days: 30 syncs, 3 failed, 432 changes',
    ]) {
      expect(document.text).toContain(text);
    }
    const ids = new Set(
      ['h2', 'main'].flatMap((tag) => document.all(tag).map(({ attributes }) => attributes.id)),
    );
    for (const { attributes } of document.all('a')) {
      const { href = '' } = attributes;
      if (href.startsWith('#')) expect(ids).toContain(href.slice(1));
      else if (href.startsWith('/'))
        expect([href, (await visitor.get(href)).response.status]).toEqual([href, 200]);
    }
    const badges = document.all('h3').map(({ text }) => text);
    expect(badges.slice(-5)).toEqual([
      'Night Shift Musicians fails',
      'Brand New Society never synced',
      'Garden Friends of the Upper Valley and its Neighbouring Villages out of date',
      'Café Compiler up to date',
      'Harbour Makers Guild up to date',
    ]);
    expect(document.all('svg', { role: 'img' })).toHaveLength(5);
  });

  test('shows the entries in quarantine of some organizations, and counts those of others', async () => {
    for (let n = 10; n < 22; n++) {
      await addOrganization(db, `org-${n}`, `Club ${n}`);
      await addQuarantined(db, `org-${n}`, `evt-${n}`, [{ path: 'name', problem: 'missing' }]);
    }
    await addQuarantined(db, 'nobody', 'calev-lost', [{ path: 'url', problem: 'not-a-url' }]);
    const { document } = await visitor.get('/status');
    const cards = document.all('li', { class: 'card' });
    expect(cards).toHaveLength(13);
    expect(cards.filter(({ text }) => text.includes('The title is missing.')).length).toBeGreaterThan(8);
    expect(cards.every(({ text }) => text.includes('1 entry, the first seen 30 hours ago'))).toBe(true);
    expect(document.all('a', { href: 'https://luma.com/event/evt-10', rel: 'noopener' })).toHaveLength(1);
  });

  test('reads no list twice, and none that it does not show, over the connections of its server', async () => {
    await addEverything(db);
    const client = new MongoClient(uri, { monitorCommands: true });
    closing.push(() => client.close());
    const store = storeOf(client.db(name), { now: () => new Date() });
    const temporal = temporalAccess(await freshNamespace(), 5_000);
    closing.push(() => temporal.close());
    const watched = await signedIn({
      db: store.db,
      operations: lumaSyncOver({ temporal, store: () => Promise.resolve(store) }, {}),
    });
    const found: string[] = [];
    client.on('commandStarted', ({ commandName, command }) => {
      const { find, projection, filter } = command as Record<string, unknown>;
      if (commandName === 'find') found.push(JSON.stringify([find, filter, projection]));
    });
    expect((await watched.get('/status')).document.text).toContain('2 of 5 calendars are up to date.');
    expect(found).not.toEqual([]);
    const lists = found.filter((one) => !one.includes('{"_id":"'));
    expect(lists.filter((one, at) => lists.indexOf(one) !== at)).toEqual([]);
    expect(lists.filter((one) => one.startsWith('["organizations"'))).toHaveLength(1);
    expect(found.filter((one) => one.includes('"full"'))).toEqual([]);
  });

  test('says that all is well where it is', async () => {
    await addOrganization(db, 'harbour', 'Harbour');
    const calm = await signedIn({
      operations: {
        ...operations,
        status: async (options) => ({ ...(await operations.status(options)), needs: [] }),
      },
    });
    const { document } = await calm.get('/status');
    expect(document.text).toContain('All is well. Nothing waits for anybody.');
    expect(document.text).toContain('1 of 1 calendar is up to date.');
  });

  test('shows many organizations by pages, and finds one by its name or id', async () => {
    for (let n = 0; n < 30; n++)
      await addOrganization(db, `org-${n}`, n === 17 ? 'Café <i>Compiler' : `Club ${n}`);
    const first = await visitor.get('/status');
    expect(first.document.all('svg')).toHaveLength(25);
    const next = first.document.all('a', { rel: 'next' })[0]?.attributes.href ?? '';
    expect((await visitor.get(next.replace(/#.*/, ''))).document.all('svg')).toHaveLength(5);
    for (const page of ['99', '-1', 'x', '1e9']) {
      expect((await visitor.get(`/status?page=${page}`)).response.status).toBe(200);
    }
    for (const query of ['café', 'org-17']) {
      const { document } = await visitor.get(`/status?${new URLSearchParams({ q: query }).toString()}`);
      expect(document.all('h3').map(({ text }) => text)).toEqual(['Café <i>Compiler up to date']);
      expect(document.all('i')).toEqual([]);
    }
    expect((await visitor.get('/status?q=nobody')).document.text).toContain('None has this name.');
  });

  test('neither it nor any other page shows a key, a person or a way in', async () => {
    const { hosts, submitted_by: submitter, meeting_url: link } = planted('evt-1');
    await addEverything(db);
    const stray = { hosts, submitted_by: submitter, meeting_url: link, lumaApiKey: 'canary-key' };
    await db.collection('events').updateMany({}, { $set: stray });
    await db
      .collection('organizations')
      .updateMany({}, { $set: { lumaApiKey: 'secret-canary', owner: 'canary@example.org' } });
    await db.collection('held_removals').updateMany({}, { $set: stray });
    await db
      .collection('quarantined_entries')
      .updateMany({}, { $set: { 'values.hosts': 'canary@example.org' } });
    const pages = ['/', '/status', '/status/removals?org=harbour', '/status?q=night'];
    for (const path of pages) {
      const { response, html } = await visitor.get(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(html).not.toMatch(/canary|@|secret-/);
      expect(html).not.toContain(token);
    }
  });

  test('what is not there is said, whatever the method', async () => {
    expect((await visitor.get('/status/x')).response.status).toBe(404);
    expect((await visitor.get('/status/removals?org=nobody')).response.status).toBe(404);
    const form = await visitor.formToken();
    expect((await visitor.post('/status/x', { form })).response.status).toBe(404);
    const put = await fetch(`${visitor.url}/status`, { method: 'PUT', body: 'x' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    const head = await fetch(`${visitor.url}/status/events`, {
      ...{ method: 'HEAD', headers: { cookie: visitor.cookie } },
    });
    expect(head.status).toBe(200);
  });
});

describe('while a server is away', () => {
  const nowhere = '127.0.0.1:1';
  const temporal = { address: nowhere, namespace: 'default', connectionOptions: { address: nowhere } };

  test('Temporal: the page shows what MongoDB knows, and decisions are taken', async () => {
    await addEverything(db);
    const operations = connectLumaSync({ temporal, mongo: { uri, db: name } }, { connectTimeoutMs: 500 });
    closing.push(() => operations.close());
    const visitor = await signedIn({ operations });
    const { response, document } = await visitor.get('/status');
    expect(response.status).toBe(200);
    expect(document.text).toContain('Temporal, which runs the syncs, does not answer.');
    expect(document.text).not.toContain('The database does not answer.');
    expect(document.text).toContain('2 of 5 calendars are up to date.');
    expect(document.text).toContain('What is being synced now is not known.');
    const decided = await visitor.post('/status/removals', {
      ...{ form: await visitor.formToken(), org: 'harbour', event: 'evt-harbour-0' },
      ...{ name: 'Ann', decision: 'approve' },
    });
    expect(decided.response.status).toBe(303);
  });

  test('MongoDB: the page says so, and shows what Temporal knows', async () => {
    const operations = connectLumaSync(
      {
        temporal: await freshNamespace(),
        mongo: { uri: 'mongodb://ann:hunter2canary@127.0.0.1:1/app', db: 'app' },
      },
      { connectTimeoutMs: 300 },
    );
    closing.push(() => operations.close());
    const visitor = await signedIn({ operations });
    const page = async () => await visitor.get('/status');
    // On a busy machine Temporal is not reached in so short a time at once.
    await expect
      .poll(async () => (await page()).document.text, { timeout: 60_000 })
      .toContain('Nothing is being synced now.');
    const { response, document, html } = await page();
    expect(response.status).toBe(200);
    expect(document.text).toContain('The database does not answer.');
    expect(document.text).toContain('They cannot be read now.');
    expect(html).not.toContain('canary');
    expect((await visitor.get('/status/removals?org=x')).response.status).toBe(503);
  });
});
