import type { EventDoc } from '../mongo/documents.js';
import { cursorText } from './cursor.js';
import { asDb, type EventsDb } from './db.js';
import { isLumaEvent, type LumaEvent } from './event.js';
import { checkQuery, type EventsQuery } from './query.js';
import { readPage } from './read-page.js';

export interface EventsPage {
  /** By start, earliest first; of one instant by `_id`. */
  events: LumaEvent[];
  /** Where the next page begins; `null`: this is the last one. */
  cursor: string | null;
}

/** No index finds a text: so many events are looked at in one call, and a cursor goes on behind them. */
const LOOKED_THROUGH = 10_000;

/**
 * Events as visitors may see them, public ones unless more is asked for, page by page.
 *
 * @throws InvalidArgument, CursorInvalid, RangeError (the limit), StoreUnavailable
 */
export async function findEvents(db: EventsDb, query: EventsQuery = {}): Promise<EventsPage> {
  const checked = checkQuery(query);
  const { docs, next } = await readPage(asDb(db).collection('events'), checked, LOOKED_THROUGH);
  return {
    events: docs.filter(isLumaEvent).map(withoutId),
    cursor: next === undefined ? null : cursorText(next),
  };
}

function withoutId(doc: EventDoc): LumaEvent {
  const event: Partial<EventDoc> = { ...doc };
  delete event._id;
  return event as LumaEvent;
}
