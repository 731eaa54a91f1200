/**
 * Where an event takes place, and how much of it may be shown. The meeting link is looked at and never returned.
 */
import type { LocationKind } from '../events/event.js';
import { filledString, isObject, type EntryView, type JsonObject } from './entry.js';

/** Values of `location_type` that name a service to meet on. */
const ONLINE_SERVICES = new Set(['zoom', 'meet', 'discord', 'youtube', 'twitch', 'twitter']);

export interface ObservedLocation {
  locationKind?: LocationKind;
  isVirtual?: boolean;
  /** `null`: there is none to show. Absent: the entry does not say, and what is stored stays. */
  location?: string | null;
}

export function observeLocation(entry: EntryView): ObservedLocation {
  const type = entry.read('location_type') ?? undefined;
  const geo = entry.read('geo_address_json');
  const meetingUrl = entry.read('meeting_url');
  if (type === undefined && geo === undefined && meetingUrl === undefined) return {};

  const address = isObject(geo) ? geo : {};
  const hasAddress = fullAddress(address) !== undefined;
  const locationKind = kindOf(type, hasAddress, filledString(meetingUrl) !== undefined);
  const location = locationOf(entry, locationKind, geo === undefined ? undefined : address);
  return {
    locationKind,
    isVirtual: locationKind === 'online',
    ...(location === undefined ? {} : { location }),
  };
}

function kindOf(type: unknown, hasAddress: boolean, hasLink: boolean): LocationKind {
  if (type === 'missing') return 'unknown';
  if (hasAddress && (hasLink || (typeof type === 'string' && ONLINE_SERVICES.has(type)))) return 'hybrid';
  if (hasAddress || type === 'offline') return 'in-person';
  if (hasLink || (typeof type === 'string' && ONLINE_SERVICES.has(type))) return 'online';
  return 'unknown';
}

/** @param address `undefined` where the entry says nothing about one */
function locationOf(
  entry: EntryView,
  kind: LocationKind,
  address: JsonObject | undefined,
): string | null | undefined {
  if (kind === 'online') return 'Online';
  const shown = isAddressPublic(entry);
  // Nothing to reduce, and what is stored may be the full address.
  if (address === undefined) return shown === false ? null : undefined;
  if (kind === 'unknown') return null;
  const full = fullAddress(address);
  if (full === undefined) return null;
  if (shown === undefined) return undefined;
  return shown ? full : (city(address) ?? null);
}

/**
 * Luma sends the whole address always; hiding it is the reader's duty. Every word but `public` hides it, words of
 * the future included. `undefined`: it does not say.
 */
function isAddressPublic(entry: EntryView): boolean | undefined {
  if (entry.platform === 'external') return true;
  const said = entry.read('location_visibility') ?? entry.read('geo_address_visibility');
  if (said !== undefined) return said === 'public';
  // Before there was the field, every address was public.
  return entry.nested ? true : undefined;
}

function fullAddress(address: JsonObject): string | undefined {
  const full = filledString(address.full_address);
  if (full !== undefined) return full;
  const street = filledString(address.address);
  if (street === undefined) return city(address);
  const town = filledString(address.city);
  return town === undefined || street.toLowerCase().includes(town.toLowerCase())
    ? street
    : `${street}, ${town}`;
}

function city(address: JsonObject): string | undefined {
  const cityState = filledString(address.city_state);
  if (cityState !== undefined) return cityState;
  const country = filledString(address.country);
  const town = filledString(address.city);
  if (town === undefined) return country;
  const around = filledString(address.region) ?? country;
  return around === undefined ? town : `${town}, ${around}`;
}
