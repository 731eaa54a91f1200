import { isEventId } from '../../events/event-ids.js';

/** The hosts that Luma puts behind an event's id. */
const UID = /^([^@]{1,200})@(?:events\.)?(?:lu\.ma|luma\.com)$/;

/** The id that the API has for the same event. @returns `undefined` for a UID of another form */
export function eventIdOf(uid: string | undefined): string | undefined {
  const id = UID.exec(uid?.trim() ?? '')?.[1];
  return isEventId(id) ? id : undefined;
}
