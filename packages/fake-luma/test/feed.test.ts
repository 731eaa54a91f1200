import { describe, expect, test } from 'vitest';
import type { FakeCalendar, FakeLuma } from '../src/index.js';
import { ask, fakeLuma, NOW } from './support/ask.js';

const path = (id: string) => `/ics/get?entity=calendar&id=${id}`;

/** The body's bytes: lines are folded within characters. */
async function bytes(fake: FakeLuma, calendar: FakeCalendar): Promise<Buffer> {
  const response = await fetch(fake.url + path(calendar.id), { headers: { 'user-agent': 'test' } });
  return Buffer.from(await response.arrayBuffer());
}

async function linesOf(fake: FakeLuma, calendar: FakeCalendar): Promise<string[]> {
  const folded = (await bytes(fake, calendar)).toString('latin1');
  return Buffer.from(folded.replaceAll('\r\n ', ''), 'latin1').toString('utf8').split('\r\n');
}

describe('the public feed', () => {
  const address = { address: 'Werkhalle', full_address: 'Werkhalle, Ziegelstraße 81; Hof, Berlin' };

  test('is there without a key, in the form seen in the wild', async () => {
    const { fake, calendar } = await fakeLuma({
      calendars: [
        {
          ...{ id: 'cal-a', name: 'Tea, and more' },
          events: [
            {
              ...{
                id: 'evt-1',
                name: 'A & B <3',
                url: 'https://luma.com/ab',
                start_at: '2026-10-01T18:00:01Z',
              },
              ...{ end_at: '2026-10-01T20:00:00Z', geo_address_json: address },
              coordinate: { latitude: 52.52, longitude: 13.405 },
            },
          ],
        },
      ],
    });
    const lines = await linesOf(fake, calendar);
    expect(lines.slice(0, 2)).toEqual(['BEGIN:VCALENDAR', 'VERSION:2.0']);
    expect(lines.slice(-2)).toEqual(['END:VCALENDAR', '']);
    for (const line of [
      'X-WR-CALNAME:Tea\\, and more',
      'UID:evt-1@events.lu.ma',
      'STATUS:TENTATIVE',
      'DTSTART:20261001T180001Z',
      'DTEND:20261001T200000Z',
      'SUMMARY:A &amp\\; B &lt\\;3',
      'LOCATION:Werkhalle\\, Ziegelstraße 81\\; Hof\\, Berlin',
      'GEO:52.52;13.405',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.find((line) => line.startsWith('DESCRIPTION:'))).toMatch(
      /^DESCRIPTION:Get up-to-date information at: https:\/\/luma\.com\/ab\\n\\nAddress:\\nWerkhalle.*\\n\\nHosted by /,
    );
    expect(lines.some((line) => /^ORGANIZER;CN="[^"]+":MAILTO:calendar-invite@lu\.ma$/.test(line))).toBe(
      true,
    );
  });

  test('shows what a visitor sees, past events too, and no address that is for guests only', async () => {
    const { fake, calendar } = await fakeLuma({
      calendars: [
        {
          events: [
            { id: 'evt-past', start_at: new Date(NOW.getTime() - 86_400_000) },
            { id: 'evt-guests', location_visibility: 'guests-only', geo_address_json: address },
            { id: 'evt-online', location_type: 'zoom' },
            { id: 'evt-private', visibility: 'private' },
            { id: 'evt-pending', status: 'pending' },
            { id: 'calev-1', platform: 'external', url: 'https://books.example/x', geo_address_json: null },
          ],
        },
      ],
    });
    const lines = await linesOf(fake, calendar);
    const ids = lines.flatMap((line) => /^UID:(.+)@events\.lu\.ma$/.exec(line)?.[1] ?? []);
    expect(ids.toSorted()).toEqual(['calev-1', 'evt-guests', 'evt-online', 'evt-past']);
    for (const location of [
      'LOCATION:https://luma.com/event/evt-guests',
      'LOCATION:https://luma.com/event/evt-online',
      'LOCATION:https://books.example/x',
    ]) {
      expect(lines).toContain(location);
    }
    expect(lines.join('\n')).not.toMatch(/Werkhalle|zoom\.us/);
  });

  test('folds lines at 75 bytes, within characters', async () => {
    const { fake, calendar } = await fakeLuma({ calendars: [{ events: [{ name: '東京'.repeat(60) }] }] });
    const folded = await bytes(fake, calendar);
    const lengths = folded
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.length);
    expect(Math.max(...lengths)).toBe(75);
    expect(folded.toString('utf8')).toContain('\ufffd');
    expect((await linesOf(fake, calendar)).join('\n')).toContain(`SUMMARY:${'東京'.repeat(60)}`);
  });

  test('changes its sequence numbers with time, and nothing else', async () => {
    const { fake, calendar } = await fakeLuma({ eventsPerCalendar: 5 });
    const before = await linesOf(fake, calendar);
    fake.advanceTime(60_000);
    const after = await linesOf(fake, calendar);
    const differing = after.filter((line, index) => line !== before[index]).map((line) => line.split(':')[0]);
    expect(new Set(differing)).toEqual(new Set(['SEQUENCE', 'DTSTAMP']));
  });

  test('of an unknown calendar is a page that is not there', async () => {
    const { fake, calendar } = await fakeLuma();
    for (const asked of [path('cal-nobody'), `/ics/get?entity=event&id=${calendar.id}`, '/ics/get']) {
      const { status, headers } = await ask(fake, asked, null);
      expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    }
  });

  test('uses up nothing of the API’s budget', async () => {
    const { fake, calendar } = await fakeLuma({ limit: 2 });
    const feed = () => ask(fake, path(calendar.id), null);
    expect([(await feed()).status, (await feed()).status]).toEqual([200, 200]);
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(200);
    const { status, headers } = await feed();
    expect([status, headers.get('retry-after')]).toEqual([429, '60']);
  });
});

describe('faults of the feed', () => {
  test.each([
    ['server-error', 503],
    ['forbidden', 403],
    ['html', 200],
    ['rate-limit', 429],
  ] as const)('%s answers %i', async (kind, expected) => {
    const { fake, calendar } = await fakeLuma();
    calendar.setFault({ kind, endpoint: 'feed' });
    const { status, text } = await ask(fake, path(calendar.id), null);
    expect(status).toBe(expected);
    expect(text).not.toContain('BEGIN:VCALENDAR');
    expect((await ask(fake, '/v1/calendars/get')).status).toBe(200);
  });

  test('an empty feed has no events, and one that is cut off no end', async () => {
    const { fake, calendar } = await fakeLuma();
    calendar.setFault({ kind: 'empty', times: 1 });
    expect((await ask(fake, path(calendar.id), null)).text).toMatch(/^BEGIN:VCALENDAR[^]*END:VCALENDAR\r\n$/);
    calendar.setFault({ kind: 'cut-feed', times: 1 });
    const { status, text } = await ask(fake, path(calendar.id), null);
    expect(status).toBe(200);
    expect(text).toMatch(/^BEGIN:VCALENDAR[^]*BEGIN:VEVENT/);
    expect(text).not.toContain('END:VCALENDAR');
    expect((await ask(fake, path(calendar.id), null)).text).toContain('END:VCALENDAR');
  });

  test('properties can be set to anything, or left out', async () => {
    const { fake, calendar } = await fakeLuma({
      calendars: [{ events: [{ id: 'evt-1' }, { id: 'evt-2' }] }],
    });
    calendar.setFault({
      kind: 'override',
      endpoint: 'feed',
      eventId: 'evt-1',
      fields: { GEO: 'here', 'X-NEW': 1 },
    });
    calendar.setFault({ kind: 'missing-field', endpoint: 'feed', field: 'DTEND' });
    const lines = await linesOf(fake, calendar);
    expect(lines.filter((line) => line === 'GEO:here' || line === 'X-NEW:1')).toHaveLength(2);
    expect(lines.some((line) => line.startsWith('DTEND'))).toBe(false);
  });
});
