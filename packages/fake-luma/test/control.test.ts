import { describe, expect, test } from 'vitest';
import type { FakeLuma } from '../src/index.js';
import { ask, calendarAt, fakeLuma, list } from './support/ask.js';

async function control(
  fake: FakeLuma,
  call: string,
  body?: unknown,
): Promise<{ status: number; json: unknown }> {
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(`${fake.url}/_fake/${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

const calendars = [
  { id: 'cal-a', events: [{ id: 'evt-1', start_at: '2026-11-02T12:00:00Z' }] },
  { id: 'cal-b', events: [] },
];

describe('the control endpoint', () => {
  test('lists calendars with their keys, and adds one', async () => {
    const { fake } = await fakeLuma({ calendars });
    expect((await control(fake, 'GET calendars')).json).toEqual(fake.calendars);
    const added = await control(fake, 'POST calendars', {
      id: 'cal-c',
      name: 'C',
      key: 'secret-c',
      events: 3,
    });
    expect(added.json).toEqual({ id: 'cal-c', name: 'C', key: 'secret-c', events: 3 });
    expect((await ask(fake, '/v1/calendars/get', 'secret-c')).json).toMatchObject({ id: 'cal-c' });
    expect((await control(fake, 'GET calendars/cal-c')).json).toEqual(added.json);
  });

  test('adds, reads, edits, reschedules, hides, transfers and cancels an event', async () => {
    const { fake } = await fakeLuma({ calendars });
    const added = await control(fake, 'POST calendars/cal-a/events', {
      id: 'evt-2',
      name: 'Two',
      visibility: 'private',
    });
    expect(added).toMatchObject({ status: 200, json: { id: 'evt-2', name: 'Two', visibility: 'private' } });
    expect((await control(fake, 'GET calendars/cal-a/events')).json).toHaveLength(2);
    expect((await control(fake, 'GET calendars/cal-a/events/evt-2')).json).toEqual(added.json);

    await control(fake, 'PATCH calendars/cal-a/events/evt-1', { name: 'One' });
    await control(fake, 'POST calendars/cal-a/events/evt-1/reschedule', {
      start_at: '2026-12-24T17:00:00+01:00',
    });
    await control(fake, 'POST calendars/cal-a/events/evt-1/hide', { visibility: 'members-only' });
    const { entries } = await list(fake);
    expect(entries.find(({ id }) => id === 'evt-1')).toMatchObject({
      name: 'One',
      start_at: '2026-12-24T16:00:00.000Z',
      visibility: 'members-only',
    });

    expect((await control(fake, 'POST calendars/cal-a/events/evt-1/transfer', { to: 'cal-b' })).status).toBe(
      204,
    );
    expect(calendarAt(fake, 1).events()).toMatchObject([{ id: 'evt-1' }]);
    expect((await control(fake, 'POST calendars/cal-a/events/evt-2/cancel')).status).toBe(204);
    expect((await list(fake)).entries).toEqual([]);
  });

  test('sets, lists and clears faults', async () => {
    const { fake } = await fakeLuma({ calendars });
    const { json } = await control(fake, 'POST calendars/cal-a/faults', { kind: 'server-error', times: 5 });
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(503);
    expect((await control(fake, 'GET calendars/cal-a/faults')).json).toEqual([
      { id: (json as { id: string }).id, kind: 'server-error', status: 503, times: 5, fired: 1 },
    ]);
    await control(fake, `DELETE calendars/cal-a/faults/${(json as { id: string }).id}`);
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(200);
    await control(fake, 'POST calendars/cal-a/faults', { kind: 'html' });
    await control(fake, 'DELETE calendars/cal-a/faults');
    expect((await control(fake, 'GET calendars/cal-a/faults')).json).toEqual([]);
  });

  test('tells and forgets what was asked, and moves the clock', async () => {
    const { fake } = await fakeLuma({ calendars, limit: 1 });
    await ask(fake, '/v1/calendars/get');
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(429);
    expect((await control(fake, 'GET requests?calendar=cal-a')).json).toMatchObject([
      { status: 200 },
      { status: 429 },
    ]);
    expect((await control(fake, 'GET requests?calendar=cal-b')).json).toEqual([]);
    expect((await control(fake, 'GET stats')).json).toMatchObject({ requests: 2, blocks: 1 });
    await control(fake, 'DELETE stats');
    expect((await control(fake, 'GET stats')).json).toMatchObject({ requests: 0, blocks: 0 });
    await control(fake, 'POST clock', { advanceMs: 60_000 });
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(200);
  });

  test('costs no budget and is not logged', async () => {
    const { fake } = await fakeLuma({ calendars });
    await control(fake, 'GET calendars');
    expect(fake.requests).toEqual([]);
  });

  test.each([
    ['GET nothing', undefined, 404],
    ['GET calendars/cal-x', undefined, 404],
    ['DELETE calendars', undefined, 404],
    ['PATCH calendars/cal-a/events/evt-x', {}, 404],
    ['POST calendars/cal-a/events/evt-1/transfer', { to: 'cal-x' }, 404],
    ['DELETE calendars/cal-a/faults/fault-9', undefined, 404],
    ['POST calendars/cal-a/events', { id: 'evt-1' }, 409],
    ['POST calendars', { id: 'cal-a' }, 409],
    ['POST calendars/cal-a/events', { title: 'not a field of Luma' }, 400],
    ['POST calendars/cal-a/events', '{', 400],
    ['POST calendars/cal-a/events/evt-1/reschedule', {}, 400],
    ['POST calendars/cal-a/faults', { kind: 'gremlins' }, 400],
    ['GET calendars/%E0%A4%A', undefined, 400],
  ])('%s with %j is refused with %i and a reason', async (call, body, status) => {
    const { fake } = await fakeLuma({ calendars });
    expect(await control(fake, call, body)).toEqual({
      status,
      json: { message: expect.any(String) as string, code: expect.any(String) as string },
    });
  });
});
