import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { UnknownEvent } from '../src/index.js';
import { ask, calendarAt, fakeLuma, list } from './support/ask.js';

const one = {
  calendars: [
    { events: [{ id: 'evt-1', start_at: '2026-11-02T18:00:00Z', end_at: '2026-11-02T21:00:00Z' }] },
  ],
};

describe('an event of the caller', () => {
  test('has what was said, and believable rest', async () => {
    const { fake, calendar } = await fakeLuma({ calendars: [{ events: [] }] });
    const event = calendar.addEvent({ name: 'Mine', start_at: new Date('2027-01-01T10:00:00Z') });
    expect((await list(fake)).entries[0]).toMatchObject({
      id: event.id,
      name: 'Mine',
      start_at: '2027-01-01T10:00:00.000Z',
      end_at: '2027-01-01T12:00:00.000Z',
      duration_interval: 'P0Y0M0DT2H0M0S',
      visibility: 'public',
      location_type: 'offline',
      location_visibility: 'public',
      meeting_url: null,
    });
    expect(event.geo_address_json?.city).toBeTypeOf('string');
  });

  test('online brings a link and no address', async () => {
    const { calendar } = await fakeLuma();
    expect(calendar.addEvent({ location_type: 'zoom' })).toMatchObject({
      geo_address_json: null,
      coordinate: null,
      meeting_url: expect.stringContaining('zoom.us') as string,
    });
    expect(calendar.addEvent({ location_type: 'missing' }).meeting_url).toBeNull();
    const hybrid = calendar.addEvent({ location_type: 'zoom', geo_address_json: { address: 'Hall' } });
    expect(hybrid.geo_address_json).toMatchObject({ address: 'Hall', city: null });
  });

  test('is refused when its id is taken or a value cannot be', async () => {
    const { calendar } = await fakeLuma(one);
    expect(() => calendar.addEvent({ id: 'evt-1' })).toThrow(/already/);
    expect(() => calendar.addEvent({ start_at: 'soon' })).toThrow();
    expect(() => calendar.addEvent({ start_at: new Date(NaN) })).toThrow();
    expect(() => calendar.editEvent('evt-1', { id: 'evt-2' })).toThrow();
    expect(calendar.events()).toHaveLength(1);
  });

  test('cannot be changed through what the handle returned', async () => {
    const { calendar } = await fakeLuma(one);
    const [event] = calendar.events();
    if (event) event.name = 'changed behind its back';
    expect(calendar.events()[0]?.name).not.toBe('changed behind its back');
  });
});

describe('changes show with the next request', () => {
  test('an edit', async () => {
    const { fake, calendar } = await fakeLuma(one);
    calendar.editEvent('evt-1', { name: 'New', description_md: '**New**', visibility: undefined });
    expect((await list(fake)).entries[0]).toMatchObject({ name: 'New', visibility: 'public' });
    expect((await ask(fake, '/v1/events/get?event_id=evt-1')).json).toMatchObject({ description: 'New' });
  });

  test('a new start keeps the length, unless the end is said', async () => {
    const { calendar } = await fakeLuma(one);
    expect(calendar.reschedule('evt-1', '2026-12-01T08:00:00Z').end_at).toEqual(
      new Date('2026-12-01T11:00:00Z'),
    );
    const moved = calendar.reschedule('evt-1', new Date('2026-12-02T08:00:00Z'), '2026-12-02T09:00:00Z');
    expect(moved.end_at).toEqual(new Date('2026-12-02T09:00:00Z'));
  });

  test('a canceled event is gone from the list, and unknown to further changes', async () => {
    const { fake, calendar } = await fakeLuma(one);
    calendar.cancel('evt-1');
    expect((await list(fake)).entries).toEqual([]);
    expect(() => calendar.cancel('evt-1')).toThrow(UnknownEvent);
    calendar.addEvent({ id: 'evt-1' });
    expect((await ask(fake, '/v1/events/get?event_id=evt-1')).status).toBe(200);
  });

  test('a transferred event answers 403 where it was and 200 where it is', async () => {
    const { fake } = await fakeLuma({ calendars: [...one.calendars, { events: [] }] });
    const [from, to] = [calendarAt(fake, 0), calendarAt(fake, 1)];
    from.transfer('evt-1', to);
    const status = async (key: string): Promise<number> =>
      (await ask(fake, '/v1/events/get?event_id=evt-1', key)).status;
    expect([await status(from.key), await status(to.key)]).toEqual([403, 200]);
    expect((await list(fake, '', from.key)).entries).toEqual([]);
    expect((await list(fake, '', to.key)).entries[0]).toMatchObject({ id: 'evt-1', calendar_id: to.id });

    to.transfer('evt-1', from);
    expect([await status(from.key), await status(to.key)]).toEqual([200, 403]);
  });

  test('a hidden event stays on the list and is no longer for visitors', async () => {
    const { fake, calendar } = await fakeLuma(one);
    expect(calendar.visibleEvents()).toHaveLength(1);
    calendar.hide('evt-1');
    expect((await list(fake)).entries[0]).toMatchObject({ visibility: 'private' });
    expect(calendar.visibleEvents()).toEqual([]);
    expect(calendar.hide('evt-1', 'members-only').visibility).toBe('members-only');
  });
});

describe('the server', () => {
  test('closes with connections open and answers held back, and may be closed twice', async () => {
    const { fake, calendar } = await fakeLuma({ ...one, latencyMs: 3_600_000 });
    const held = ask(fake, '/v1/calendars/get');
    const failed = expect(held).rejects.toThrow();
    await expect.poll(() => fake.requests.length).toBe(1);
    expect(fake.requests[0]).toMatchObject({ calendarId: calendar.id, status: null });
    await fake.close();
    await failed;
    await fake.close();
  });

  test('does not wait for a client that has connected and says nothing', async () => {
    const { fake } = await fakeLuma();
    const socket = connect(Number(new URL(fake.url).port), '127.0.0.1');
    await once(socket, 'connect');
    // An answer to another client shows that the server has taken the connection before it.
    await ask(fake, '/v1/calendars/get');
    const gone = once(socket, 'close');
    await fake.close();
    await gone;
  });

  test('keeps a log of what was asked, without keys', async () => {
    const { fake, calendar } = await fakeLuma({ calendars: [{ key: 'secret-canary', events: [] }] });
    await ask(fake, '/v1/calendars/events/list?platforms=luma&platforms=external');
    await ask(fake, '/v1/calendars/get?api_key=secret-canary&note=secret-canary', 'secret-other-canary');
    expect(fake.requests).toMatchObject([
      {
        method: 'GET',
        path: '/v1/calendars/events/list',
        query: { platforms: ['luma', 'external'] },
        calendarId: calendar.id,
        status: 200,
      },
      { path: '/v1/calendars/get', calendarId: null, status: 401 },
    ]);
    expect(JSON.stringify(fake.requests)).not.toContain('canary');
    expect(fake.stats()).toMatchObject({
      requests: 2,
      byStatus: { 200: 1, 401: 1 },
      byPath: { '/v1/calendars/get': 1 },
      calendars: { [calendar.id]: { requests: 1 } },
    });
  });

  test('refuses options that cannot be', async () => {
    await expect(fakeLuma({ limit: 0 })).rejects.toThrow(/limit/);
    await expect(fakeLuma({ calendars: [{ id: 'cal-a' }, { id: 'cal-a' }] })).rejects.toThrow(/cal-a/);
    await expect(fakeLuma({ calendars: [{ key: 'secret-a' }, { key: 'secret-a' }] })).rejects.toThrow(/key/);
  });
});
