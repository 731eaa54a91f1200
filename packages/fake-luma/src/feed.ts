import type { FakeCalendar } from './calendar.js';
import type { FakeEvent } from './event.js';
import type { FiredFaults } from './faults.js';

export const FEED_PATH = '/ics/get';

/** One line: what stands before the colon, parameters included, and what follows. */
type Property = [name: string, value: string];

/**
 * A calendar's public iCal feed: what a visitor sees, past events too. In the form in which Luma's was seen in 2025 and
 * 2026: no time zone and no description of the event, a sequence number that changes with every generation, HTML
 * entities in titles, lines that are folded within characters.
 */
export function feedOf(calendar: FakeCalendar, faults: FiredFaults, nowMs: number): Buffer {
  const events = faults.has('empty') ? [] : calendar.visibleEvents();
  const lines: Property[] = [
    ['BEGIN', 'VCALENDAR'],
    ['VERSION', '2.0'],
    ['PRODID', '-//fake-luma//feed//EN'],
    ['CALSCALE', 'GREGORIAN'],
    ['METHOD', 'PUBLISH'],
    ['X-WR-CALNAME', text(calendar.name)],
    ...events.flatMap((event, index): Property[] => [
      ['BEGIN', 'VEVENT'],
      ...spoiled(propertiesOf(event, calendar, nowMs), { eventId: event.id, nth: index + 1 }, faults),
      ['END', 'VEVENT'],
    ]),
    ['END', 'VCALENDAR'],
  ];
  const feed = Buffer.concat(lines.map(([name, value]) => folded(`${name}:${value}`)));
  return faults.has('cut-feed') ? feed.subarray(0, Math.floor(feed.length * 0.6)) : feed;
}

function propertiesOf(event: FakeEvent, calendar: FakeCalendar, nowMs: number): Property[] {
  const isExternal = event.platform === 'external';
  const { geo_address_json: geo, coordinate } = event;
  const isShown = isExternal || event.location_visibility === 'public';
  const address = isShown && geo !== null ? (geo.full_address ?? geo.address) : null;
  const page = `https://luma.com/event/${event.id}`;
  const hosts = event.hosts.flatMap(({ name }) => name ?? []).join(' & ');
  const about = isExternal
    ? [`Find more information on ${page}`]
    : [
        `Get up-to-date information at: ${event.url}`,
        ...(address === null ? [] : ['', 'Address:', address]),
        '',
        `Hosted by ${hosts === '' ? calendar.name : hosts}`,
      ];
  return [
    ['UID', `${event.id}@events.lu.ma`],
    ['DTSTAMP', instant(new Date(nowMs))],
    ['SEQUENCE', String(Math.floor(nowMs / 1000) % 2_000_000_000)],
    ['STATUS', 'TENTATIVE'],
    ['DTSTART', instant(event.start_at)],
    ['DTEND', instant(event.end_at)],
    ['SUMMARY', text(withEntities(event.name))],
    ['DESCRIPTION', text(about.join('\n'))],
    ['LOCATION', text(isExternal ? event.url : (address ?? page))],
    ...(isShown && coordinate !== null
      ? ([['GEO', `${coordinate.latitude};${coordinate.longitude}`]] satisfies Property[])
      : []),
    [
      `ORGANIZER;CN="${(event.host ?? calendar.name).replace(/["\r\n]/g, ' ')}"`,
      'MAILTO:calendar-invite@lu.ma',
    ],
  ];
}

/** As the faults leave an event's properties; `fields` are named in capital letters. */
function spoiled(
  properties: Property[],
  { eventId, nth }: { eventId: string; nth: number },
  faults: FiredFaults,
): Property[] {
  let left = properties;
  for (const fault of faults.all) {
    if (fault.kind === 'missing-field') {
      left = left.filter(([name]) => bare(name) !== fault.field);
    } else if (fault.kind === 'override') {
      const isMeant = (fault.eventId ?? eventId) === eventId && (fault.nth ?? nth) === nth;
      if (!isMeant) continue;
      const given = Object.entries(fault.fields).map(([name, value]): Property => [name, String(value)]);
      const isGiven = ([name]: Property) => given.some(([other]) => bare(other) === bare(name));
      left = [...left.filter((property) => !isGiven(property)), ...given];
    }
  }
  return left;
}

function bare(name: string): string {
  return name.split(';')[0] ?? '';
}

function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function withEntities(title: string): string {
  return title.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function text(value: string): string {
  return value.replace(/[\\;,]/g, (character) => `\\${character}`).replace(/\r?\n/g, '\\n');
}

const LINE_BYTES = 75;

/** The line and its end. Counts bytes, and so folds within characters. */
function folded(line: string): Buffer {
  const bytes = Buffer.from(line);
  const parts: Buffer[] = [bytes.subarray(0, LINE_BYTES)];
  for (let at = LINE_BYTES; at < bytes.length; at += LINE_BYTES - 1) {
    parts.push(Buffer.from('\r\n '), bytes.subarray(at, at + LINE_BYTES - 1));
  }
  return Buffer.concat([...parts, Buffer.from('\r\n')]);
}
