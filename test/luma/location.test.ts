import { describe, expect, it } from 'vitest';
import { address, CANARY, externalEntry, lumaEntry, mapped } from './support/entries.js';

const FULL = 'Old Mill, Quay 7, 9000 Ghent, Belgium';
const LINK = `https://meet.example/${CANARY}`;

function place(changes: Record<string, unknown>, entry = lumaEntry) {
  const { locationKind, isVirtual, location } = mapped(entry(changes)).fields;
  return { locationKind, isVirtual, location };
}

describe('kind of a Luma event', () => {
  it.each([
    ['offline', true, null, 'in-person', FULL],
    ['offline', false, null, 'in-person', null],
    ['offline', true, LINK, 'hybrid', FULL],
    ['zoom', false, LINK, 'online', 'Online'],
    ['meet', false, null, 'online', 'Online'],
    ['discord', false, null, 'online', 'Online'],
    ['youtube', false, null, 'online', 'Online'],
    ['twitch', false, null, 'online', 'Online'],
    ['twitter', false, null, 'online', 'Online'],
    ['zoom', true, LINK, 'hybrid', FULL],
    ['zoom', true, null, 'hybrid', FULL],
    ['unknown', false, LINK, 'online', 'Online'],
    ['unknown', true, LINK, 'hybrid', FULL],
    ['unknown', false, null, 'unknown', null],
    ['missing', false, null, 'unknown', null],
    ['hologram', true, null, 'in-person', FULL],
    ['hologram', true, LINK, 'hybrid', FULL],
    ['hologram', false, LINK, 'online', 'Online'],
    ['hologram', false, null, 'unknown', null],
  ])('location_type %s, address %j, link %j: %s', (type, hasAddress, link, locationKind, location) => {
    const geo = hasAddress ? address() : null;
    const seen = place({ location_type: type, geo_address_json: geo, meeting_url: link });
    expect(seen).toEqual({ locationKind, isVirtual: locationKind === 'online', location });
  });
});

it.each([
  [address(), undefined, 'in-person', FULL],
  [address(), LINK, 'hybrid', FULL],
  [null, LINK, 'online', 'Online'],
  [null, undefined, 'unknown', null],
])('an external event with the address %j and the link %j: %s', (geo, link, locationKind, location) => {
  const seen = place({ geo_address_json: geo, meeting_url: link }, externalEntry);
  expect(seen).toEqual({ locationKind, isVirtual: locationKind === 'online', location });
});

describe('what is not said', () => {
  it('an entry without any of the three fields says nothing about the place', () => {
    const gone = { location_type: undefined, geo_address_json: undefined, meeting_url: undefined };
    const { fields } = mapped(lumaEntry(gone));
    expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['location']));
    expect(place(gone)).toEqual({});
  });

  it('an address that vanished from the answer is not an address that was cleared', () => {
    expect(place({ geo_address_json: undefined })).toEqual({ locationKind: 'in-person', isVirtual: false });
    expect(place({ geo_address_json: undefined, location_visibility: 'guests-only' }).location).toBeNull();
  });

  it('a flat entry that does not say who may see the address leaves the stored one', () => {
    expect(place({ location_visibility: undefined }).location).toBeUndefined();
    expect(place({ location_visibility: undefined, geo_address_json: null }).location).toBeNull();
  });
});

describe('the older shape', () => {
  const nested = (changes: Record<string, unknown>) => {
    const { id, tags, ...event } = lumaEntry({ location_visibility: undefined, ...changes });
    return mapped({ api_id: id, event: { api_id: id, ...event }, tags }).fields.location;
  };

  it('knows public addresses only, unless it says otherwise', () => {
    expect(nested({})).toBe(FULL);
    expect(nested({ geo_address_visibility: 'public' })).toBe(FULL);
    expect(nested({ geo_address_visibility: 'guests-only' })).toBe('Ghent, East Flanders');
    expect(nested({ location_visibility: 'guests-only' })).toBe('Ghent, East Flanders');
  });
});

describe('an address for guests only', () => {
  it.each([
    [address(), 'Ghent, East Flanders'],
    [address({ city_state: null }), 'Ghent, East Flanders'],
    [address({ city_state: null, region: null }), 'Ghent, Belgium'],
    [address({ city_state: null, region: null, country: null }), 'Ghent'],
    [address({ city_state: null, city: ' ' }), 'Belgium'],
    [address({ city_state: null, city: null, country: null }), null],
    [null, null],
  ])('%#: %j is reduced to %j', (geo, expected) => {
    expect(place({ geo_address_json: geo, location_visibility: 'guests-only' }).location).toBe(expected);
  });

  it.each(['guests-only', 'members', '', 7])('is any that is not public: %j', (location_visibility) => {
    expect(place({ location_visibility }).location).toBe('Ghent, East Flanders');
    expect(place({ location_visibility, meeting_url: LINK }).location).toBe('Ghent, East Flanders');
  });

  it('does not concern external events', () => {
    const changes = { geo_address_json: address(), location_visibility: 'guests-only' };
    expect(place(changes, externalEntry).location).toBe(FULL);
  });
});

it.each([
  [address({ full_address: null }), 'Old Mill, Ghent'],
  [address({ full_address: ' ', address: 'Mill, GHENT' }), 'Mill, GHENT'],
  [address({ full_address: null, city: null }), 'Old Mill'],
  [address({ full_address: null, address: '' }), 'Ghent, East Flanders'],
  [address({ full_address: `  ${FULL} ` }), FULL],
  [{}, null],
  ['a street', null],
])('%#: the public address %j is shown as %j', (geo, expected) => {
  expect(place({ geo_address_json: geo }).location).toBe(expected);
});
