import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LumaKeyRejected,
  LumaPaginationBroken,
  LumaRateLimited,
  LumaUnavailable,
} from '../../src/luma/errors.js';
import {
  fetchLumaEvents,
  type FetchedPage,
  type FetchLumaEventsOptions,
  type LumaPause,
} from '../../src/luma/fetch-luma-events.js';
import { lumaEntry } from './support/entries.js';
import { absurdServer, json, rejection, type Handler } from './support/server.js';

const page = (id: string, next?: string) => ({
  entries: [lumaEntry({ id })],
  has_more: next !== undefined,
  next_cursor: next,
});

const NOT_SIGNED_IN = { message: 'You are not signed in.', code: 'unauthorized' };

/** Walks the listing with pauses that take no time. */
async function walk(handler: Handler, options: FetchLumaEventsOptions = {}) {
  const server = await absurdServer(handler);
  const pauses: LumaPause[] = [];
  const pages: FetchedPage[] = [];
  const iterate = async () => {
    const listing = fetchLumaEvents('secret-key', {
      baseUrl: server.url,
      onPause: (pause) => pauses.push(pause),
      sleep: () => Promise.resolve(),
      ...options,
    });
    for await (const fetched of listing) pages.push(fetched);
  };
  const error = await iterate().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return {
    ids: pages.flatMap(({ events }) => events.map((event) => event.lumaEventId)),
    pages,
    pauses,
    error,
    asked: server.asked,
  };
}

it('hands out every page, mapped, with what was not usable', async () => {
  const { pages, error, asked } = await walk(
    (_, response, index) =>
      json(
        response,
        200,
        index === 0 ? { ...page('evt-1', 'two'), entries: [lumaEntry(), 'junk'] } : page('evt-2'),
      ),
    { after: '2026-01-01T00:00:00Z', before: '2027-01-01T00:00:00Z' },
  );
  expect(error).toBeUndefined();
  expect(
    pages.map(({ events, quarantined, hasMore }) => [events.length, quarantined.length, hasMore]),
  ).toEqual([
    [1, 1, true],
    [1, 0, false],
  ]);
  expect(
    asked.map(({ query }) => [query.get('pagination_cursor'), query.get('after'), query.get('before')]),
  ).toEqual([
    [null, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['two', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ]);
});

it('a 429 on the first page is a pause, not an empty calendar', async () => {
  const { ids, pauses, error } = await walk((_, response, index) =>
    index === 0 ? json(response, 429, {}, { 'retry-after': '60' }) : json(response, 200, page('evt-1')),
  );
  expect(error).toBeUndefined();
  expect(ids).toEqual(['evt-1']);
  expect(pauses).toEqual([{ pauseMs: 61_000, reason: 'rate-limited' }]);
});

it('the reserve of the budget is kept by a pause before the next page, none after the last', async () => {
  const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '9' };
  const { ids, pauses } = await walk((_, response, index) =>
    json(response, 200, index === 0 ? page('evt-1', 'two') : page('evt-2'), headers),
  );
  expect(ids).toEqual(['evt-1', 'evt-2']);
  expect(pauses).toEqual([{ pauseMs: 10_000, reason: 'budget' }]);
});

it('an outage is waited for as long as it was announced', async () => {
  const { ids, pauses } = await walk((_, response, index) =>
    index < 2
      ? json(response, 503, {}, index === 0 ? { 'retry-after': '120' } : {})
      : json(response, 200, page('evt-1')),
  );
  expect(ids).toEqual(['evt-1']);
  expect(pauses.map(({ pauseMs }) => pauseMs)).toEqual([120_000, 2_000]);
});

describe('gives up, and says so,', () => {
  it('after five repetitions of a request that gets no answer', async () => {
    const { error, pauses, asked } = await walk((_, response) => json(response, 503, {}));
    expect(error).toBeInstanceOf(LumaUnavailable);
    expect(asked).toHaveLength(6);
    expect(pauses.map(({ pauseMs }) => pauseMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it('when Luma blocks again and again, after pauses that grow', async () => {
    const { error, asked, pauses } = await walk((_, response) =>
      json(response, 429, {}, { 'retry-after': '0' }),
    );
    expect(error).toBeInstanceOf(LumaRateLimited);
    expect(asked).toHaveLength(6);
    expect(pauses.map(({ pauseMs }) => pauseMs)).toEqual([1_000, 61_000, 122_000, 244_000, 488_000]);
  });

  it('when Luma blocks for longer than can be waited', async () => {
    const { error, pauses } = await walk((_, response) =>
      json(response, 429, {}, { 'retry-after': '86400' }),
    );
    expect(error).toMatchObject({ name: 'LumaRateLimited', pauseMs: 86_400_000 });
    expect(pauses).toEqual([]);
  });

  it('at once when the key is rejected', async () => {
    const { error, asked } = await walk((_, response) => json(response, 401, NOT_SIGNED_IN));
    expect(error).toBeInstanceOf(LumaKeyRejected);
    expect(asked).toHaveLength(1);
  });

  it('only after five repetitions when something else than Luma refuses', async () => {
    const { error, asked } = await walk((_, response) => json(response, 403, '<h1>Blocked</h1>'));
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'FOREIGN_ANSWER' });
    expect(asked).toHaveLength(6);
  });

  it('when a cursor comes back that was seen pages ago', async () => {
    const next = ['a', 'b', 'c', 'a'];
    const { error, asked } = await walk((_, response, index) =>
      json(response, 200, page(`evt-${index}`, next[index])),
    );
    expect(error).toBeInstanceOf(LumaPaginationBroken);
    expect(asked).toHaveLength(4);
  });

  it('when the listing has no end', async () => {
    const { error, asked } = await walk((_, response, index) =>
      json(response, 200, { entries: [], has_more: true, next_cursor: String(index) }),
    );
    expect(error).toBeInstanceOf(LumaPaginationBroken);
    expect(asked).toHaveLength(2_000);
  });
});

it('an abort ends a real pause with the caller’s own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const server = await absurdServer((_, response) => json(response, 429, {}, { 'retry-after': '600' }));
  const listing = fetchLumaEvents('secret-key', {
    baseUrl: server.url,
    signal: controller.signal,
    onPause: () => setImmediate(() => controller.abort(reason)),
  });
  expect(await rejection(listing.next())).toBe(reason);
});

it('whatever the page sizes, 429s and outages: exactly the calendar’s events arrive, once, in order', async () => {
  const answer = fc.constantFrom<'page' | 429 | 503 | 'reset'>('page', 'page', 'page', 429, 503, 'reset');
  const plan = fc.record({
    total: fc.integer({ min: 0, max: 40 }),
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    // Never enough trouble in a row to give up.
    answers: fc.array(answer, { maxLength: 5 }),
  });
  const calendars = new Map<string, { total: number; sizes: number[]; answers: (string | number)[] }>();
  const server = await absurdServer(({ headers, query }, response) => {
    const calendar = calendars.get(String(headers['x-luma-api-key']));
    const trouble = calendar?.answers.shift();
    if (trouble === 'reset') {
      response.socket?.resetAndDestroy();
      return;
    }
    if (typeof trouble === 'number') {
      json(response, trouble, {}, { 'retry-after': '1' });
      return;
    }
    const [from = 0, number = 0] = (query.get('pagination_cursor') ?? '0.0').split('.').map(Number);
    const { total = 0, sizes = [1] } = calendar ?? {};
    const to = Math.min(total, from + (sizes[number % sizes.length] ?? 1));
    const entries = Array.from({ length: to - from }, (_, index) => lumaEntry({ id: `evt-${from + index}` }));
    json(response, 200, {
      entries,
      has_more: to < total,
      next_cursor: to < total ? `${to}.${number + 1}` : undefined,
    });
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ total, sizes, answers }) => {
      const key = `secret-${calendars.size}`;
      calendars.set(key, { total, sizes, answers: [...answers] });
      const ids: string[] = [];
      const sleep = () => Promise.resolve();
      for await (const { events } of fetchLumaEvents(key, { baseUrl: server.url, sleep })) {
        ids.push(...events.map((event) => event.lumaEventId));
      }
      expect(ids).toEqual(Array.from({ length: total }, (_, index) => `evt-${index}`));
    }),
    { numRuns: 40 },
  );
});
