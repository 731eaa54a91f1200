import fc from 'fast-check';
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

/** A link that only an event's managers see is not a link that vanished. */
it.each([
  ['offline', address(), 'in-person', FULL],
  ['zoom', null, 'online', 'Online'],
  ['unknown', null, 'unknown', null],
])('an event managed elsewhere, %s, has no link to tell: %#', (type, geo, locationKind, location) => {
  const changes = {
    access: 'view',
    location_type: type,
    geo_address_json: geo,
    meeting_url: undefined,
  };
  expect(place(changes)).toEqual({ locationKind, isVirtual: locationKind === 'online', location });
});

describe('what is not said', () => {
  it('an entry without any of the three fields says nothing about the place', () => {
    const gone = { location_type: undefined, geo_address_json: undefined, meeting_url: undefined };
    const { fields } = mapped(lumaEntry(gone));
    expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['location']));
    expect(place(gone)).toEqual({});
    expect(place({ ...gone, access: 'view' })).toEqual({});
    expect(place(gone, externalEntry)).toEqual({});
    const { id, ...event } = lumaEntry(gone);
    expect(mapped({ api_id: id, event })).not.toHaveProperty('fields.isVirtual');
  });

  const [inPerson, hybrid] = [{ locationKind: 'in-person' }, { locationKind: 'hybrid' }];
  const notVirtual = { isVirtual: false };
  it.each<[Record<string, unknown>, object]>([
    [{ location_type: 'unknown', geo_address_json: null, meeting_url: undefined }, {}],
    [{ location_type: 'unknown', geo_address_json: null, meeting_url: { href: LINK } }, {}],
    [{ location_type: 'zoom', geo_address_json: undefined }, {}],
    [{ location_type: 'zoom', geo_address_json: 'a street' }, {}],
    [{ location_type: 'unknown', geo_address_json: [address()], meeting_url: LINK }, {}],
    [{ location_type: undefined, geo_address_json: null }, {}],
    [{ location_type: null, geo_address_json: null }, {}],
    [{ location_type: 7, geo_address_json: null, meeting_url: LINK }, {}],
    // Whatever the field that went would have held.
    [
      { location_type: 'offline', geo_address_json: 'a street' },
      { ...inPerson, ...notVirtual },
    ],
    [
      { location_type: 'offline', geo_address_json: [] },
      { ...inPerson, ...notVirtual },
    ],
    [
      { location_type: 'zoom', meeting_url: undefined },
      { ...hybrid, ...notVirtual, location: FULL },
    ],
    [
      { location_type: 'offline', meeting_url: undefined },
      { ...notVirtual, location: FULL },
    ],
    [
      { location_type: 'offline', meeting_url: 7 },
      { ...notVirtual, location: FULL },
    ],
    [{ location_type: undefined }, notVirtual],
    [
      { location_type: 'offline', geo_address_json: null, meeting_url: undefined },
      { ...inPerson, ...notVirtual, location: null },
    ],
  ])('%#: of %j, no more than is certain without what vanished', (changes, said) => {
    expect(place(changes)).toEqual(said);
  });

  it.each([
    [{ meeting_url: undefined }, 'Ghent, East Flanders'],
    [{ location_type: undefined }, 'Ghent, East Flanders'],
    [{ location_type: 7, meeting_url: 7 }, 'Ghent, East Flanders'],
    [{ geo_address_json: undefined }, null],
    [{ geo_address_json: [address()] }, null],
    [{ geo_address_json: undefined, location_type: 'zoom' }, null],
    [{ geo_address_json: null, location_type: undefined }, null],
  ])('%#: of an address that is for guests only now, the stored one does not stay: %j', (changes, shown) => {
    expect(place({ ...changes, location_visibility: 'guests-only' }).location).toBe(shown);
  });

  it('an external event whose address changed its type keeps the one it had', () => {
    expect(place({ geo_address_json: 'a street' }, externalEntry)).toEqual(notVirtual);
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

describe('empty texts', () => {
  it.each(['', '  ', '\u200b'])('%j for an address is none', (geo) => {
    expect(place({ geo_address_json: geo })).toEqual(place({ geo_address_json: null }));
    expect(place({ geo_address_json: geo }, externalEntry)).toEqual(
      place({ geo_address_json: null }, externalEntry),
    );
  });

  it.each(['', '  ', null])('%j for a kind of place is no kind', (type) => {
    expect(place({ location_type: type })).toEqual(place({ location_type: undefined }));
  });

  it('blanks around a kind of place are not a part of it', () => {
    const changes = { geo_address_json: null, location_type: ' zoom ' };
    expect(place(changes).locationKind).toBe('online');
  });
});

describe('links and e-mail addresses', () => {
  const BAD = [
    LINK,
    `meet.example/${CANARY}`,
    `zoom.us/j/${CANARY}`,
    `Join: https://zoom.us/j/${CANARY}`,
    `${CANARY}@example.org`,
    `Ann, ${CANARY}@example.org`,
  ];

  it.each(BAD)('%s is no place: the next text that is one counts', (bad) => {
    const shown = (changes: Record<string, unknown>) =>
      place({ geo_address_json: address(changes) }).location;
    expect(shown({ full_address: bad })).toBe('Old Mill, Ghent');
    expect(shown({ full_address: bad, address: bad })).toBe('Ghent, East Flanders');
    expect(shown({ full_address: bad, address: bad, city_state: bad })).toBe('Ghent, East Flanders');
    expect(shown({ full_address: bad, address: bad, city_state: bad, region: bad })).toBe('Ghent, Belgium');
    expect(shown({ full_address: bad, address: bad, city_state: bad, city: bad })).toBe('Belgium');
  });

  it.each(BAD)('%s, and nothing else, is no address', (bad) => {
    const geo = { address: bad, full_address: bad, city: bad, city_state: bad, region: bad, country: bad };
    expect(place({ geo_address_json: geo })).toEqual(place({ geo_address_json: {} }));
    const changes = { geo_address_json: { address: bad }, location_type: 'zoom' };
    expect(place(changes).location).toBe('Online');
    expect(place({ geo_address_json: geo }, externalEntry).location).toBeNull();
  });

  it('whichever texts of an address hold one, none comes out, and the others do', () => {
    const names = ['full_address', 'address', 'city', 'city_state', 'region', 'country'];
    const texts = fc.record(
      Object.fromEntries(
        names.map((name) => [name, fc.constantFrom(...BAD, `Good ${name}`, '', null, undefined)]),
      ),
    );
    const entry = fc.record({
      geo_address_json: texts,
      location_type: fc.constantFrom('offline', 'zoom', 'unknown', undefined),
      location_visibility: fc.constantFrom('public', 'guests-only'),
      meeting_url: fc.constantFrom(null, LINK, undefined),
    });
    fc.assert(
      fc.property(entry, fc.constantFrom(lumaEntry, externalEntry), (changes, build) => {
        const result = mapped(build(changes));
        expect(JSON.stringify(result)).not.toContain(CANARY);
        const full = changes.geo_address_json.full_address;
        if (full === 'Good full_address' && build === externalEntry)
          expect(result.fields.location).toBe(full);
      }),
    );
  });
});

describe('the older shape', () => {
  const nested = (changes: Record<string, unknown>) => {
    const { id, tags, ...event } = lumaEntry({ location_visibility: undefined, ...changes });
    return mapped({ api_id: id, event: { api_id: id, ...event }, tags }).fields.location;
  };

  it('is judged by what it has', () => {
    expect(nested({ location_type: undefined, meeting_url: undefined })).toBe(FULL);
    expect(nested({ location_type: undefined, geo_address_json: null })).toBeNull();
    expect(nested({ location_type: undefined, geo_address_json: undefined, meeting_url: LINK })).toBe(
      'Online',
    );
  });

  it.each([null, ''])('with a word that is empty (%j), says nothing of who may see the address', (word) => {
    expect(nested({ location_visibility: word })).toBeUndefined();
    expect(nested({ geo_address_visibility: word })).toBeUndefined();
    expect(nested({ location_visibility: word, geo_address_visibility: 'public' })).toBe(FULL);
  });

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

  it.each(['guests-only', 'members', 7])('is any that is not public: %j', (location_visibility) => {
    expect(place({ location_visibility }).location).toBe('Ghent, East Flanders');
    expect(place({ location_visibility, meeting_url: LINK }).location).toBe('Ghent, East Flanders');
  });

  it.each([null, '', ' \u200b'])('is not said by %j: the stored one stays', (location_visibility) => {
    expect(place({ location_visibility }).location).toBeUndefined();
    expect(place({ location_visibility, geo_address_json: null }).location).toBeNull();
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
])('%#: the public address %j is shown as %j', (geo, expected) => {
  expect(place({ geo_address_json: geo }).location).toBe(expected);
});

describe('city, country and coordinates', () => {
  const POINT = { longitude: 3.725, latitude: 51.0543 };
  const spot = (changes: Record<string, unknown>, entry = lumaEntry) => {
    const { city, country, coordinates } = mapped(entry(changes)).fields;
    return { city, country, coordinates };
  };
  const TOWN = { city: 'Ghent', country: 'Belgium' };
  const NOTHING = { city: null, country: null, coordinates: null };

  it('of a public address are shown', () => {
    expect(spot({})).toEqual({ ...TOWN, coordinates: POINT });
    expect(spot({ meeting_url: LINK })).toEqual({ ...TOWN, coordinates: POINT });
    expect(spot({ geo_address_json: address(), coordinate: POINT }, externalEntry)).toEqual({
      ...TOWN,
      coordinates: POINT,
    });
  });

  it.each(['guests-only', 'members', 7])('of an address that is not (%j): no coordinates', (word) => {
    const hidden = { location_visibility: word };
    expect(spot(hidden)).toEqual({ ...TOWN, coordinates: null });
    // Whatever else is not said: stored ones do not stay.
    expect(spot({ ...hidden, coordinate: undefined })).toEqual({ ...TOWN, coordinates: null });
    expect(spot({ ...hidden, location_type: undefined, meeting_url: undefined }).coordinates).toBeNull();
    expect(spot({ ...hidden, geo_address_json: undefined })).toEqual(NOTHING);
    expect(spot({ ...hidden, geo_address_json: [address()] })).toEqual(NOTHING);
    expect(spot({ ...hidden, geo_address_json: { address: 'Old Mill' } })).toEqual(NOTHING);
  });

  it('of an event without an address, or online only, are none, whatever the point', () => {
    for (const type of ['offline', 'zoom', 'missing', 'unknown']) {
      expect(spot({ geo_address_json: null, location_type: type })).toEqual(NOTHING);
    }
    expect(spot({ location_type: 'missing' })).toEqual(NOTHING);
    expect(spot({ coordinate: POINT }, externalEntry)).toEqual(NOTHING);
  });

  it('that are not said stay as they are stored', () => {
    const UNSAID = { city: undefined, country: undefined, coordinates: undefined };
    expect(spot({ location_visibility: undefined })).toEqual(UNSAID);
    expect(spot({ geo_address_json: undefined })).toEqual(UNSAID);
    expect(spot({ coordinate: undefined })).toEqual({ ...TOWN, coordinates: undefined });
  });

  it.each<[unknown, unknown]>([
    [null, null],
    [
      { longitude: -180, latitude: 90 },
      { longitude: -180, latitude: 90 },
    ],
    [{ longitude: '3.725', latitude: '51.0543' }, POINT],
    [{ ...POINT, accuracy: 9 }, POINT],
    [{ longitude: 181, latitude: 5 }, null],
    [{ longitude: 5, latitude: -90.5 }, null],
    [{ longitude: 0, latitude: 0 }, null],
    [{ longitude: null, latitude: null }, null],
    [{ longitude: 5 }, undefined],
    [{ longitude: 'east', latitude: 'north' }, undefined],
    [{ type: 'Point', coordinates: [3, 51] }, undefined],
    [[3.725, 51.0543], undefined],
    ['3.725,51.0543', undefined],
  ])('the point %j is read as %j', (coordinate, coordinates) => {
    expect(spot({ coordinate }).coordinates).toEqual(coordinates);
  });

  it('of the older shape are texts', () => {
    const { coordinate, id, ...rest } = lumaEntry({ location_visibility: undefined });
    expect(coordinate).toBeDefined();
    const event = { ...rest, geo_longitude: '3.725', geo_latitude: '51.0543' };
    expect(mapped({ api_id: id, event }).fields.coordinates).toEqual(POINT);
    const hidden = { ...event, geo_address_visibility: 'guests-only' };
    expect(mapped({ api_id: id, event: hidden }).fields).toMatchObject({ ...TOWN, coordinates: null });
    expect(
      mapped({ api_id: id, event: { ...event, geo_longitude: null, geo_latitude: null } }).fields,
    ).toHaveProperty('coordinates', null);
  });

  it('a city or a country that is a link is none', () => {
    const geo = address({ city: LINK, country: `Ann, ${CANARY}@example.org` });
    expect(spot({ geo_address_json: geo })).toEqual({ city: null, country: null, coordinates: POINT });
  });
});
