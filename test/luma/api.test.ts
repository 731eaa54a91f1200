import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLumaApi } from '../../src/luma/api.js';
import { LumaContractBroken, LumaPaginationBroken } from '../../src/luma/errors.js';
import { absurdServer, json, rejection } from './support/server.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

const KEY = 'secret-k3y';
const LAST_PAGE = { entries: [], has_more: false };

describe('every request', () => {
  it('carries the key, an explicit User-Agent and the wish for JSON', async () => {
    const server = await absurdServer((_, response) => json(response, 200, LAST_PAGE));
    await createLumaApi({ baseUrl: server.url }).listEvents(KEY);
    await createLumaApi({ baseUrl: server.url, userAgent: 'someone/2' }).listEvents(KEY);

    expect(server.asked[0]?.headers).toMatchObject({
      'x-luma-api-key': KEY,
      'user-agent': `luma-sync/${version}`,
      accept: 'application/json',
    });
    expect(server.asked[1]?.headers['user-agent']).toBe('someone/2');
  });

  it('keeps the path prefix of the base URL', async () => {
    const server = await absurdServer((_, response) => json(response, 200, LAST_PAGE));
    await createLumaApi({ baseUrl: `${server.url}/public/` }).listEvents(KEY);
    expect(server.asked[0]?.path).toBe('/public/v1/calendars/events/list');
  });

  it('reports what the headers say about the budget', async () => {
    const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '12' };
    const server = await absurdServer((_, response) => json(response, 200, LAST_PAGE, headers));
    const { budget } = await createLumaApi({ baseUrl: server.url }).listEvents(KEY);
    expect(budget).toEqual({ limit: 200, remaining: 7, resetMs: 12_000 });
  });
});

describe('base URL', () => {
  it.each([
    '',
    'luma',
    'ftp://luma.example',
    'https://me:pass-word@luma.example',
    'https://luma.example/?a=1',
  ])('%j is refused without being quoted', (baseUrl) => {
    expect(() => createLumaApi({ baseUrl })).toThrow(TypeError);
    expect(() => createLumaApi({ baseUrl })).not.toThrow(/pass-word/);
  });
});

describe('a base URL with http:', () => {
  it.each([
    'http://127.0.0.1:4010',
    'http://127.1',
    'http://127.255.3.4/public',
    'http://localhost',
    'http://LOCALHOST:80',
    'http://[::1]:4010',
    'http://[::ffff:127.0.0.1]',
  ])('%s is this machine', (baseUrl) => {
    expect(() => createLumaApi({ baseUrl })).not.toThrow();
  });

  it.each([
    'http://public-api.luma.com',
    'http://10.0.0.5',
    'http://0.0.0.0:4010',
    'http://127.0.0.1.example',
    'http://localhost.example',
    'http://[::2]',
    'http://[::ffff:10.0.0.5]',
    'http://luma',
  ])('%s is refused, unless it is allowed', (baseUrl) => {
    expect(() => createLumaApi({ baseUrl })).toThrow(/must begin with https/);
    expect(() => createLumaApi({ baseUrl, allowHttp: true })).not.toThrow();
  });
});

describe('listEvents', () => {
  it('asks for everything a visitor sees, in order of start', async () => {
    const server = await absurdServer((_, response) => json(response, 200, LAST_PAGE));
    const client = createLumaApi({ baseUrl: server.url });
    await client.listEvents(KEY, {
      after: '2026-01-01T00:00:00Z',
      before: '2027-01-01T00:00:00Z',
      cursor: 'a+/=',
    });
    await client.listEvents(KEY, { limit: 7 });

    const [first, second] = server.asked;
    expect(first?.path).toBe('/v1/calendars/events/list');
    expect([...(first?.query ?? [])]).toEqual([
      ['sort_column', 'start_at'],
      ['sort_direction', 'asc'],
      ['platforms', 'luma'],
      ['platforms', 'external'],
      ['access', 'manage'],
      ['access', 'view'],
      ['status', 'approved'],
      ['pagination_limit', '100'],
      ['after', '2026-01-01T00:00:00Z'],
      ['before', '2027-01-01T00:00:00Z'],
      ['pagination_cursor', 'a+/='],
    ]);
    expect(second?.query.get('pagination_limit')).toBe('7');
    expect(second?.query.has('pagination_cursor')).toBe(false);
  });

  it.each([
    [
      { has_more: true, next_cursor: 'next' },
      { hasMore: true, nextCursor: 'next' },
    ],
    [{ has_more: false }, { hasMore: false, nextCursor: null }],
    [
      { has_more: false, next_cursor: null },
      { hasMore: false, nextCursor: null },
    ],
    [
      { has_more: false, next_cursor: 'left-over' },
      { hasMore: false, nextCursor: null },
    ],
  ])('%j is read as %j', async (envelope, expected) => {
    const entries = [{ id: 'evt-1', of_the_future: true }, 'not an entry'];
    const server = await absurdServer((_, response) =>
      json(response, 200, { ...envelope, entries, extra: 1 }),
    );
    const { value } = await createLumaApi({ baseUrl: server.url }).listEvents(KEY);
    expect(value).toEqual({ ...expected, entries });
  });

  it.each([{}, { next_cursor: null }, { next_cursor: '' }, { next_cursor: 'same' }])(
    'more pages with the cursor %j, asked for with "same", is broken paging',
    async (cursor) => {
      const server = await absurdServer((_, response) =>
        json(response, 200, { entries: [], has_more: true, ...cursor }),
      );
      const call = createLumaApi({ baseUrl: server.url }).listEvents(KEY, { cursor: 'same' });
      expect(await rejection(call)).toBeInstanceOf(LumaPaginationBroken);
    },
  );

  it.each([
    [],
    null,
    'text',
    { entries: {}, has_more: false },
    { entries: [] },
    { entries: [], has_more: 'no' },
    { entries: [], has_more: true, next_cursor: 7 },
    { entries: [], has_more: true, next_cursor: 'c'.repeat(5000) },
  ])('the envelope %j is a broken contract', async (envelope) => {
    const server = await absurdServer((_, response) => json(response, 200, JSON.stringify(envelope)));
    const call = createLumaApi({ baseUrl: server.url }).listEvents(KEY);
    expect(await rejection(call)).toBeInstanceOf(LumaContractBroken);
  });
});

describe('getCalendar', () => {
  it.each([
    [
      { id: 'cal-1', name: 'Club', url: 'https://lu.ma/club', slug: 'club' },
      { id: 'cal-1', name: 'Club', url: 'https://luma.com/club' },
    ],
    [
      { id: 'cal-1', name: null, url: 'club' },
      { id: 'cal-1', name: 'cal-1', url: 'https://luma.com/club' },
    ],
    [
      { id: 'cal-1', name: 'Club' },
      { id: 'cal-1', name: 'Club', url: 'https://luma.com/calendar/cal-1' },
    ],
    [
      { id: 'cal-1', name: 'Club', url: 'javascript:alert(1)' },
      { id: 'cal-1', name: 'Club', url: 'https://luma.com/calendar/cal-1' },
    ],
  ])('%j is read as %j', async (body, expected) => {
    const server = await absurdServer((_, response) => json(response, 200, body));
    const { value } = await createLumaApi({ baseUrl: server.url }).getCalendar(KEY);
    expect(value).toEqual(expected);
    expect(server.asked[0]?.path).toBe('/v1/calendars/get');
  });

  it.each([{}, { id: 7, name: 'Club' }, { id: 'cal 1/..', name: 'Club' }, []])(
    '%j is a broken contract',
    async (body) => {
      const server = await absurdServer((_, response) => json(response, 200, body));
      const call = createLumaApi({ baseUrl: server.url }).getCalendar(KEY);
      expect(await rejection(call)).toBeInstanceOf(LumaContractBroken);
    },
  );
});

describe('getEvent', () => {
  it('an event is handed on as it came', async () => {
    const body = { id: 'evt-1', name: 'A', mood: [1] };
    const server = await absurdServer((_, response) => json(response, 200, body));
    const { value } = await createLumaApi({ baseUrl: server.url }).getEvent(KEY, 'evt-1&x=1');
    expect(value).toEqual(body);
    expect([...(server.asked[0]?.query ?? [])]).toEqual([['event_id', 'evt-1&x=1']]);
  });

  it.each([{}, { event: { id: 'evt-1' } }, { id: '' }, [], null])('%j is a broken contract', async (body) => {
    const server = await absurdServer((_, response) => json(response, 200, JSON.stringify(body)));
    const call = createLumaApi({ baseUrl: server.url }).getEvent(KEY, 'evt-1');
    expect(await rejection(call)).toBeInstanceOf(LumaContractBroken);
  });
});
