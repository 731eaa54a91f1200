import { decodeHTMLStrict } from 'entities';
import type { Coordinates, ObservedFields, PlaceField } from '../../events/event.js';
import { holdsLinkOrMail } from '../contact.js';
import { isNullIsland } from '../coordinates.js';
import { filledString } from '../text.js';

/** What `LOCATION` holds: an address, a link (where the address is hidden, or there is none), or nothing to show. */
export type FeedPlace = { address: string } | { link: string } | null;

export function readPlace(location: string | undefined): FeedPlace {
  const text = filledString(location);
  if (text === undefined) return null;
  if (/^https?:\/\/\S+$/i.test(text)) return { link: text };
  const lines = decodeHTMLStrict(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const address = lines.join(', ');
  return address === '' || holdsLinkOrMail(address) ? null : { address };
}

/**
 * What may be concluded from it: no more than the API's mapping would from an address alone. A point is shown with an
 * address only: without one the address may be hidden.
 */
export function suggestedPlace(
  place: FeedPlace,
  point: Coordinates | null,
): Pick<ObservedFields, Exclude<PlaceField, 'timezone'>> {
  const isAddress = place !== null && 'address' in place;
  return {
    ...(isAddress ? {} : { location: null }),
    ...{
      city: null,
      country: null,
      coordinates: isAddress && point !== null && !isNullIsland(point) ? point : null,
    },
    locationKind: isAddress ? 'in-person' : 'unknown',
    isVirtual: false,
  };
}
