import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync } from '../../src/client.js';
import { createLogger } from '../../src/logger.js';
import { createPages } from '../../src/pages/create-pages.js';
import { liveUpdates } from '../../src/pages/status/live-updates.js';
import { connectedToFreshNamespace, type Connected } from '../client/support/connected.js';
import { startStandInWorker } from '../client/support/worker.js';
import { freshDatabase } from '../support/servers.js';
import { addOrganization } from './support/seed.js';
import { servePages, type ServedPages } from './support/serve.js';
import { Visitor } from './support/visitor.js';

interface News {
  html: string;
  running: number | null;
}

/** The events of a stream as they come. */
async function* eventsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string, void, undefined> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
}

async function nextData(events: AsyncGenerator<string, void, undefined>): Promise<string> {
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) throw new Error('the stream has ended');
    const data = /^event: running\ndata: (.*)$/.exec(value)?.[1];
    if (data !== undefined) return data;
  }
}

describe('live progress of syncs', () => {
  const { db, uri, name } = freshDatabase();
  const token = 'kN4m7Qx2vT9pLr5sWz8bYc3dFg6hJa1e';
  const ending = new AbortController();
  let connected: Connected;
  let worker: { stop: () => Promise<void> };
  let operations: LumaSync;
  let served: ServedPages;
  let visitor: Visitor;
  let looks = 0;

  beforeAll(async () => {
    connected = await connectedToFreshNamespace();
    worker = await startStandInWorker(connected.temporal);
    operations = connectLumaSync({ temporal: connected.temporal, mongo: { uri, db: name } });
    await addOrganization(db, 'slow', 'Slow <b>& Steady');
    const counted: LumaSync = {
      ...operations,
      status: (options) => {
        if (options?.parts !== undefined) looks++;
        return operations.status(options);
      },
    };
    const pages = createPages({
      ...{ db, operations: counted, token, logger: createLogger('silent'), signal: ending.signal },
    });
    served = await servePages(pages);
    visitor = new Visitor(served.url);
    await visitor.signIn(token);
  });
  afterAll(async () => {
    await served.close();
    await worker.stop();
    await operations.close();
    await connected.close();
  });

  test('shows a sync that runs, to all who watch by one look, until it ends', async () => {
    const run = await operations.syncOrgEvents('slow');
    const headers = { cookie: visitor.cookie };
    const streams = await Promise.all([1, 2, 3].map(() => fetch(`${served.url}/status/events`, { headers })));
    expect(streams.map(({ headers: of }) => of.get('content-type'))).toEqual(
      streams.map(() => 'text/event-stream'),
    );
    const viewers = streams.map(({ body }) => eventsOf(body));
    let news: News;
    do {
      const seen = await Promise.all(viewers.map(nextData));
      expect(new Set(seen).size).toBe(1);
      news = JSON.parse(seen[0] ?? '') as News;
      // Temporal lists a sync a moment after it has begun.
    } while (!news.html.includes('Reading the list of events'));
    expect(news.running).toBe(1);
    expect(news.html).toContain('Slow &lt;b&gt;&amp; Steady');
    const looked = looks;

    const late = eventsOf((await fetch(`${served.url}/status/events`, { headers })).body);
    expect(JSON.parse(await nextData(late))).toMatchObject({ running: 1 });
    expect(looks - looked).toBeLessThan(3);

    await connected.client.workflow.getHandle(run.workflowId).signal('release');
    do news = JSON.parse(await nextData(late)) as News;
    while (news.running !== 0);
    expect(news.html).toContain('Nothing is being synced now.');

    ending.abort();
    for (const viewer of [...viewers, late]) {
      while ((await viewer.next()).done !== true);
    }
    const refused = await fetch(`${served.url}/status/events`, { headers });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
  });
});

describe('live updates', () => {
  const later = () => Date.now() + 3_600_000;
  const ended: AbortController[] = [];
  afterEach(() => ended.splice(0).forEach((one) => one.abort()));
  const signal = () => {
    const controller = new AbortController();
    ended.push(controller);
    return controller.signal;
  };

  test('are of a bounded number of viewers; one who goes makes room', async () => {
    const live = liveUpdates({
      look: () => Promise.resolve('1'),
      everyMs: 5,
      maxViewers: 2,
      signal: signal(),
    });
    const [first, second] = [live.stream(later()), live.stream(later())];
    expect(live.stream(later())).toBeNull();
    await first?.cancel();
    expect(live.stream(later())).not.toBeNull();
    expect(live.stream(later())).toBeNull();
    await second?.cancel();
  });

  test('look at nothing while nobody watches', async () => {
    let looks = 0;
    const look = () => Promise.resolve(String(++looks));
    const live = liveUpdates({ look, everyMs: 1, signal: signal() });
    expect(looks).toBe(0);
    const events = eventsOf(live.stream(later()));
    while (Number(await nextData(events)) < 3);
    await events.return();
    const again = eventsOf(live.stream(later()));
    const before = looks;
    expect(Number(await nextData(again))).toBeGreaterThanOrEqual(before);
  });

  test('end with the session of whoever watches', async () => {
    const live = liveUpdates({ look: () => Promise.resolve('1'), everyMs: 1, signal: signal() });
    const events = eventsOf(live.stream(Date.now() + 20));
    while ((await events.next()).done !== true);
  });

  test('leave whoever does not read behind', async () => {
    let looks = 0;
    const look = () => Promise.resolve(String(++looks));
    const live = liveUpdates({ look, everyMs: 1, maxViewers: 2, signal: signal() });
    const idle = live.stream(later());
    const reading = eventsOf(live.stream(later()));
    while (live.stream(later()) === null) await nextData(reading);
    let unread = 0;
    for await (const event of eventsOf(idle)) unread += event === '' ? 0 : 1;
    expect(unread).toBeLessThan(40);
  });
});
