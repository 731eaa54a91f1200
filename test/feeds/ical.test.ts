import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import type { FeedContents, RemovedEvent } from '../../src/feeds/feed-contents.js';
import { renderIcal } from '../../src/feeds/ical.js';
import { eventDoc, hour, removedDoc } from '../read/support/events.js';

const RENDERING = { title: 'Harbour Makers; Guild', descriptionLength: 5_000 };

function rendered(events: FeedContents['events'], removed: RemovedEvent[] = []): string {
  return renderIcal({ events, removed }, RENDERING);
}

/** As another library understands it: each event, by the names of its properties. */
function parsed(text: string): Map<string, Record<string, unknown>> {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  expect(calendar.getFirstPropertyValue('version')).toBe('2.0');
  return new Map(
    calendar.getAllSubcomponents('vevent').map((event) => {
      const values = event.getAllProperties().map((property) => {
        const value = property.getFirstValue() as unknown;
        if (value instanceof ICAL.Time) return [property.name, value.toJSDate()] as const;
        return [property.name, property.isMultiValue ? property.getValues() : value] as const;
      });
      return [String(event.getFirstPropertyValue('uid')), Object.fromEntries(values)];
    }),
  );
}

describe('an event', () => {
  it('is understood by another library as it is stored', () => {
    const text = rendered([
      eventDoc('evt-1', {
        title: 'Lantern walk, part 2; “bring a \\ lamp”',
        description: 'First line\nSecond, line; with \\n in it\r\n\r\n* 🎉 party',
        endAt: hour(2),
        location: 'Old Mill, Quay 7, 9000 Ghent, Belgium',
        coordinates: { longitude: 3.725, latitude: -51.0543 },
        tags: ['out, doors', 'free'],
        revision: 7,
        url: 'https://books.example/swap?a=1,2;b=3',
      }),
    ]);
    expect(parsed(text)).toEqual(
      new Map([
        [
          'evt-1@events.luma-sync',
          {
            uid: 'evt-1@events.luma-sync',
            summary: 'Lantern walk, part 2; “bring a \\ lamp”',
            description:
              'First line\nSecond, line; with \\n in it\n\n* 🎉 party\n\nhttps://books.example/swap?a=1,2;b=3',
            ...{ dtstart: hour(0), dtend: hour(2), dtstamp: hour(-50), created: hour(-100) },
            ...{ 'last-modified': hour(-50), sequence: 7, status: 'CONFIRMED' },
            location: 'Old Mill, Quay 7, 9000 Ghent, Belgium',
            geo: [-51.0543, 3.725],
            categories: ['out, doors', 'free'],
            url: 'https://books.example/swap?a=1%2C2%3Bb=3',
          },
        ],
      ]),
    );
    expect(text).toContain('\r\nDTSTART:20901103T180000Z\r\nDTEND:20901103T200000Z\r\n');
  });

  it('without an end, a place or a description has none, and its page', () => {
    const [event] = parsed(rendered([eventDoc('calev-1')])).values();
    expect(Object.keys(event ?? {})).not.toEqual(expect.arrayContaining(['dtend']));
    expect(event).not.toHaveProperty('location');
    expect(event).toMatchObject({ description: 'https://luma.com/calev-1', status: 'CONFIRMED' });
  });

  it('whatever its texts hold, is one event of exactly these texts, in lines of 75 bytes', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        ' ',
        ',',
        ';',
        '\\',
        '"',
        ':',
        '\n',
        '\r\n',
        '\t',
        '🎉',
        'é',
        'שלום',
        '日本語',
        '\\n',
        '\u0000',
        '\u0007',
      ],
      ...[
        'BEGIN:VEVENT',
        'END:VCALENDAR',
        '\r\nATTENDEE:mailto:a@example.org',
        '<script>',
        '\u2028',
        '\u0085',
        'x'.repeat(80),
      ],
    );
    const texts = fc.array(piece, { minLength: 1, maxLength: 30 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(texts, texts, fc.array(texts, { maxLength: 3 }), (title, description, tags) => {
        const text = rendered([eventDoc('evt-1', { title, description, location: title, tags })]);
        for (const line of text.split('\r\n')) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
          expect(line).not.toMatch(/[^\P{Cc}\t]/u);
        }
        const events = parsed(text);
        expect(events.size).toBe(1);
        const [event] = events.values();
        const said = (value: string) => value.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
        const line = (value: string) => said(value).replace(/\s+/gu, ' ').trim();
        expect(event?.summary ?? '').toBe(line(title));
        expect(event?.description).toBe(
          [said(description).trim(), 'https://luma.com/evt-1'].filter((part) => part !== '').join('\n\n'),
        );
        expect(event).not.toHaveProperty('attendee');
      }),
      { numRuns: 200 },
    );
  });
});

describe('an event that is gone', () => {
  it.each([
    ['canceled', 'This event was canceled.'],
    ['no-longer-managed', 'This event is no longer in this calendar.'],
    ['no-longer-listed', 'This event is no longer in this calendar.'],
  ] as const)(
    'as %s is CANCELLED under its UID, with a later SEQUENCE, and says so',
    (removalReason, words) => {
      const removed = removedDoc('evt-1', {
        removalReason,
        description: 'Long',
        location: 'Ghent',
        revision: 3,
      });
      const [event] = parsed(rendered([], [removed])).values();
      expect(event).toMatchObject({
        ...{ uid: 'evt-1@events.luma-sync', summary: 'Title of evt-1', status: 'CANCELLED', sequence: 4 },
        ...{ dtstart: hour(0), dtstamp: hour(-1), description: words },
      });
      expect(event).not.toHaveProperty('location');
    },
  );
});

it('a calendar without events is one all the same, with its name', () => {
  const text = rendered([]);
  expect(parsed(text).size).toBe(0);
  expect(text.startsWith('BEGIN:VCALENDAR\r\n')).toBe(true);
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  expect(text).toContain('X-WR-CALNAME:Harbour Makers\\; Guild\r\n');
});
