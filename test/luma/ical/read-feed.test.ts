import { describe, expect, test } from 'vitest';
import type { FeedContents } from '../../../src/luma/ical/read-feed.js';
import { readFeed } from '../../../src/luma/ical/read-feed.js';
import { unfold } from '../../../src/luma/ical/unfold.js';

const lines = (...text: string[]) => Buffer.from(text.map((line) => `${line}\r\n`).join(''));
const calendar = (...text: string[]) => lines('BEGIN:VCALENDAR', 'VERSION:2.0', ...text, 'END:VCALENDAR');
const event = (...text: string[]) => ['BEGIN:VEVENT', 'UID:evt-1@events.lu.ma', ...text, 'END:VEVENT'];

async function contents(body: Buffer): Promise<FeedContents> {
  const feed = await readFeed(body);
  if (typeof feed === 'string') throw new Error(feed);
  return feed;
}

describe('folded lines', () => {
  test('are joined within a character, and within the sequence of an emoji', async () => {
    const title = 'SUMMARY:Café 👩‍💻 東京';
    const bytes = Buffer.from(title);
    for (let at = 1; at < bytes.length; at += 1) {
      const folded = Buffer.concat([bytes.subarray(0, at), Buffer.from('\r\n '), bytes.subarray(at)]);
      const body = Buffer.concat([
        lines('BEGIN:VCALENDAR', 'BEGIN:VEVENT'),
        folded,
        lines('', 'END:VEVENT', 'END:VCALENDAR'),
      ]);
      expect((await contents(body)).entries[0]?.values.SUMMARY).toBe('Café 👩‍💻 東京');
    }
  });

  test('of every kind are joined, and nothing else is', () => {
    expect(unfold(Buffer.from('A:1\r\n 2\r\n\t3\n 4\nB:5\r\n\r\nC:\r\n')).toString()).toBe(
      'A:1234\nB:5\r\n\r\nC:\r\n',
    );
    expect(unfold(Buffer.from('')).toString()).toBe('');
    expect(unfold(Buffer.from('\n x')).toString()).toBe('x');
  });
});

describe('an event', () => {
  test('has its texts without escapes, and of its description the first line only', async () => {
    const body = calendar(
      ...event(
        'SUMMARY;LANGUAGE=en:One\\, two\\; three\\\\four\\nfive',
        'DTSTART:20260310T180001Z',
        'DTEND;VALUE=DATE-TIME:20260310T200000Z',
        'DESCRIPTION:Get up-to-date information at: https://luma.com/tea\\n\\nAddress:\\nHosted by Ann Secret',
        'LOCATION:Rue 1\\, Ghent',
        'GEO:51.05;3.72',
        'ORGANIZER;CN="Ann: Secret;":MAILTO:calendar-invite@lu.ma',
        'DTSTAMP:20260301T000000Z',
        'SEQUENCE:7',
      ),
    );
    const [entry] = (await contents(body)).entries;
    expect(entry?.values).toEqual({
      UID: 'evt-1@events.lu.ma',
      SUMMARY: 'One, two; three\\four\nfive',
      DTSTART: '2026-03-10T18:00:01Z',
      DTEND: '2026-03-10T20:00:00Z',
      DESCRIPTION: 'Get up-to-date information at: https://luma.com/tea',
      LOCATION: 'Rue 1, Ghent',
      GEO: '51.05;3.72',
    });
    expect(entry?.types).toMatchObject({ DTSTART: 'date-time', ORGANIZER: 'unread', SEQUENCE: 'unread' });
    expect(JSON.stringify(entry)).not.toMatch(/Secret|MAILTO|20260301/);
    expect(entry?.problems).toEqual([]);
  });

  test('is told apart from what lies in it and beside it, in any case and with any ends of lines', async () => {
    const text = [
      'begin:vcalendar',
      'begin:vtimezone',
      'begin:standard',
      'dtstart:19701025T030000',
      'end:standard',
      'end:vtimezone',
      'begin:vevent',
      'uid:evt-1@events.lu.ma',
      'begin:valarm',
      'summary:Reminder',
      'end:valarm',
      'summary:Tea',
      'end:vevent',
      'end:vcalendar',
      '',
    ];
    const { entries } = await contents(Buffer.from(`\ufeff${text.join('\n')}`));
    expect(entries.map(({ values }) => values)).toEqual([{ UID: 'evt-1@events.lu.ma', SUMMARY: 'Tea' }]);
  });

  test('with a line that is none, bytes that are no text or a property twice keeps its id, and says so', async () => {
    const [before, after] = [lines('BEGIN:VCALENDAR', 'BEGIN:VEVENT'), lines('END:VEVENT', 'END:VCALENDAR')];
    const broken = Buffer.concat([
      before,
      lines(
        'UID:evt-1@events.lu.ma',
        'no property at all',
        'DTSTART:20260310T180000Z',
        'DTSTART:20270310T180000Z',
      ),
      Buffer.from([...Buffer.from('SUMMARY:caf'), 0xe9, 0x0d, 0x0a]),
      after,
    ]);
    const [entry] = (await contents(broken)).entries;
    expect(entry?.values).toEqual({ UID: 'evt-1@events.lu.ma', DTSTART: '2026-03-10T18:00:00Z' });
    expect(entry?.problems).toEqual([
      { path: '', problem: 'not-a-property' },
      { path: 'DTSTART', problem: 'repeated' },
      { path: 'SUMMARY', problem: 'not-utf-8' },
    ]);
  });

  test('that is larger than an event can be is not read, but for its id', async () => {
    for (const more of [
      [`SUMMARY:${'x'.repeat(300_000)}`],
      Array.from({ length: 600 }, (_, n) => `X-${n}:1`),
    ]) {
      const [entry] = (await contents(calendar(...event(...more)))).entries;
      expect(entry?.values).toEqual({ UID: 'evt-1@events.lu.ma' });
      expect(entry?.problems).toEqual([{ path: '', problem: 'too-many-values' }]);
    }
  });
});

describe('a body', () => {
  test('without events is a feed without events, and may name its calendar', async () => {
    expect(await contents(calendar())).toEqual({ entries: [] });
    expect(await contents(calendar('X-WR-CALNAME:Tea\\, and more'))).toEqual({
      name: 'Tea, and more',
      entries: [],
    });
  });

  test('that ends anywhere before its end is cut off', async () => {
    const whole = calendar(...event('SUMMARY:Tea'), ...event('SUMMARY:Coffee'));
    const first = 'BEGIN:VCALENDAR\r\n'.length;
    for (let end = first; end < whole.length - 2; end += 1) {
      expect([end, await readFeed(whole.subarray(0, end))]).toEqual([end, 'cut-off']);
    }
    expect(await readFeed(whole.subarray(0, whole.length - 2))).toMatchObject({ entries: [{}, {}] });
    expect(await readFeed(Buffer.concat([whole, Buffer.from('<html>')]))).toBe('cut-off');
  });

  test.each([
    ['of nothing', Buffer.alloc(0)],
    ['of blanks', Buffer.from(' \r\n\r\n')],
    ['of HTML', Buffer.from('<!doctype html><html></html>')],
    ['of JSON', Buffer.from('{"message":"no"}')],
    ['of another component', lines('BEGIN:VEVENT', 'END:VEVENT')],
    ['with two calendars', Buffer.concat([calendar(), calendar()])],
  ])('%s is no feed', async (_, body) => {
    expect(await readFeed(body)).toBe('no iCalendar');
  });

  test.each([
    ['an event that does not end', calendar('BEGIN:VEVENT', 'UID:evt-1@events.lu.ma')],
    ['an end without a beginning', calendar('END:VEVENT')],
    [
      'components without end within each other',
      calendar(...Array.from({ length: 9 }, () => 'BEGIN:VEVENT')),
    ],
  ])('with %s is not taken for a feed', async (_, body) => {
    expect(await readFeed(body)).toBe('components that do not end');
  });

  test('of the largest size is read in seconds, and other work has its turn meanwhile', async () => {
    const one = event(
      'SUMMARY:Tea',
      'DTSTART:20260310T180000Z',
      `LOCATION:${'Long Street '.repeat(30)}`,
    ).join('\r\n');
    const count = Math.floor((20 * 1024 * 1024) / (one.length + 2));
    const body = calendar(...Array.from({ length: count }, () => one));
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    const begun = performance.now();
    expect((await contents(body)).entries).toHaveLength(count);
    clearInterval(timer);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(turns).toBeGreaterThan(5);
  });

  test('with more events, or lines, than a calendar has is refused', async () => {
    const many = Array.from({ length: 50_001 }, () => 'BEGIN:VEVENT\r\nEND:VEVENT');
    expect(await readFeed(calendar(...many))).toBe('too many events');
    expect(await readFeed(calendar('X:1\r\n'.repeat(1_000_001)))).toBe('too many lines');
  });

  test('of folds only is unfolded in a second', () => {
    const begun = performance.now();
    expect(unfold(Buffer.from('\n '.repeat(5_000_000))).length).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
