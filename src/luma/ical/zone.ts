import zoneAt from '@photostructure/tz-lookup';
import type { Coordinates } from '../../events/event.js';
import { isCoordinates } from '../../events/read-fields.js';
import { ianaTimezone } from '../timezone.js';

/** `52.5;13.4`. @returns `null` for what is no point on earth */
export function readCoordinates(geo: string): Coordinates | null {
  const [, latitude, longitude] = /^(-?\d{1,3}(?:\.\d{1,20})?);(-?\d{1,3}(?:\.\d{1,20})?)$/.exec(geo) ?? [];
  if (latitude === undefined || longitude === undefined) return null;
  const point = { latitude: Number(latitude), longitude: Number(longitude) };
  return isCoordinates(point) ? point : null;
}

/** @returns an IANA name; `undefined` at sea, and at 0;0, where programs put what has no place */
export function timezoneAt({ latitude, longitude }: Coordinates): string | undefined {
  const zone = zoneAt(latitude, longitude);
  return zone.startsWith('Etc/') ? undefined : ianaTimezone(zone);
}
