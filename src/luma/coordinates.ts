import type { Coordinates } from '../events/event.js';
import { isCoordinates } from '../events/read-fields.js';
import { isObject, type EntryView } from './entry.js';
import { isNothing } from './text.js';

/**
 * The point that an entry names. `null`: there is none, or it is not on the earth. `undefined`: it does not say, or in
 * a form that is not known.
 */
export function readCoordinates(entry: EntryView): Coordinates | null | undefined {
  const point = entry.read('coordinate');
  if (point === undefined) return pointOf(entry.read('geo_longitude'), entry.read('geo_latitude'));
  if (isNothing(point)) return null;
  return isObject(point) ? pointOf(point.longitude, point.latitude) : undefined;
}

function pointOf(longitude: unknown, latitude: unknown): Coordinates | null | undefined {
  if (isNothing(longitude) && isNothing(latitude)) return null;
  const point = { longitude: degrees(longitude), latitude: degrees(latitude) };
  if (point.longitude === undefined || point.latitude === undefined) return undefined;
  return isCoordinates(point) && !isNullIsland(point) ? point : null;
}

/** Nobody meets there: it is what programs write that know of no place. */
export function isNullIsland({ longitude, latitude }: Coordinates): boolean {
  return longitude === 0 && latitude === 0;
}

/** Texts, as the shape before 2026 has them, are read too. */
function degrees(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d{1,3}(?:\.\d{1,20})?$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
