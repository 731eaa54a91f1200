import { describe, expect, test } from 'vitest';
import { mapFeedEntry } from '../../../src/luma/ical/map-event.js';
import type { FeedEntry } from '../../../src/luma/ical/properties.js';

const VALUES: FeedEntry['values'] = {
  UID: 'evt-Ab1@events.lu.ma',
  SUMMARY: 'Tea &amp; talk',
  DTSTART: '2026-03-10T18:00:01Z',
  DTEND: '2026-03-10T20:00:00Z',
  DESCRIPTION: 'Get up-to-date information at: https://lu.ma/tea?tk=abc',
  LOCATION: 'Rue 1, 9000 Ghent, Belgium',
  GEO: '51.05;3.72',
};

function map(values: Partial<FeedEntry['values']> = {}, timezone = 'UTC') {
  return mapFeedEntry({ values: { ...VALUES, ...values }, types: {}, problems: [] }, { timezone });
}

function mapped(values: Partial<FeedEntry['values']> = {}, timezone?: string) {
  const result = map(values, timezone);
  if ('quarantined' in result) throw new Error(JSON.stringify(result.quarantined.problems));
  return result.event;
}

function problems(values: Partial<FeedEntry['values']>): string[] {
  const result = map(values);
  return 'event' in result
    ? []
    : result.quarantined.problems.map(({ path, problem }) => `${path}: ${problem}`);
}

test('an event of a feed says what the feed says, and suggests what follows from its place', () => {
  expect(mapped()).toEqual({
    lumaEventId: 'evt-Ab1',
    source: 'ical',
    fields: {
      title: 'Tea & talk',
      startAt: new Date('2026-03-10T18:00:01Z'),
      endAt: new Date('2026-03-10T20:00:00Z'),
      url: 'https://luma.com/tea',
      location: 'Rue 1, 9000 Ghent, Belgium',
      visibility: 'public',
      platform: 'luma',
    },
    suggested: {
      ...{ locationKind: 'in-person', isVirtual: false, timezone: 'Europe/Brussels' },
      ...{ city: null, country: null, coordinates: { latitude: 51.05, longitude: 3.72 } },
    },
  });
});

test.each([
  ['a link, for the address may be hidden', { LOCATION: 'https://luma.com/event/evt-Ab1' }],
  ['nothing', { LOCATION: undefined }],
  ['an address, at the point of programs that know of no place', { GEO: '0;0' }],
])('a place that is %s has no point', (_, values) => {
  expect(mapped(values)).toMatchObject({ suggested: { coordinates: null } });
});

describe('the id', () => {
  test.each([
    ['evt-a@events.lu.ma', 'evt-a', 'luma'],
    ['calev-b_9@events.lu.ma', 'calev-b_9', 'external'],
    ['evt-a@events.luma.com', 'evt-a', 'luma'],
  ])('of %s is %s', (UID, id, platform) => {
    expect(mapped({ UID })).toMatchObject({ lumaEventId: id, fields: { platform } });
  });

  test.each([
    'evt-a',
    'evt-@events.lu.ma',
    'x@events.lu.ma',
    'evt-a@evil.example',
    'evt-a b@events.lu.ma',
    `evt-${'a'.repeat(300)}@events.lu.ma`,
  ])('of %s is none, and nothing that may be a person’s address is kept', (UID) => {
    expect(problems({ UID })).toEqual(['UID: not-an-id']);
    expect(JSON.stringify(map({ UID: 'ann@example.org' }))).not.toContain('example.org');
  });

  test('that is missing is named', () => {
    expect(problems({ UID: undefined })).toEqual(['UID: missing']);
    expect(problems({ UID: ' ' })).toEqual(['UID: missing']);
  });
});

describe('the title', () => {
  test.each([
    ['&lt;b&gt; &quot;x&quot; &#39;y&#39; &#x1F389; &eacute;', '<b> "x" \'y\' 🎉 é'],
    ['AT&T &copy=1 a&b;', 'AT&T &copy=1 a&b;'],
    ['&amp;amp;', '&amp;'],
  ])('%s is shown as %s', (SUMMARY, title) => {
    expect(mapped({ SUMMARY }).fields.title).toBe(title);
  });

  test('that is empty says nothing, and an endless one is refused', () => {
    expect(mapped({ SUMMARY: ' \u200b' }).fields).not.toHaveProperty('title');
    expect(mapped({ SUMMARY: '&amp;'.repeat(500) }).fields.title).toHaveLength(500);
    for (const SUMMARY of ['&amp;'.repeat(501), 'x'.repeat(200_000)]) {
      expect(problems({ SUMMARY })).toEqual(['SUMMARY: too-long']);
    }
    expect(problems({ SUMMARY: 'a&#0;\0' })).toEqual(['SUMMARY: holds-nul']);
  });
});

describe('times', () => {
  test.each([
    [{ DTSTART: undefined }, 'DTSTART: missing'],
    [{ DTSTART: '2026-03-10' }, 'DTSTART: not-a-date'],
    [{ DTSTART: '2026-03-10T18:00:00' }, 'DTSTART: not-a-date'],
    [{ DTSTART: '2026-02-30T18:00:00Z' }, 'DTSTART: not-a-date'],
    [{ DTSTART: '9999-01-01T00:00:00Z' }, 'DTSTART: impossible-date'],
    [{ DTSTART: '1900-01-01T00:00:00Z' }, 'DTSTART: impossible-date'],
    [{ DTEND: 'soon' }, 'DTEND: not-a-date'],
    [{ DTEND: '2026-03-10T17:00:00Z' }, 'DTEND: ends-before-start'],
  ])('%j: %s', (values, problem) => {
    expect(problems(values)).toEqual([problem]);
  });

  test('an end may follow from a duration, or is not mentioned', () => {
    expect(mapped({ DTEND: undefined, DURATION: 'PT90M' }).fields.endAt).toEqual(
      new Date('2026-03-10T19:30:01Z'),
    );
    expect(mapped({ DTEND: undefined }).fields).not.toHaveProperty('endAt');
  });
});

describe('the page', () => {
  test.each<[string, Partial<FeedEntry['values']>, string]>([
    ['of the description', {}, 'https://luma.com/tea'],
    ['by the id, without one', { DESCRIPTION: undefined }, 'https://luma.com/event/evt-Ab1'],
    [
      'by the id, with a link of others',
      { DESCRIPTION: 'See https://zoom.us/j/1' },
      'https://luma.com/event/evt-Ab1',
    ],
    ['by the id, with a start page', { DESCRIPTION: 'https://luma.com/' }, 'https://luma.com/event/evt-Ab1'],
    [
      'by the id, with a host like Luma’s',
      { DESCRIPTION: 'https://luma.com.evil.example/x' },
      'https://luma.com/event/evt-Ab1',
    ],
    [
      'by the id, though the place is a link to join by',
      { DESCRIPTION: undefined, LOCATION: 'https://zoom.us/j/1?pwd=x' },
      'https://luma.com/event/evt-Ab1',
    ],
    [
      'of an event elsewhere',
      { UID: 'calev-1@events.lu.ma', LOCATION: 'https://books.example/a?b=1' },
      'https://books.example/a?b=1',
    ],
    [
      'at Luma, where an event elsewhere has none',
      {
        UID: 'calev-1@events.lu.ma',
        LOCATION: 'Hall 1',
        DESCRIPTION: 'Find more information on https://luma.com/x',
      },
      'https://luma.com/x',
    ],
    [
      'at Luma, where that is a link to join by',
      {
        UID: 'calev-1@events.lu.ma',
        LOCATION: 'https://us02web.zoom.us/j/1?pwd=x',
        DESCRIPTION: 'Find more information on https://luma.com/x',
      },
      'https://luma.com/x',
    ],
  ])('is the address %s', (_, values, url) => {
    const event = mapped(values);
    expect(event.fields.url).toBe(url);
    expect(JSON.stringify(event)).not.toContain('zoom');
  });

  test('of an event elsewhere may be missing', () => {
    const values = { UID: 'calev-1@events.lu.ma', LOCATION: 'Hall 1', DESCRIPTION: undefined };
    expect(mapped(values).fields).not.toHaveProperty('url');
  });
});

describe('the place', () => {
  test.each([
    'https://luma.com/event/evt-Ab1',
    'https://zoom.us/j/1',
    '',
    undefined,
    'Join: zoom.us/j/123',
    'Ann, ann@example.org',
  ])('%j is none: what is stored is cleared, unless the API said it', (LOCATION) => {
    const { fields, suggested } = mapped({ LOCATION });
    expect(fields).not.toHaveProperty('location');
    expect(suggested).toMatchObject({ location: null, locationKind: 'unknown', isVirtual: false });
  });

  test('is one line, without entities', () => {
    expect(mapped({ LOCATION: 'Caf&eacute; A&amp;B\nRue 1 \n\n Ghent' }).fields.location).toBe(
      'Café A&B, Rue 1, Ghent',
    );
    expect(problems({ LOCATION: 'x'.repeat(1_001) })).toEqual(['LOCATION: too-long']);
  });
});

describe('the time zone', () => {
  test.each([
    ['51.05;3.72', 'Europe/Brussels'],
    ['-33.8688;151.2093', 'Australia/Sydney'],
    ['27.7172;85.324', 'Asia/Kathmandu'],
    ['0;0', 'Asia/Tokyo'],
    ['30.0;-40.0', 'Asia/Tokyo'],
    ['', 'Asia/Tokyo'],
    [undefined, 'Asia/Tokyo'],
  ])('of %j is %s', (GEO, timezone) => {
    expect(mapped({ GEO }, 'Asia/Tokyo').suggested?.timezone).toBe(timezone);
  });

  test.each(['91;0', '0;181', 'abc;13.4', '52.5', '52.5,13.4', 'NaN;NaN', '1e1;2', '52.5;13.4;1'])(
    'of %j cannot be told: such an event is not trusted',
    (GEO) => {
      expect(problems({ GEO })).toEqual(['GEO: not-coordinates']);
    },
  );
});
