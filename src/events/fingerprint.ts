import { hash } from 'node:crypto';
import { EVENT_FIELDS } from './diff.js';
import type { ObservedEvent, ObservedFields } from './event.js';

/*
 * A fingerprint is kept beside an event and tells that a later listing says the same, without a look at the event. Its
 * parts: a digest of all that the listing said about the event, which is exactly what is compared with the stored one;
 * the digest of the entry as Luma sent it, which spares even the mapping; and a mark where details are asked for apart.
 * Two that differ say nothing more than that the event has to be compared.
 */

/**
 * Of what the same entry comes to. One more whenever the mapping finds more in it than before: the next sync compares
 * every event, and stored ones gain what is new.
 */
const VERSION = 2;
const DIGEST_LENGTH = 16;
const UNDESCRIBED = '?';

type Printed = Pick<ObservedEvent, 'managed' | 'fields' | 'entry' | 'source' | 'suggested'>;

export function fingerprintOf(event: Printed): string {
  return `${saidBy(event)}${event.entry ?? ''}${isUndescribed(event) ? UNDESCRIBED : ''}`;
}

/** Whether a listing says what it said when this fingerprint was made. */
export function saysTheSame(fingerprint: string, event: Printed): boolean {
  return fingerprint.slice(0, DIGEST_LENGTH) === saidBy(event);
}

/** Whether it was made of the very same entry. @param entry its digest */
export function isOfEntry(fingerprint: string, entry: string): boolean {
  return entry !== '' && fingerprint.slice(DIGEST_LENGTH, 2 * DIGEST_LENGTH) === entry;
}

/** Whether the listing did not describe the event, though Luma can be asked for it. */
export function marksUndescribed(fingerprint: string): boolean {
  return fingerprint.endsWith(UNDESCRIBED);
}

export function isUndescribed({ managed, fields }: Pick<ObservedEvent, 'managed' | 'fields'>): boolean {
  return managed !== false && fields.description === undefined;
}

export function digest(text: string): string {
  return hash('sha256', `${VERSION} ${text}`, 'base64url').slice(0, DIGEST_LENGTH);
}

function saidBy({ managed, fields, source, suggested }: Printed): string {
  const saidIn = (said: ObservedFields) =>
    EVENT_FIELDS.map((name) => {
      const value = said[name];
      return value === undefined ? 0 : [value instanceof Date ? value.getTime() : value];
    });
  const concluded = suggested === undefined ? [] : [saidIn(suggested)];
  return digest(JSON.stringify([managed ?? null, source ?? null, saidIn(fields), ...concluded]));
}
