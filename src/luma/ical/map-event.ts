/**
 * From an event of a feed to an event as the rest of this project knows it. Pure; never throws. What a feed does not
 * have is not mentioned, and what it only lets one conclude is a suggestion: see events/suggestions.ts. Organizers,
 * hosts and links other than the event's page are not taken over.
 */
import { decodeHTMLStrict } from 'entities';
import type {
  Coordinates,
  EntryProblem,
  ObservedFields,
  PlaceField,
  QuarantinedEntry,
} from '../../events/event.js';
import { LIMITS } from '../limits.js';
import { platformOf } from '../entry.js';
import { boundedAddress, checkedText, type MappedEntry, type Report } from '../mapping.js';
import { keptOf } from '../quarantined-entry.js';
import { filledString, isLongerThan, isNothing } from '../text.js';
import { addDuration, parseInstant } from '../time.js';
import { eventIdOf } from './event-id.js';
import { pageAddress } from './page-address.js';
import { type FeedPlace, readPlace, suggestedPlace } from './place.js';
import type { FeedEntry } from './properties.js';
import { readCoordinates, timezoneAt } from './zone.js';

export interface FeedMapping {
  /** Where the place does not tell it: an IANA name. */
  timezone: string;
}

export function mapFeedEntry(entry: FeedEntry, { timezone }: FeedMapping): MappedEntry {
  const { values } = entry;
  const problems: EntryProblem[] = [...entry.problems];
  const report: Report = (path, problem) => void problems.push({ path, problem });

  const id = readId(values.UID, report);
  const place = readPlace(values.LOCATION);
  const fields: ObservedFields = {
    ...readTitle(values.SUMMARY, report),
    ...readTimes(values, report),
    ...readAddress(place, report),
    ...(id === null ? {} : readPage(id, place, values.DESCRIPTION, report)),
    // Whoever knows the address of the feed can read it, and so can everybody else.
    visibility: 'public',
    platform: platformOf(id),
  };
  const point = readPoint(values.GEO, report);
  const suggested: Pick<ObservedFields, PlaceField> = {
    ...suggestedPlace(place, point),
    timezone: (point === null ? undefined : timezoneAt(point)) ?? timezone,
  };
  if (id === null || problems.length > 0) return { quarantined: quarantined(entry, id, problems) };
  return { event: { lumaEventId: id, source: 'ical', fields, suggested } };
}

function readId(uid: string | undefined, report: Report): string | null {
  const id = eventIdOf(uid);
  if (id !== undefined) return id;
  report('UID', uid === undefined || isNothing(uid) ? 'missing' : 'not-an-id');
  return null;
}

function readTitle(summary: string | undefined, report: Report): ObservedFields {
  if (summary === undefined) return {};
  // Nothing is decoded of what is too long in any case: a character has at most 40 as an entity.
  if (isLongerThan(summary, 40 * LIMITS.title)) {
    report('SUMMARY', 'too-long');
    return {};
  }
  const title = filledString(decodeHTMLStrict(summary));
  return title === undefined ? {} : { title: checkedText(title, 'SUMMARY', LIMITS.title, report) };
}

function readTimes({ DTSTART, DTEND, DURATION }: FeedEntry['values'], report: Report): ObservedFields {
  const start = parseInstant(DTSTART);
  if ('problem' in start) {
    report('DTSTART', DTSTART === undefined ? 'missing' : start.problem);
    return {};
  }
  if (DTEND === undefined) {
    const computed = addDuration(start.date, DURATION);
    return { startAt: start.date, ...(computed === undefined ? {} : { endAt: computed }) };
  }
  const end = parseInstant(DTEND);
  if ('problem' in end) report('DTEND', end.problem);
  else if (end.date < start.date) report('DTEND', 'ends-before-start');
  else return { startAt: start.date, endAt: end.date };
  return {};
}

function readAddress(place: FeedPlace, report: Report): ObservedFields {
  if (place === null || !('address' in place)) return {};
  return { location: checkedText(place.address, 'LOCATION', LIMITS.location, report) };
}

function readPage(id: string, place: FeedPlace, line: string | undefined, report: Report): ObservedFields {
  const page = pageAddress({ id, isExternal: platformOf(id) === 'external' }, place, line);
  const url = boundedAddress(page, 'LOCATION', report);
  return url === undefined ? {} : { url };
}

function readPoint(geo: string | undefined, report: Report): Coordinates | null {
  if (geo === undefined || isNothing(geo)) return null;
  const point = readCoordinates(geo);
  if (point === null) report('GEO', 'not-coordinates');
  return point;
}

/** The names are those of the API's entries; of an unknown UID not what may be an e-mail address. */
function quarantined({ values }: FeedEntry, id: string | null, problems: EntryProblem[]): QuarantinedEntry {
  const kept = { id: id ?? values.UID?.split('@')[0], start_at: values.DTSTART, end_at: values.DTEND };
  return keptOf(kept, id, problems);
}
