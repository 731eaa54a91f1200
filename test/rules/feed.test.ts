import { describe, expect, test } from 'vitest';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

const ADDRESS = {
  address: 'Werkhalle Süd',
  city: 'Berlin',
  country: 'Germany',
  full_address: 'Werkhalle Süd, Ziegelstraße 81, Berlin, Germany',
};
const BERLIN = { latitude: 52.52, longitude: 13.405 };

describe('a calendar without a key', () => {
  test('is synced from its feed with one request, into the same documents', async () => {
    const start = inDays(1);
    await desk.beginWithFeed([
      {
        ...{ id: 'evt-1', name: 'Tea & “Éclairs” <3', start_at: start, url: 'https://lu.ma/tea' },
        ...{ geo_address_json: ADDRESS, coordinate: BERLIN, location_type: 'offline' },
      },
      { ...external(1)[0], url: 'https://books.example/reading' },
    ]);
    const { state, requests, events } = await desk.sync();
    expect({ state, requests, events }).toMatchObject({
      ...{ state: 'complete', requests: 1 },
      events: { seen: 2, inserted: 2, quarantined: 0 },
    });
    expect(desk.asked()).toEqual(['feed']);
    const tea = await desk.event('evt-1');
    expect(tea).toMatchObject({
      ...{ title: 'Tea & “Éclairs” <3', startAt: start, url: 'https://luma.com/tea', source: 'ical' },
      ...{ location: ADDRESS.full_address, locationKind: 'in-person', isVirtual: false },
      ...{ timezone: 'Europe/Berlin', visibility: 'public', platform: 'luma', tags: [], revision: 1 },
    });
    for (const field of ['description', 'coverUrl', 'hostName', 'fromApi'])
      expect(tea).not.toHaveProperty(field);
    expect(await desk.event('calev-1')).toMatchObject({
      ...{ url: 'https://books.example/reading', platform: 'external', source: 'ical' },
    });
  });

  test('a feed that says the same again writes no event', async () => {
    await desk.beginWithFeed([...daily(3), ...external(1)]);
    await desk.sync();
    const before = await desk.events();
    desk.asked();
    const { events } = await desk.sync();
    expect(events).toMatchObject({ seen: 4, unchanged: 4, changed: 0, inserted: 0 });
    expect(desk.asked()).toEqual(['feed']);
    expect(await desk.events()).toEqual(before);
  });
});
