import { checkFields, checkText, InvalidArgument } from '../arguments.js';
import type { EventsDb } from './db.js';
import type { LumaEvent } from './event.js';
import { findEvents } from './find-events.js';
import { type EventsQuery, QUERY_FIELDS } from './query.js';

export interface AgendaQuery extends EventsQuery {
  /** IANA name of the time zone that days are of. Default: each event's own. */
  timeZone?: string;
}

export interface AgendaDay {
  /** `2026-12-01` */
  day: string;
  /** By start, earliest first. */
  events: LumaEvent[];
}

export interface Agenda {
  /** In order. The first may have begun on the page before, and the last may go on on the next one. */
  days: AgendaDay[];
  /** As of `findEvents`. */
  cursor: string | null;
}

/**
 * What `findEvents` finds, grouped by the local day on which an event begins.
 *
 * @throws as `findEvents`
 */
export async function agenda(db: EventsDb, query: AgendaQuery = {}): Promise<Agenda> {
  checkFields(query, 'the query', [...QUERY_FIELDS, 'timeZone']);
  const { timeZone, ...rest } = query;
  const dayIn = localDays();
  if (timeZone !== undefined) checkTimeZone(timeZone);
  const { events, cursor } = await findEvents(db, rest);
  const days = new Map<string, LumaEvent[]>();
  for (const event of events) {
    const day = dayIn(event.startAt, timeZone ?? event.timezone);
    const ofDay = days.get(day);
    if (ofDay === undefined) days.set(day, [event]);
    else ofDay.push(event);
  }
  const inOrder = [...days].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { days: inOrder.map(([day, ofDay]) => ({ day, events: ofDay })), cursor };
}

function checkTimeZone(timeZone: unknown): void {
  checkText(timeZone, 'timeZone');
  if (formatOf(timeZone) === undefined) {
    throw new InvalidArgument('timeZone must be the IANA name of a time zone, such as Europe/Brussels');
  }
}

/** The day of an instant in a zone. To look a zone up costs far more than to use it. */
function localDays(): (at: Date, timeZone: string) => string {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (at, timeZone) => {
    // A document edited by hand may name a zone that there is not.
    const format = formats.get(timeZone) ?? formatOf(timeZone) ?? formatOf('UTC');
    if (format === undefined) return at.toISOString().slice(0, 10);
    formats.set(timeZone, format);
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      ...{ timeZone, year: 'numeric', month: '2-digit', day: '2-digit' },
    });
  } catch {
    return undefined;
  }
}
