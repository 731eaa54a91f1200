import type { FiredFaults } from './faults.js';
import type { Json } from './wire.js';

/** Which entry of the listing it is. `nth` counts from 1 over all pages; null for `events/get`. */
export interface EntryPlace {
  eventId: string;
  nth: number | null;
}

/** The entry as the faults leave it. */
export function spoilEntry(entry: Json, place: EntryPlace, faults: FiredFaults): Json {
  let spoiled = entry;
  for (const fault of faults.all) {
    if (fault.kind === 'missing-field') {
      spoiled = Object.fromEntries(Object.entries(spoiled).filter(([name]) => name !== fault.field));
    } else if (fault.kind === 'changed-type') {
      if (fault.field in spoiled) spoiled = { ...spoiled, [fault.field]: otherType(spoiled[fault.field]) };
    } else if (fault.kind === 'override') {
      const meant =
        (fault.eventId === undefined || fault.eventId === place.eventId) &&
        (fault.nth === undefined || fault.nth === place.nth);
      if (meant) spoiled = { ...spoiled, ...fault.fields };
    }
  }
  return spoiled;
}

/** The same value in a type nobody expects: dates become milliseconds, other texts objects, and so on. */
function otherType(value: unknown): unknown {
  if (typeof value === 'string') {
    const ms = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN;
    return Number.isNaN(ms) ? { value } : ms;
  }
  if (Array.isArray(value)) return { items: value };
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}
