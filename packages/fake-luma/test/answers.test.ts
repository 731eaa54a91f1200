import { describe, expect, test } from 'vitest';
import { ask, askWithoutUserAgent, EVERYTHING, fakeLuma, list, walk } from './support/ask.js';
import { calendarShape, entryShape, errorShape, eventShape } from './support/shapes.js';

describe('answers look like the real ones', () => {
  test('calendars/get names the calendar of the key', async () => {
    const { fake } = await fakeLuma({ calendars: [{ id: 'cal-a', name: 'Alpha', key: 'secret-a' }] });
    const answer = await ask(fake, '/v1/calendars/get');
    expect(answer.status).toBe(200);
    expect(calendarShape.parse(answer.json)).toMatchObject({ id: 'cal-a', name: 'Alpha', slug: 'alpha' });
  });

  test('every generated entry has the shape of its kind', async () => {
    const { fake } = await fakeLuma({ eventsPerCalendar: 120 });
    const { pages } = await walk(fake);
    const entries = pages.flatMap((page) => page.entries);
    expect(entries).toHaveLength(120);
    for (const entry of entries) expect(entryShape.safeParse(entry).error?.message).toBeUndefined();
  });

  test('entries carry no descriptions, unless the fake is told to', async () => {
    const july = await fakeLuma();
    for (const entry of (await list(july.fake)).entries) expect(entry).not.toHaveProperty('description_md');

    const june = await fakeLuma({ listDescriptions: true });
    for (const entry of (await list(june.fake)).entries) expect(entry).toHaveProperty('description_md');
  });

  test('events/get adds the description and the hosts, and has no tags', async () => {
    const { fake, calendar } = await fakeLuma({
      calendars: [
        { events: [{ id: 'evt-1', description_md: '# Hi\n\n**there**', tags: [{ id: 't', name: 'T' }] }] },
      ],
    });
    const { json, status } = await ask(fake, '/v1/events/get?event_id=evt-1');
    expect(status).toBe(200);
    expect(eventShape.parse(json)).toMatchObject({
      description: 'Hi\n\nthere',
      description_md: '# Hi\n\n**there**',
    });
    expect(json.hosts?.[0]?.email).toBe(calendar.events()[0]?.hosts[0]?.email);
  });

  test('what is sensitive is there for a client to leave out', async () => {
    const canaries = {
      meeting_url: 'https://canary.example/join',
      submitted_by: { id: 'usr-1', name: 'Canary', email: 'canary@submitter.example' },
      registration_questions: [{ id: 'q', label: 'canary question', required: true, question_type: 'text' }],
    };
    const host = {
      id: 'h',
      email: 'canary@host.example',
      name: null,
      first_name: null,
      last_name: null,
      avatar_url: '',
    };
    const { fake } = await fakeLuma({
      calendars: [{ events: [{ id: 'evt-1', ...canaries, hosts: [host] }] }],
    });
    expect((await list(fake)).entries[0]).toMatchObject(canaries);
    expect((await ask(fake, '/v1/events/get?event_id=evt-1')).json).toMatchObject({
      ...canaries,
      hosts: [host],
    });
  });

  test('the older prefix answers the same', async () => {
    const { fake } = await fakeLuma();
    const paths = ['/v1/calendars/get', `/v1/calendars/events/list?${EVERYTHING}`];
    for (const path of paths)
      expect((await ask(fake, `/public${path}`)).text).toBe((await ask(fake, path)).text);
  });
});

describe('the legacy listing', () => {
  const calendars = [
    {
      events: [
        { id: 'evt-1', coordinate: { longitude: 13.4, latitude: 52.5 }, location_visibility: 'guests-only' },
      ],
    },
  ];

  test('has every field twice, and the older names', async () => {
    const { fake } = await fakeLuma({ calendars });
    const page = (await ask(fake, '/v1/calendar/list-events')).json;
    const flat = (await list(fake)).entries[0];
    const older = { api_id: 'evt-1', geo_latitude: '52.5', geo_longitude: '13.4' };
    expect(page.entries[0]).toMatchObject({ ...flat, ...older });
    expect(page.entries[0]?.event).toMatchObject({ ...older, name: flat?.name });
  });

  test('in the shape of 2025 has the event nested only', async () => {
    const { fake } = await fakeLuma({ calendars, legacyShape: 'nested-only' });
    const entry = (await ask(fake, '/v1/calendar/list-events')).json.entries[0];
    expect(Object.keys(entry ?? {}).sort()).toEqual(['api_id', 'event', 'tags']);
    expect(entry?.event).toMatchObject({ api_id: 'evt-1', geo_address_visibility: 'guests-only' });
    expect(entry?.event).not.toHaveProperty('id');
  });
});

describe('refusals', () => {
  test('no key and an unknown key are 401', async () => {
    const { fake } = await fakeLuma();
    for (const key of [null, 'secret-unknown', 'undefined']) {
      const answer = await ask(fake, '/v1/calendars/get', key);
      expect(answer.status).toBe(401);
      expect(errorShape.parse(answer.json)).toBeDefined();
      expect(answer.headers.get('x-ratelimit-remaining')).toBe('200');
    }
  });

  test('a key opens its own calendar only', async () => {
    const { fake } = await fakeLuma({
      calendars: [
        { key: 'secret-a', events: [{ id: 'evt-a' }] },
        { key: 'secret-b', events: [{ id: 'evt-b' }] },
      ],
    });
    expect((await list(fake, '', 'secret-b')).entries.map(({ id }) => id)).toEqual(['evt-b']);
    expect((await ask(fake, '/v1/events/get?event_id=evt-a', 'secret-b')).status).toBe(403);
  });

  test('a request without User-Agent is 403', async () => {
    const { fake, calendar } = await fakeLuma();
    expect(await askWithoutUserAgent(fake, '/v1/calendars/get', calendar.key)).toBe(403);
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(200);
  });

  test('unknown routes and methods are 404', async () => {
    const { fake, calendar } = await fakeLuma();
    for (const path of ['/', '/v1/calendars', '/v1/events/get/more', '/public/calendars/get']) {
      expect((await ask(fake, path)).status).toBe(404);
    }
    const posted = await fetch(`${fake.url}/v1/calendars/get`, {
      method: 'POST',
      headers: { 'x-luma-api-key': calendar.key },
    });
    expect(posted.status).toBe(404);
    expect(errorShape.parse(await posted.json())).toBeDefined();
  });

  test('events/get tells unknown, canceled, transferred, external and unmanaged events apart', async () => {
    const { fake, calendar } = await fakeLuma({
      calendars: [
        {
          events: [
            { id: 'evt-canceled' },
            { id: 'evt-transferred' },
            { id: 'calev-1', platform: 'external' },
            { id: 'evt-view', access: 'view' },
          ],
        },
      ],
    });
    calendar.cancel('evt-canceled');
    calendar.transfer('evt-transferred');
    const get = async (id: string): Promise<[number, string | undefined]> => {
      const { status, json } = await ask(fake, `/v1/events/get?event_id=${id}`);
      return [status, json.message];
    };
    expect(await get('evt-never')).toEqual([404, expect.not.stringContaining('canceled')]);
    expect(await get('evt-canceled')).toEqual([404, expect.stringContaining('canceled')]);
    expect(await get('evt-transferred')).toEqual([403, expect.any(String)]);
    expect(await get('calev-1')).toEqual([404, expect.not.stringContaining('canceled')]);
    expect(await get('evt-view')).toEqual([403, expect.any(String)]);
    expect(await get('')).toEqual([400, expect.stringContaining('event_id')]);
  });
});
