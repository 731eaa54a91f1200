import type { FakeEvent } from './event.js';
import type { Place } from './places.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

/** What chance makes places of. */
interface Source {
  random: Random;
  vocabulary: Vocabulary;
}

/** Where an event happens, as Luma's fields say it together. */
export type Whereabouts = Pick<
  FakeEvent,
  'geo_address_json' | 'coordinate' | 'meeting_url' | 'location_type' | 'location_visibility'
>;

/** `service` is Luma's `location_type`: a named service, or `unknown` for a link it does not recognize. */
export interface VenueKind {
  where: 'venue' | 'online' | 'hybrid' | 'missing';
  service?: string;
  guestsOnly?: boolean;
}

export function whereabouts(kind: VenueKind, place: Place, source: Source): Whereabouts {
  const onSite = kind.where === 'venue' || kind.where === 'hybrid';
  const remote = kind.where === 'online' || kind.where === 'hybrid';
  return {
    ...(onSite ? addressIn(place, source) : { geo_address_json: null, coordinate: null }),
    meeting_url: remote ? meetingLink(kind.service ?? 'zoom', source.random) : null,
    location_type: kind.where === 'missing' ? 'missing' : remote ? (kind.service ?? 'zoom') : 'offline',
    location_visibility: kind.guestsOnly ? 'guests-only' : 'public',
  };
}

/** A join link as the service writes them. `offline`, an event on site that is also streamed, gets a plain one. */
export function meetingLink(service: string, random: Random): string {
  const code = (length: number): string => random.token(length, 'abcdefghijklmnopqrstuvwxyz');
  switch (service) {
    case 'zoom':
      return `https://zoom.us/j/${random.int(80_000_000_000, 89_999_999_999)}?pwd=${random.token(16)}`;
    case 'meet':
      return `https://meet.google.com/${code(3)}-${code(4)}-${code(3)}`;
    case 'discord':
      return `https://discord.gg/${random.token(8)}`;
    case 'youtube':
      return `https://www.youtube.com/live/${random.token(11)}`;
    case 'twitch':
      return `https://www.twitch.tv/${code(10)}`;
    case 'twitter':
      return `https://twitter.com/i/spaces/${random.token(13)}`;
    default:
      return `https://rooms.example.org/${random.token(12)}`;
  }
}

function addressIn(
  place: Place,
  { random, vocabulary }: Source,
): Pick<FakeEvent, 'geo_address_json' | 'coordinate'> {
  const venue = place.venue ?? random.pick(vocabulary.venues);
  const cityState = place.region === null ? place.city : `${place.city}, ${place.region}`;
  return {
    geo_address_json: {
      address: venue.name,
      city: place.city,
      region: place.region,
      country: place.country,
      city_state: cityState,
      full_address: `${venue.name}, ${venue.street}, ${cityState}, ${place.country}`,
      google_maps_place_id: random.chance(0.7) ? `ChIJ${random.token(23)}` : null,
      apple_maps_place_id: null,
      description: random.chance(0.2) ? 'Ring the lower bell.' : null,
    },
    coordinate: {
      longitude: round(place.longitude + (random.next() - 0.5) / 20),
      latitude: round(place.latitude + (random.next() - 0.5) / 20),
    },
  };
}

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
