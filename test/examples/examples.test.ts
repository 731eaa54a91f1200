import { createServer } from 'node:net';
import { once } from 'node:events';
import ICAL from 'ical.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { storeOf } from '../../src/mongo/store.js';
import { applyAt, at, seen } from '../mongo/support/store.js';
import { freshDatabase } from '../support/servers.js';
import { type Program, start } from './support/program.js';
import { exampleProject } from './support/project.js';

const { db, uri, name } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
const env = { MONGODB_URI: uri, MONGODB_DB: name };
beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
});

const show = (second: number, ...ids: string[]) =>
  applyAt(store, 'harbour', second, { events: ids.map((id) => seen(id, { tags: [`tag-${id}`] })) });

const NODE = { typescript: 'node_modules/typescript/bin/tsc', next: 'node_modules/next/dist/bin/next' };

async function completed(program: Program): Promise<string> {
  const code = await program.ended();
  expect({ code, output: code === 0 ? '' : program.output() }).toEqual({ code: 0, output: '' });
  return program.output();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A feed over HTTP: parsed by another library, then known by its tag. */
async function expectFeed(url: string, uids: string[]): Promise<void> {
  const response = await fetch(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/calendar; charset=utf-8',
  ]);
  const calendar = new ICAL.Component(ICAL.parse(await response.text()) as unknown[]);
  const found = calendar
    .getAllSubcomponents('vevent')
    .map((event) => String(event.getFirstPropertyValue('uid')));
  expect(found.sort()).toEqual(uids.map((id) => `${id}@events.luma-sync`));
  const etag = response.headers.get('etag') ?? '';
  expect(etag).not.toBe('');
  const again = await fetch(url, { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('etag')]).toEqual([200, etag]);
}

describe('examples/express-api', () => {
  it('is well typed', async () => {
    const folder = await exampleProject('express-api');
    await completed(start(folder, [NODE.typescript], {}));
  });

  it('answers questions about events, page by page, and has feeds', async () => {
    const folder = await exampleProject('express-api');
    await show(0, 'evt-1', 'evt-2', 'evt-3');
    const program = start(folder, ['--import', 'tsx', 'server.ts'], { ...env, PORT: '0' });
    const [, base = ''] = await program.printed(/(http:\/\/127\.0\.0\.1:\d+)\/events/);
    const ids = async (query: string) => {
      const response = await fetch(`${base}/events${query}`);
      const { events, cursor } = (await response.json()) as {
        events: { lumaEventId: string }[];
        cursor: string | null;
      };
      return { ids: events.map(({ lumaEventId }) => lumaEventId), cursor };
    };
    const first = await ids('?limit=2');
    expect(first.ids).toHaveLength(2);
    const rest = await ids(`?limit=2&cursor=${first.cursor ?? ''}`);
    expect([...first.ids, ...rest.ids].sort()).toEqual(['evt-1', 'evt-2', 'evt-3']);
    expect(rest.cursor).toBeNull();
    expect((await ids('?org=harbour&tag=tag-evt-2&q=title')).ids).toEqual(['evt-2']);
    expect((await ids('?org=nobody')).ids).toEqual([]);

    const agenda = (await (await fetch(`${base}/agenda?tz=Asia/Tokyo`)).json()) as {
      days: { day: string }[];
    };
    expect(agenda.days.map(({ day }) => day)).toEqual(['2090-11-05']);
    for (const query of ['?cursor=nonsense', '?limit=0', '?from=soon', '?limit=many']) {
      const response = await fetch(`${base}/events${query}`);
      expect(response.status).toBe(400);
      expect(Object.keys((await response.json()) as object)).toEqual(['error']);
    }
    await expectFeed(`${base}/feeds/harbour/events.ics`, ['evt-1', 'evt-2', 'evt-3']);
    expect((await fetch(`${base}/feeds/nobody/events.ics`)).status).toBe(404);
  });
});

describe('examples/mongoose', () => {
  it('is well typed', async () => {
    const folder = await exampleProject('mongoose');
    await completed(start(folder, [NODE.typescript], {}));
  });

  it('prints the week’s events beside the application’s own model', async () => {
    const folder = await exampleProject('mongoose');
    const soon = new Date(Date.now() + 3_600_000);
    await applyAt(store, 'harbour', 0, {
      events: [
        seen('evt-1', { startAt: soon, title: 'Lantern walk', city: 'Ghent' }),
        seen('evt-2', { startAt: at(0) }),
      ],
    });
    await db.collection('favorites').insertMany([{ lumaEventId: 'evt-1' }, { lumaEventId: 'evt-1' }]);
    const printed = await completed(start(folder, ['--import', 'tsx', 'week.ts'], env));
    expect(printed).toMatch(
      /^\d{4}-\d\d-\d\d\n {2}Lantern walk \(Ghent, 2 marked it\) https:\/\/luma\.com\/evt-1\n$/,
    );
  });
});

describe('examples/nextjs', () => {
  it('is well typed, shows the events, and shows new ones once the changes were read', async () => {
    const folder = await exampleProject('nextjs');
    await show(0, 'evt-1');
    // This type-checks too, and renders the page.
    await completed(start(folder, [NODE.next, 'build'], env));
    const port = await freePort();
    const program = start(
      folder,
      [NODE.next, 'start', '--hostname', '127.0.0.1', '--port', String(port)],
      env,
    );
    await program.printed(/Ready in/);
    const base = `http://127.0.0.1:${port}`;
    const page = async () => await (await fetch(base)).text();
    expect(await page()).toContain('Title of evt-1');

    await show(1, 'evt-2');
    expect(await page()).not.toContain('Title of evt-2');
    const changed = async () => await (await fetch(`${base}/revalidate`, { method: 'POST' })).json();
    expect(await changed()).toEqual({ changed: 2 });
    await expect.poll(page, { timeout: 20_000 }).toContain('Title of evt-2');
    expect(await changed()).toEqual({ changed: 0 });
    await expectFeed(`${base}/feeds/events.ics`, ['evt-1', 'evt-2']);
  }, 300_000);
});
