import { createHash } from 'node:crypto';
import { EVENT_FIELDS } from './diff.js';
import type { ObservedEvent } from './event.js';

/**
 * A digest of all that one listing said about an event: of exactly what is compared with the stored event. Kept beside
 * the event, it tells that a later listing says the same, without a look at the event. Two that differ say nothing more
 * than that the event has to be compared.
 */
export function fingerprintOf({ managed, fields }: Pick<ObservedEvent, 'managed' | 'fields'>): string {
  const said = EVENT_FIELDS.map((name) => {
    const value = fields[name];
    return value === undefined ? 0 : [value instanceof Date ? value.getTime() : value];
  });
  return createHash('sha256')
    .update(JSON.stringify([managed ?? null, said]))
    .digest('base64url')
    .slice(0, 16);
}
