import { describe, expect, test } from 'vitest';
import type { FakeCalendar, FakeLuma, FaultSpec } from '../src/index.js';
import { ask, calendarAt, fakeLuma, list, walk } from './support/ask.js';

const events = Array.from({ length: 6 }, (_, index) => ({
  id: `evt-${index + 1}`,
  start_at: `2026-11-0${index + 1}T12:00:00Z`,
}));
const path = '/v1/calendars/events/list?pagination_limit=2';

async function faulty(...faults: FaultSpec[]): Promise<{ fake: FakeLuma; calendar: FakeCalendar }> {
  return fakeLuma({ calendars: [{ events, faults }, { events: [] }] });
}

async function statuses(fake: FakeLuma, count: number, asked = path): Promise<number[]> {
  const seen: number[] = [];
  for (let turn = 0; turn < count; turn += 1) seen.push((await ask(fake, asked)).status);
  return seen;
}

describe('faults of the way', () => {
  test('a burst of server errors ends by itself, and its bodies are plain text', async () => {
    const { fake, calendar } = await faulty({ kind: 'server-error', times: 2 });
    const first = await ask(fake, path);
    expect([first.status, first.headers.get('content-type')]).toEqual([503, 'text/plain; charset=utf-8']);
    expect(() => first.json).toThrow();
    expect(await statuses(fake, 2)).toEqual([503, 200]);
    expect(calendar.faults()).toEqual([]);
  });

  test('a 429 on the nth request begins a real block', async () => {
    const { fake } = await faulty({ kind: 'rate-limit', onRequest: 3, times: 1, blockMs: 5000 });
    expect(await statuses(fake, 4)).toEqual([200, 200, 429, 429]);
    expect(fake.stats()).toMatchObject({ blocks: 1, requestsDuringBlock: 1 });
    fake.advanceTime(5000);
    expect(await statuses(fake, 1)).toEqual([200]);
  });

  test('a block uses up no other fault', async () => {
    const { fake } = await faulty(
      { kind: 'rate-limit', times: 1 },
      { kind: 'server-error', times: 1, onRequest: 2 },
    );
    expect(await statuses(fake, 3)).toEqual([429, 429, 429]);
    fake.advanceTime(60_000);
    expect(await statuses(fake, 2)).toEqual([503, 200]);
  });

  test('half of the requests fail', async () => {
    const { fake } = await faulty({ kind: 'flaky' });
    expect(await statuses(fake, 6)).toEqual([200, 503, 200, 503, 200, 503]);
  });

  test('a reset connection answers nothing', async () => {
    const { fake } = await faulty({ kind: 'reset', times: 1 });
    await expect(ask(fake, path)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(fake.requests[0]).toMatchObject({ status: null });
    expect(await statuses(fake, 1)).toEqual([200]);
  });

  test('a cut-off body announces more than it sends', async () => {
    const { fake, calendar } = await faulty({ kind: 'cut-body', times: 1 });
    const response = await fetch(fake.url + path, { headers: { 'x-luma-api-key': calendar.key } });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(await statuses(fake, 1)).toEqual([200]);
  });

  test('HTML comes with 200', async () => {
    const { fake } = await faulty({ kind: 'html' });
    const { status, headers, text } = await ask(fake, path);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toMatch(/^<!doctype html>/);
  });

  test('a gateway answers in its own form, without rate-limit headers', async () => {
    const { fake, calendar } = await faulty({ kind: 'gateway', times: 1 });
    const first = await ask(fake, path);
    expect(first.status).toBe(404);
    expect(first.json).toEqual({ message: 'no Route matched with those values' });
    expect(first.headers.get('x-ratelimit-remaining')).toBeNull();

    calendar.setFault({ kind: 'gateway', status: 403, body: 'html', times: 1 });
    expect((await ask(fake, path)).text).toMatch(/^<!doctype html>/);
    calendar.setFault({ kind: 'gateway', status: 502, body: 'none', times: 1 });
    expect(await ask(fake, path)).toMatchObject({ status: 502, text: '' });
    expect(await statuses(fake, 1)).toEqual([200]);
  });

  test('a gateway’s redirect leads elsewhere', async () => {
    const { fake, calendar } = await faulty({ kind: 'gateway', status: 302, body: 'none' });
    const response = await fetch(fake.url + path, {
      headers: { 'x-luma-api-key': calendar.key },
      redirect: 'manual',
    });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://login.example/']);
  });

  test('malformed JSON is whole and is none', async () => {
    const { fake } = await faulty({ kind: 'malformed-json' });
    const answer = await ask(fake, path);
    expect(answer.status).toBe(200);
    expect(Buffer.byteLength(answer.text)).toBe(Number(answer.headers.get('content-length')));
    expect(() => answer.json).toThrow(SyntaxError);
  });

  test('latency holds one answer back, and no other request', async () => {
    const { fake } = await faulty({ kind: 'latency', ms: 3_600_000, times: 1 });
    const held = expect(ask(fake, path)).rejects.toThrow();
    await expect.poll(() => fake.requests.length).toBe(1);
    expect(await statuses(fake, 1)).toEqual([200]);
    expect(fake.requests.map(({ status }) => status)).toEqual([null, 200]);
    await fake.close();
    await held;
  });

  test('short latency ends in the answer', async () => {
    const { fake } = await faulty({ kind: 'latency', ms: 5 });
    expect(await statuses(fake, 2)).toEqual([200, 200]);
  });

  test('a rejected key and a forbidden calendar', async () => {
    const { fake, calendar } = await faulty({ kind: 'rejected-key' });
    expect(await statuses(fake, 1)).toEqual([401]);
    calendar.clearFaults();
    calendar.setFault({ kind: 'forbidden' });
    expect(await statuses(fake, 1)).toEqual([403]);
  });
});

describe('faults of the listing', () => {
  test('a cursor that repeats', async () => {
    const { fake } = await faulty({ kind: 'repeated-cursor' });
    const first = await list(fake, 'pagination_limit=2');
    const second = await list(fake, `pagination_limit=2&pagination_cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ has_more: true, next_cursor: first.next_cursor });
    expect(second.entries.map(({ id }) => id)).toEqual(['evt-3', 'evt-4']);
  });

  test('a cursor that repeats, where one page holds everything', async () => {
    const { fake } = await faulty({ kind: 'repeated-cursor' });
    const first = await list(fake);
    const second = await list(fake, `pagination_cursor=${first.next_cursor}`);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ has_more: true });
  });

  test('has_more without a cursor', async () => {
    const { fake } = await faulty({ kind: 'missing-cursor', onRequest: 2 });
    expect((await list(fake, 'pagination_limit=2')).next_cursor).toBeTypeOf('string');
    const page = await list(fake, 'pagination_limit=2');
    expect(page.has_more).toBe(true);
    expect(page).not.toHaveProperty('next_cursor');
  });

  test('entries that come on two pages', async () => {
    const { fake } = await faulty({ kind: 'duplicates' });
    const { ids } = await walk(fake, 'pagination_limit=2');
    expect(ids).toEqual(['evt-1', 'evt-2', 'evt-2', 'evt-3', 'evt-4', 'evt-4', 'evt-5', 'evt-6']);
  });

  test('a calendar that looks empty', async () => {
    const { fake } = await faulty({ kind: 'empty', times: 1 });
    expect(await list(fake)).toEqual({ entries: [], has_more: false });
    expect((await list(fake)).entries).toHaveLength(6);
  });

  test('a field that vanished, and one that changed its type', async () => {
    const { fake } = await faulty(
      { kind: 'missing-field', field: 'cover_url' },
      { kind: 'changed-type', field: 'start_at' },
      { kind: 'changed-type', field: 'tags' },
    );
    for (const entry of (await list(fake)).entries) {
      expect(entry).not.toHaveProperty('cover_url');
      expect(entry.start_at).toBeTypeOf('number');
      expect(Array.isArray(entry.tags)).toBe(false);
    }
  });

  test('an unknown field and an unknown word on every entry', async () => {
    const { fake } = await faulty({
      kind: 'override',
      fields: { aura: { hue: 3 }, visibility: 'secret-society' },
    });
    for (const entry of (await list(fake)).entries) {
      expect(entry).toMatchObject({ aura: { hue: 3 }, visibility: 'secret-society' });
    }
  });

  test('an entry that cannot be, named by its id or by its place in the whole listing', async () => {
    const impossible = { id: 'evt with spaces', timezone: 'Mars/Olympus', end_at: null, start_at: 'soon' };
    const long = { name: 'x'.repeat(10_000) };
    const { fake } = await faulty(
      { kind: 'override', eventId: 'evt-2', fields: impossible },
      { kind: 'override', nth: 5, fields: long },
    );
    const { pages } = await walk(fake, 'pagination_limit=2');
    const entries = pages.flatMap((page) => page.entries);
    expect(entries[1]).toMatchObject(impossible);
    expect(entries[4]).toMatchObject(long);
    expect(entries.map(({ id }) => id)).toEqual(['evt-1', impossible.id, 'evt-3', 'evt-4', 'evt-5', 'evt-6']);
  });

  test('both copies of a legacy entry', async () => {
    const { fake } = await faulty({ kind: 'missing-field', field: 'name' });
    const entry = (await ask(fake, '/v1/calendar/list-events')).json.entries[0];
    expect(entry).not.toHaveProperty('name');
    expect(entry?.event).not.toHaveProperty('name');
  });
});

describe('where faults hold', () => {
  test('at one endpoint, when it is named', async () => {
    const { fake } = await faulty({ kind: 'server-error', status: 500, endpoint: 'event' });
    expect(await statuses(fake, 1)).toEqual([200]);
    expect(await statuses(fake, 1, '/v1/calendars/get')).toEqual([200]);
    expect(await statuses(fake, 1, '/v1/events/get?event_id=evt-1')).toEqual([500]);
  });

  test('faults of the listing leave events/get alone, unless told otherwise', async () => {
    const { fake } = await faulty(
      { kind: 'empty' },
      { kind: 'missing-field', field: 'url' },
      { kind: 'missing-field', field: 'hosts', endpoint: 'event' },
    );
    const { json } = await ask(fake, '/v1/events/get?event_id=evt-1');
    expect(json).toHaveProperty('url');
    expect(json).not.toHaveProperty('hosts');
  });

  test('at one calendar', async () => {
    const { fake } = await faulty({ kind: 'html' });
    expect((await ask(fake, path, calendarAt(fake, 1).key)).headers.get('content-type')).toContain('json');
  });

  test('until they are cleared, one by one or all', async () => {
    const { fake, calendar } = await faulty({ kind: 'flaky', every: 1 });
    const id = calendar.setFault({ kind: 'forbidden' });
    expect(await statuses(fake, 1)).toEqual([503]);
    expect(calendar.faults()).toMatchObject([
      { kind: 'flaky', fired: 1 },
      { id, kind: 'forbidden' },
    ]);
    expect(calendar.clearFaults(id)).toBe(true);
    expect(calendar.clearFaults(id)).toBe(false);
    calendar.clearFaults();
    expect(await statuses(fake, 1)).toEqual([200]);
  });
});
