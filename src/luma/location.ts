/**
 * Where an event takes place, and how much of it may be shown. The meeting link is looked at and never returned, and
 * no text that holds a link or an e-mail address counts as a place.
 */
import type { Coordinates, LocationKind } from '../events/event.js';
import { holdsLinkOrMail } from './contact.js';
import { readCoordinates } from './coordinates.js';
import { isObject, type EntryView, type JsonObject } from './entry.js';
import { LIMITS } from './limits.js';
import { filledString, isLongerThan, isNothing } from './text.js';

/** Values of `location_type` that name a service to meet on. */
const ONLINE_SERVICES = new Set(['zoom', 'meet', 'discord', 'youtube', 'twitch', 'twitter']);

export interface ObservedLocation extends ObservedPlace {
  locationKind?: LocationKind;
  isVirtual?: boolean;
}

/** `null`: there is none to show. Absent: the entry does not say, and what is stored stays. */
export interface ObservedPlace {
  location?: string | null;
  city?: string | null;
  country?: string | null;
  coordinates?: Coordinates | null;
}

/**
 * Each of these is said only where everything it hangs on was read: a field that vanished or changed its type could
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
  return {
    ...(kinds.size === 1 && locationKind !== undefined ? { locationKind } : {}),
    ...(isVirtual === undefined ? {} : { isVirtual }),
    ...placeOf(entry, kinds),
  };
}

const EITHER = [true, false];
/** One word of each sort that there is. */
const ANY_TYPE = ['offline', 'zoom', 'unknown', 'missing'];

/** What each input is; where it cannot be read, everything that it may be. */
function readPlace(entry: EntryView) {
  const type = said(entry.read('location_type'));
  const geo = readAddress(entry);
  const link = entry.read('meeting_url');
  const isSaid = [type, geo, link].some((value) => value !== undefined);
  // External events never had a type and a link, and the older shape may leave out what there is none of.
  const isSparse = isSaid && (entry.platform === 'external' || entry.nested);
  // The link is for those who manage the event.
  const mayLackLink = isSparse || entry.read('access') === 'view';
  const mayLackAddress = isSaid && entry.nested;
  return {
    types: typeof type === 'string' ? [type.trim()] : isSparse && type === undefined ? [undefined] : ANY_TYPE,
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

/** A word that every event has: `null` and an empty text say no more than its absence. */
function said(value: unknown): unknown {
  return isNothing(value) ? undefined : value;
}

/** An empty text says that there is none, as `null` does. */
function readAddress(entry: EntryView): unknown {
  const geo = entry.read('geo_address_json');
  return isNothing(geo) ? null : geo;
}

function kindOf(type: string | undefined, hasAddress: boolean, hasLink: boolean): LocationKind {
  if (type === 'missing') return 'unknown';
  const isOnline = hasLink || (type !== undefined && ONLINE_SERVICES.has(type));
  if (hasAddress) return isOnline ? 'hybrid' : 'in-person';
  if (type === 'offline') return 'in-person';
  return isOnline ? 'online' : 'unknown';
}

const NOWHERE = { location: null, city: null, country: null, coordinates: null } as const;

/** @param kinds what the place may be; several where the entry leaves that open */
function placeOf(entry: EntryView, kinds: ReadonlySet<LocationKind>): ObservedPlace {
  if (kinds.size === 1 && kinds.has('online')) return { ...NOWHERE, location: 'Online' };
  const geo = readAddress(entry);
  const shown = isAddressPublic(entry);
  // Nothing to reduce, and what is stored may be the full address.
  if (geo !== null && !isObject(geo)) return shown === false ? NOWHERE : {};

  const full = geo === null ? undefined : fullAddress(geo);
  const isOpen = full === undefined ? kinds.has('online') : kinds.has('unknown') && kinds.size > 1;
  const hidden = { ...townOf(geo), coordinates: null };
  if (isOpen) return shown === false ? hidden : {};
  if (full === undefined || geo === null || kinds.has('unknown')) return NOWHERE;
  if (shown === undefined) return {};
  if (!shown) return hidden;
  const coordinates = readCoordinates(entry);
  return { ...townOf(geo), location: full, ...(coordinates === undefined ? {} : { coordinates }) };
}

/** What may be told of an address that is for guests only. */
function townOf(geo: JsonObject | null): Omit<ObservedPlace, 'coordinates'> {
  return {
    location: (geo && city(geo)) ?? null,
    city: placeText(geo?.city) ?? null,
    country: placeText(geo?.country) ?? null,
  };
}

/**
 * Luma sends the whole address always; hiding it is the reader's duty. Every word but `public` hides it, words of
 * the future included. `undefined`: it does not say.
 */
function isAddressPublic(entry: EntryView): boolean | undefined {
  if (entry.platform === 'external') return true;
  const fields = ['location_visibility', 'geo_address_visibility'].map((name) => entry.read(name));
  const word = fields.map(said).find((value) => value !== undefined);
  if (word !== undefined) return filledString(word) === 'public';
  // Before there were the fields, every address was public.
  return entry.nested && fields.every((value) => value === undefined) ? true : undefined;
}

function fullAddress(address: JsonObject): string | undefined {
  const full = placeText(address.full_address);
  if (full !== undefined) return full;
  const street = placeText(address.address);
  if (street === undefined) return city(address);
  const town = placeText(address.city);
  return town === undefined || isEndless(street) || street.toLowerCase().includes(town.toLowerCase())
    ? street
    : `${street}, ${town}`;
}

function city(address: JsonObject): string | undefined {
  const cityState = placeText(address.city_state);
  if (cityState !== undefined) return cityState;
  const country = placeText(address.country);
  const town = placeText(address.city);
  if (town === undefined) return country;
  const around = placeText(address.region) ?? country;
  return around === undefined ? town : `${town}, ${around}`;
}

/** One text of an address. An endless one is not looked into: whoever would store it refuses it. */
function placeText(value: unknown): string | undefined {
  const text = filledString(value);
  return text === undefined || isEndless(text) || !holdsLinkOrMail(text) ? text : undefined;
}

function isEndless(text: string): boolean {
  return isLongerThan(text, LIMITS.location);
}
