import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, calendarAt, EVERYTHING, fakeLuma, list, walk } from './support/ask.js';

const noon = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z`;

describe('paging', () => {
  test('whatever the page size, every event arrives once, in order', async () => {
    const { fake, calendar } = await fakeLuma({ eventsPerCalendar: 60, limit: 100_000 });
    const starts = new Map(calendar.events().map((event) => [event.id, event.start_at.toISOString()]));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.boolean(), async (size, descending) => {
        const direction = descending ? 'desc' : 'asc';
        const { ids, pages } = await walk(
          fake,
          `${EVERYTHING}&sort_direction=${direction}&pagination_limit=${size}`,
        );
        expect(pages).toHaveLength(Math.ceil(60 / Math.min(size, 50)));
        expect([...ids].sort()).toEqual([...starts.keys()].sort());
        const order = ids.map((id) => starts.get(id) ?? '');
        expect(order).toEqual(descending ? [...order].sort().reverse() : [...order].sort());
      }),
      { numRuns: 12 },
    );
  });

  test('events that start at the same instant are neither lost nor repeated at a page break', async () => {
    const events = Array.from({ length: 9 }, (_, index) => ({ id: `evt-${index}`, start_at: noon(3) }));
    const { fake } = await fakeLuma({ calendars: [{ events }] });
    const { ids } = await walk(fake, 'pagination_limit=2');
    expect(ids.sort()).toEqual(events.map(({ id }) => id));
  });

  test('asking for more than the server gives is clamped, not refused', async () => {
    const { fake } = await fakeLuma({ eventsPerCalendar: 60, maxPageSize: 7 });
    expect((await list(fake, `${EVERYTHING}&pagination_limit=500`)).entries).toHaveLength(7);
    expect((await list(fake, EVERYTHING)).entries).toHaveLength(7);
  });

  test('the last page has no cursor, even when it is full', async () => {
    const { fake } = await fakeLuma({ eventsPerCalendar: 20 });
    const { pages } = await walk(fake, `${EVERYTHING}&pagination_limit=10`);
    expect(pages.map((page) => [page.has_more, 'next_cursor' in page])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test('an event canceled between two pages shifts none of the others', async () => {
    const events = [1, 2, 3, 4].map((day) => ({ id: `evt-${day}`, start_at: noon(day) }));
    const { fake, calendar } = await fakeLuma({ calendars: [{ events }] });
    const { next_cursor } = await list(fake, 'pagination_limit=2');
    calendar.cancel('evt-2');
    calendar.cancel('evt-1');
    const rest = await list(fake, `pagination_limit=2&pagination_cursor=${next_cursor}`);
    expect(rest.entries.map(({ id }) => id)).toEqual(['evt-3', 'evt-4']);
  });
});

describe('filters', () => {
  test('after is inclusive, before is not, and both look at the start', async () => {
    const events = [1, 2, 3].map((day) => ({ id: `evt-${day}`, start_at: noon(day), end_at: noon(9) }));
    const { fake } = await fakeLuma({ calendars: [{ events }] });
    const { entries } = await list(fake, `after=${noon(2)}&before=${noon(3)}`);
    expect(entries.map(({ id }) => id)).toEqual(['evt-2']);
    const offset = encodeURIComponent('2026-11-02T14:00:00+02:00');
    expect((await list(fake, `after=${offset}`)).entries).toHaveLength(2);
  });

  test('without being asked, the list shows approved Luma events that the key manages', async () => {
    const { fake } = await fakeLuma({
      calendars: [
        {
          events: [
            { id: 'evt-own' },
            { id: 'calev-1', platform: 'external' },
            { id: 'evt-view', access: 'view' },
            { id: 'evt-pending', status: 'pending' },
            { id: 'evt-private', visibility: 'private' },
          ],
        },
      ],
    });
    const ids = async (query: string): Promise<string[]> =>
      (await list(fake, query)).entries.map(({ id }) => id).sort();
    expect(await ids('')).toEqual(['evt-own', 'evt-private']);
    expect(await ids('platforms=external')).toEqual(['calev-1']);
    expect(await ids('access=view')).toEqual(['evt-view']);
    expect(await ids(EVERYTHING)).toEqual(['calev-1', 'evt-own', 'evt-private', 'evt-view']);
    expect(await ids('status=pending')).toEqual(['evt-pending']);
    expect(fake.calendars[0]?.events).toBe(4);
  });
});

describe('parameters that cannot be read', () => {
  test.each([
    'after=yesterday',
    'before=2026-11-02',
    'after=2026-02-30T00:00:00Z',
    'pagination_cursor=nonsense',
    'pagination_cursor=',
    'pagination_limit=0',
    'pagination_limit=many',
    'sort_column=name',
    'sort_direction=up',
    'platforms=meetup',
    'access=own',
    'status=rejected',
  ])('%s is a 400 that names it', async (query) => {
    const { fake } = await fakeLuma();
    const { status, json } = await ask(fake, `/v1/calendars/events/list?${query}`);
    expect(status).toBe(400);
    expect(json.message).toContain(query.split('=')[0]);
  });

  test('parameters that Luma does not know are ignored', async () => {
    const { fake } = await fakeLuma();
    expect((await ask(fake, '/v1/calendars/events/list?series=1')).status).toBe(200);
    expect(calendarAt(fake, 0).limiter.budget(Date.now()).remaining).toBe(199);
  });
});
