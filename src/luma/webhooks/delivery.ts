import { isEventId } from '../../events/event-ids.js';
import { parseJson } from '../body.js';
import { isObject, viewEntry } from '../entry.js';

/** Of Luma's types, those that tell of changes to a calendar's events. */
export const EVENT_TYPES = [
  'event.created',
  'event.updated',
  'event.canceled',
  'calendar.event.added',
] as const;

/** What a delivery says that is of use: which event to ask Luma about. Nothing else of it is read. */
export type DeliveryHint =
  | { eventId: string }
  /** It is about an event, and does not say which: the calendar has to be listed. */
  | 'some-event'
  /** It is about something else, such as a guest. */
  | 'nothing';

/** @param body of a delivery whose signature is right */
export function hintOf(body: Buffer): DeliveryHint {
  const delivery = readJson(body);
  if (!isObject(delivery)) return 'some-event';
  const { type, data } = delivery;
  if (typeof type === 'string' && !/^(?:calendar\.)?event\./.test(type)) return 'nothing';
  const id = isObject(data) ? viewEntry(data).id : undefined;
  return isEventId(id) ? { eventId: id } : 'some-event';
}

function readJson(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}
