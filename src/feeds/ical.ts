import ical, { type ICalEventData, ICalEventStatus } from 'ical-generator';
import type { RemovalReason } from '../mongo/documents.js';
import type { LumaEvent } from '../read/event.js';
import type { FeedContents, RemovedEvent } from './feed-contents.js';
import { foldLines } from './fold-lines.js';
import { shortened } from '../printable.js';
import { plainLine, plainText } from './plain-text.js';
import type { Rendering } from './rendering.js';

/** Of the `UID`s: `evt-…@events.luma-sync`. Never changed, or every subscriber has every event twice. */
const UID_DOMAIN = 'events.luma-sync';
const CATEGORIES = 20;
const END = 'END:VCALENDAR';

/**
 * RFC 5545. Times are UTC: every program knows these instants without a table of time zones that could be wrong or old,
 * and shows them in its user's zone.
 */
export function renderIcal(
  { events, removed }: FeedContents,
  { title, descriptionLength }: Rendering,
): string {
  const calendar = ical({
    // Not as `name`, which the library does not escape.
    x: { 'X-WR-CALNAME': plainLine(title) },
    prodId: { company: 'luma-sync', product: 'feeds', language: 'EN' },
    ttl: 3_600,
  });
  const frame = calendar.toString();
  const texts = [
    ...events.map((event) => calendar.createEvent(shownEvent(event, descriptionLength)).toString()),
    ...removed.map((event) => calendar.createEvent(goneEvent(event)).toString()),
  ];
  return `${frame.slice(0, -END.length)}${foldLines(texts.join(''))}${END}\r\n`;
}

function shownEvent(event: LumaEvent, descriptionLength: number): ICalEventData {
  const { description = '', location, coordinates, tags, changedAt, revision } = event;
  const text = shortened(plainText(description).trim(), descriptionLength);
  const place = plainLine(location ?? '');
  const categories = tags.slice(0, CATEGORIES).map(plainLine);
  return {
    ...common(event),
    ...{ stamp: changedAt, lastModified: changedAt, sequence: revision },
    status: ICalEventStatus.CONFIRMED,
    // Some calendars show no URL.
    description: [text, event.url].filter((part) => part !== '').join('\n\n'),
    ...(place === '' ? {} : { location: { title: place, ...pointOf(coordinates) } }),
    categories: categories.filter((name) => name !== '').map((name) => ({ name })),
  };
}

const WHY_GONE: Record<RemovalReason, string> = {
  canceled: 'This event was canceled.',
  'no-longer-managed': 'This event is no longer in this calendar.',
  'no-longer-listed': 'This event is no longer in this calendar.',
  'not-public': 'This event is no longer in this calendar.',
};

/** One more than it had, so that a program takes the news; an event that comes back has that too, and a later stamp. */
function goneEvent(event: RemovedEvent): ICalEventData {
  const { removedAt, removalReason, revision } = event;
  return {
    ...common(event),
    ...{ stamp: removedAt, lastModified: removedAt, sequence: revision + 1 },
    status: ICalEventStatus.CANCELLED,
    description: WHY_GONE[removalReason],
  };
}

function common({ lumaEventId, title, startAt, endAt, createdAt, url }: LumaEvent) {
  return {
    id: `${lumaEventId}@${UID_DOMAIN}`,
    summary: plainLine(title),
    start: startAt,
    ...(endAt === undefined ? {} : { end: endAt }),
    created: createdAt,
    // The library escapes these as it does in texts, where an address has other rules.
    url: url.replaceAll(',', '%2C').replaceAll(';', '%3B'),
  };
}

function pointOf(point: LumaEvent['coordinates']): { geo?: { lat: number; lon: number } } {
  return point === undefined ? {} : { geo: { lat: point.latitude, lon: point.longitude } };
}
