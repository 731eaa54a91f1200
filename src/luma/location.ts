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

/**
 * Each of the three is said only where everything it hangs on was read: a field that vanished or changed its type could
 * have held anything, and what all it could have held have in common is what the entry says.
 */
export function observeLocation(entry: EntryView): ObservedLocation {
  const { types, addresses, links } = readPlace(entry);
  const kinds = new Set(
    types.flatMap((type) =>
      addresses.flatMap((hasAddress) => links.map((hasLink) => kindOf(type, hasAddress, hasLink))),
    ),
  );
  const [locationKind] = kinds;
  const isVirtual = kinds.has('online') ? (kinds.size === 1 ? true : undefined) : false;
  const location = locationOf(entry, kinds);
  return {
    ...(kinds.size === 1 && locationKind !== undefined ? { locationKind } : {}),
    ...(isVirtual === undefined ? {} : { isVirtual }),
    ...(location === undefined ? {} : { location }),
  };
}

const EITHER = [true, false];
/** One word of each sort that there is. */
const ANY_TYPE = ['offline', 'zoom', 'unknown', 'missing'];

/** What each input is; where it cannot be read, everything that it may be. */
function readPlace(entry: EntryView) {
  const [type, geo, link] = ['location_type', 'geo_address_json', 'meeting_url'].map((name) =>
    entry.read(name),
  );
  const isSaid = [type, geo, link].some((value) => value !== undefined);
  // External events never had a type and a link, and the older shape may leave out what there is none of.
  const isSparse = isSaid && (entry.platform === 'external' || entry.nested);
  // The link is for those who manage the event.
  const mayLackLink = isSparse || entry.read('access') === 'view';
  const mayLackAddress = isSaid && entry.nested;
  return {
    types: typeof type === 'string' ? [type] : isSparse && isAbsent(type) ? [undefined] : ANY_TYPE,
    addresses: isObject(geo)
      ? [fullAddress(geo) !== undefined]
      : geo === null || (geo === undefined && mayLackAddress)
        ? [false]
        : EITHER,
    links:
      typeof link === 'string' || link === null || (link === undefined && mayLackLink)
        ? [filledString(link) !== undefined]
        : EITHER,
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function kindOf(type: string | undefined, hasAddress: boolean, hasLink: boolean): LocationKind {
  if (type === 'missing') return 'unknown';
  const isOnline = hasLink || (type !== undefined && ONLINE_SERVICES.has(type));
  if (hasAddress) return isOnline ? 'hybrid' : 'in-person';
  if (type === 'offline') return 'in-person';
  return isOnline ? 'online' : 'unknown';
}

/** @param kinds what the place may be; several where the entry leaves that open */
function locationOf(entry: EntryView, kinds: ReadonlySet<LocationKind>): string | null | undefined {
  if (kinds.size === 1 && kinds.has('online')) return 'Online';
  const geo = entry.read('geo_address_json');
  const shown = isAddressPublic(entry);
  // Nothing to reduce, and what is stored may be the full address.
  if (geo !== null && !isObject(geo)) return shown === false ? null : undefined;

  const full = geo === null ? undefined : fullAddress(geo);
  const isOpen = full === undefined ? kinds.has('online') : kinds.has('unknown') && kinds.size > 1;
  if (shown === false && isOpen) return (geo && city(geo)) ?? null;
  if (isOpen) return undefined;
  if (full === undefined || geo === null || kinds.has('unknown')) return null;
  if (shown === undefined) return undefined;
  return shown ? full : (city(geo) ?? null);
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
