import { describe, expect, it } from 'vitest';
import { mapEntry } from '../../src/luma/mapping.js';
import type { QuarantinedEntry } from '../../src/events/event.js';
import { address, externalEntry, lumaEntry, mapped, problemsOf } from './support/entries.js';

const fieldsOf = (changes: Record<string, unknown>) => mapped(lumaEntry(changes)).fields;

describe('shapes', () => {
  const expected = {
    lumaEventId: 'evt-Ab12',
    managed: true,
    fields: {
      title: 'Lantern walk',
      startAt: new Date('2026-11-03T18:00:00Z'),
      endAt: new Date('2026-11-03T20:00:00Z'),
      timezone: 'Europe/Brussels',
      url: 'https://luma.com/lantern',
      coverUrl: 'https://images.example/lantern.png',
      location: 'Old Mill, Quay 7, 9000 Ghent, Belgium',
      city: 'Ghent',
      country: 'Belgium',
      coordinates: { longitude: 3.725, latitude: 51.0543 },
      locationKind: 'in-person',
      isVirtual: false,
      visibility: 'public',
      platform: 'luma',
      tags: ['outdoors'],
    },
  };

  it('a flat entry becomes an event, and nothing else of it is kept', () => {
    expect(mapped(lumaEntry())).toStrictEqual(expected);
  });

  it('the older shape, an event within the entry, becomes the same event', () => {
    const { id, tags, ...event } = lumaEntry();
    expect(mapped({ api_id: id, event: { ...event, api_id: id }, tags })).toStrictEqual(expected);
    expect(mapped({ ...lumaEntry({ api_id: id }), event: { ...event, id } })).toStrictEqual(expected);
  });

  it('an external entry becomes a public event with its host', () => {
    expect(mapped(externalEntry())).toStrictEqual({
      lumaEventId: 'calev-9',
      managed: false,
      fields: {
        title: 'Book swap',
        startAt: new Date('2026-11-03T18:00:00Z'),
        endAt: new Date('2026-11-03T20:00:00Z'),
        timezone: 'Europe/Brussels',
        url: 'https://books.example/swap?from=calendar',
        ...{ location: null, city: null, country: null, coordinates: null },
        locationKind: 'unknown',
        isVirtual: false,
        visibility: 'public',
        platform: 'external',
        hostName: 'The Reading Room',
        tags: [],
      },
    });
  });

  it('the answer about one event brings its description and says nothing of tags', () => {
    const result = mapEntry(
      lumaEntry({ tags: undefined, description_md: '**Bring** a lamp', description: 'x' }),
    );
    expect(result).toHaveProperty('event.fields.description', '**Bring** a lamp');
    expect(result).not.toHaveProperty('event.fields.tags');
  });

  it('an entry of little more than an id and a start says nothing of the rest', () => {
    expect(mapped({ id: 'evt-1', start_at: '2026-11-03T18:00:00Z' })).toStrictEqual({
      lumaEventId: 'evt-1',
      fields: { startAt: new Date('2026-11-03T18:00:00Z'), platform: 'luma' },
    });
  });
});

describe('absent, null and empty', () => {
  it.each([
    ['name', 'title'],
    ['timezone', 'timezone'],
    ['url', 'url'],
    ['visibility', 'visibility'],
  ])('%s, which every event has, is not mentioned when null or absent', (name, field) => {
    expect(fieldsOf({ [name]: null })).not.toHaveProperty(field);
    expect(fieldsOf({ [name]: undefined })).not.toHaveProperty(field);
  });

  it.each([
    [undefined, undefined, undefined],
    [null, undefined, null],
    [undefined, '', null],
    ['', 'plain', 'plain'],
    ['**md**', 'plain', '**md**'],
    [undefined, 'plain', 'plain'],
    ['  ', null, null],
    [7, 'plain', 'plain'],
    [7, undefined, undefined],
  ])('description_md %j and description %j: %j', (markdown, plain, expected) => {
    const fields = fieldsOf({ description_md: markdown, description: plain });
    expect(fields.description).toBe(expected);
    expect('description' in fields).toBe(expected !== undefined);
  });

  it.each([
    ['https://i.example/a.png', 'https://i.example/a.png'],
    [null, null],
    [undefined, undefined],
    ['', null],
    [' \u200b\n', null],
    ['https://i.example', 'https://i.example/'],
    ['HTTPS://me:pass@I.example/a b.png?w=1#x', 'https://i.example/a%20b.png?w=1#x'],
    ['https://', undefined],
    ['javascript:alert(1)', undefined],
    ['data:image/png;base64,AA', undefined],
    [7, undefined],
  ])('cover_url %j: %j', (value, expected) => expect(fieldsOf({ cover_url: value }).coverUrl).toBe(expected));

  it.each([
    ['The Club', 'The Club'],
    [null, null],
    ['', null],
    [undefined, undefined],
    ['ann@club.example', null],
    ['Ann <ann@club.example>', null],
    ['https://meet.example/abc', null],
    ['meet.example/abc', null],
    ['\u2060', null],
    [7, undefined],
  ])('host %j of an external event: %j', (value, expected) => {
    expect(mapped(externalEntry({ host: value })).fields.hostName).toBe(expected);
  });

  it('a host of a Luma event is nobody’s business', () => {
    expect(fieldsOf({ host: 'Ann' })).not.toHaveProperty('hostName');
  });

  it.each([
    [null, []],
    [[], []],
    [undefined, undefined],
    [
      [{ id: 't', name: ' art ' }, { name: 'art' }, { name: '' }, { name: null }, '\u3000', 'music'],
      ['art', 'music'],
    ],
    ['', []],
  ])('tags %j: %j', (value, expected) => expect(fieldsOf({ tags: value }).tags).toEqual(expected));

  describe.each(['', '   ', '\n\t', '\u00a0', '\u200b\ufeff', '\u3164'])('the empty text %j', (blank) => {
    it.each([
      ['name', 'title'],
      ['timezone', 'timezone'],
      ['url', 'url'],
      ['visibility', 'visibility'],
    ])('as %s, which every event has, is silence', (name, field) => {
      expect(fieldsOf({ [name]: blank })).not.toHaveProperty(field);
    });

    it.each([
      ['end_at', 'endAt'],
      ['cover_url', 'coverUrl'],
      ['description', 'description'],
      ['description_md', 'description'],
    ])('as %s, which an event may be without, clears', (name, field) => {
      expect(fieldsOf({ [name]: blank })).toHaveProperty(field, null);
    });

    it('as the host of an external event clears', () => {
      expect(mapped(externalEntry({ host: blank })).fields.hostName).toBeNull();
    });

    it('as the address of an external event is silence', () => {
      expect(mapped(externalEntry({ url: blank })).fields).not.toHaveProperty('url');
    });

    it('as a start is a start that is missing, as an id an id', () => {
      expect(problemsOf(lumaEntry({ start_at: blank }))).toEqual([{ path: 'start_at', problem: 'missing' }]);
      expect(problemsOf(lumaEntry({ id: blank }))).toEqual([{ path: 'id', problem: 'missing' }]);
    });

    it('as a platform leaves it to the id, as the access open', () => {
      expect(fieldsOf({ platform: blank }).platform).toBe('luma');
      expect(mapped(externalEntry({ platform: blank })).fields).toMatchObject({
        platform: 'external',
        visibility: 'public',
      });
      expect(mapped(lumaEntry({ access: blank })).managed).toBeUndefined();
    });

    it('as a duration does not end an event', () => {
      const changes = { end_at: undefined, duration_interval: blank };
      expect(fieldsOf(changes)).not.toHaveProperty('endAt');
    });

    it('in an entry that cannot be trusted is not kept: nothing is decided by it', () => {
      const { quarantined } = mapEntry(
        lumaEntry({ start_at: 'soon', visibility: blank, platform: blank }),
      ) as { quarantined: QuarantinedEntry };
      expect(quarantined.values).not.toHaveProperty('visibility');
      expect(quarantined.values.platform).toBe('luma');
    });
  });

  it('words are read without the blanks around them', () => {
    expect(fieldsOf({ visibility: ' public\n', platform: 'luma ' })).toMatchObject({
      visibility: 'public',
      platform: 'luma',
    });
  });

  it('a title keeps every character it has', () => {
    const name = ' Lantern\u202e walk \u001b[31m 👩‍👩‍👧 ';
    expect(fieldsOf({ name }).title).toBe(name);
  });

  it('half a surrogate pair is made writable, so that a stored text equals its source', () => {
    expect(fieldsOf({ name: 'broken \ud83d' }).title).toBe('broken \ufffd');
  });
});

describe('who manages it', () => {
  it.each([
    [lumaEntry(), true],
    [lumaEntry({ access: 'view' }), false],
    // Not said: what is remembered of the event stays.
    [lumaEntry({ access: undefined }), undefined],
    [lumaEntry({ access: null }), undefined],
    [lumaEntry({ access: 7 }), undefined],
    [lumaEntry({ access: 'of-the-future' }), undefined],
    [externalEntry(), false],
    [externalEntry({ platform: undefined }), false],
    [lumaEntry({ platform: 'of-the-future' }), false],
  ])('%#', (entry, expected) => expect(mapped(entry).managed).toBe(expected));

  it('words of the future pass', () => {
    const fields = fieldsOf({ visibility: 'friends', location_type: 'hologram', platform: 'luma' });
    expect(fields).toMatchObject({ visibility: 'friends', locationKind: 'in-person' });
  });
});

describe('end', () => {
  it.each([
    [{ end_at: null }, null],
    [{ end_at: undefined }, '2026-11-03T20:00:00.000Z'],
    [{ end_at: undefined, duration_interval: 'PT1H30M' }, '2026-11-03T19:30:00.000Z'],
    [{ end_at: undefined, duration_interval: 'a while' }, undefined],
    [{ end_at: undefined, duration_interval: undefined }, undefined],
    [{ end_at: '2026-11-03T18:00:00Z' }, '2026-11-03T18:00:00.000Z'],
    [{ end_at: '2026-11-03T21:00:00+02:00' }, '2026-11-03T19:00:00.000Z'],
  ])('%j: %s', (changes, expected) => {
    const { endAt } = fieldsOf(changes);
    expect(endAt instanceof Date ? endAt.toISOString() : endAt).toBe(expected);
  });
});

describe('quarantine', () => {
  const long = (length: number) => 'x'.repeat(length);
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

  it.each([
    [{ id: undefined }, 'id', 'missing'],
    [{ id: '' }, 'id', 'missing'],
    [{ id: 7 }, 'id', 'not-an-id'],
    [{ id: 'evt 1' }, 'id', 'not-an-id'],
    [{ id: long(129) }, 'id', 'not-an-id'],
    [{ start_at: undefined }, 'start_at', 'missing'],
    [{ start_at: null }, 'start_at', 'missing'],
    [{ start_at: 'soon' }, 'start_at', 'not-a-date'],
    [{ start_at: 1_790_000_000 }, 'start_at', 'not-a-date'],
    [{ start_at: '2026-11-03T18:00:00' }, 'start_at', 'not-a-date'],
    [{ start_at: '9999-01-01T00:00:00Z' }, 'start_at', 'impossible-date'],
    [{ end_at: 'later' }, 'end_at', 'not-a-date'],
    [{ end_at: '2026-11-03T17:59:59Z' }, 'end_at', 'ends-before-start'],
    [{ timezone: 'Mars/Olympus' }, 'timezone', 'unknown-time-zone'],
    [{ timezone: 7 }, 'timezone', 'unknown-time-zone'],
    [{ name: 7 }, 'name', 'not-a-string'],
    [{ name: long(501) }, 'name', 'too-long'],
    [{ name: 'nul\0' }, 'name', 'holds-nul'],
    [{ description: long(200_001) }, 'description', 'too-long'],
    [{ description_md: 'nul\0' }, 'description_md', 'holds-nul'],
    [{ url: `https://luma.com/${long(4_000)}` }, 'url', 'too-long'],
    [{ cover_url: `https://i.example/${long(4_000)}` }, 'cover_url', 'too-long'],
    [{ geo_address_json: address({ full_address: long(1_001) }) }, 'geo_address_json', 'too-long'],
    [{ tags: Array(101).fill({ name: 'a' }) }, 'tags', 'too-many'],
    [{ tags: 'art' }, 'tags', 'not-a-list'],
    [{ tags: [{ name: 'a' }, { name: 7 }] }, 'tags.1.name', 'not-a-string'],
    [{ tags: [{ name: long(201) }] }, 'tags.0.name', 'too-long'],
    [{ visibility: {} }, 'visibility', 'not-a-string'],
    [{ platform: 7 }, 'platform', 'not-a-string'],
    [{ visibility: long(101) }, 'visibility', 'too-long'],
    [{ url: `https://luma.com/${'é'.repeat(2_000)}` }, 'url', 'too-long'],
    [{ extra: Array(10_000).fill(1) }, '', 'too-many-values'],
    [{ extra: Array(6_000).fill({}), more: Array(6_000).fill([]) }, '', 'too-many-values'],
    [Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`$${at}`, 1])), '', 'too-many-values'],
    [{ extra: nested(100) }, '', 'too-deep'],
    [{ $where: 1 }, '?', 'forbidden-key'],
    [{ extra: [{ deep: { 'a\0b': 1 } }] }, 'extra.0.deep.?', 'forbidden-key'],
  ])('%#: %s %s', (changes, path, problem) => {
    expect(problemsOf(lumaEntry(changes))).toEqual([{ path, problem }]);
  });

  it('what an event can have is not too much', () => {
    const question = { id: 'q', label: 'x', options: Array(20).fill('y') };
    const extra = { extra: nested(98), registration_questions: Array(100).fill(question) };
    expect(mapEntry(lumaEntry(extra))).toHaveProperty('event');
  });

  it('lengths count code points, and a cut leaves characters whole', () => {
    expect(fieldsOf({ name: '🎉'.repeat(500) }).title).toHaveLength(1000);
    expect(problemsOf(lumaEntry({ name: '🎉'.repeat(501) }))).toEqual([
      { path: 'name', problem: 'too-long' },
    ]);
    expect(mapEntry(lumaEntry({ start_at: 'x'.repeat(199) + '🎉🎉' }))).toHaveProperty(
      'quarantined.values.start_at',
      'x'.repeat(199) + '🎉',
    );
  });

  it('an entry of more than an event can have keeps its id: it counts as seen', () => {
    expect(mapEntry(lumaEntry({ extra: Array(100_000).fill({}) }))).toMatchObject({
      quarantined: { lumaEventId: 'evt-Ab12', values: { visibility: 'public' } },
    });
  });

  it.each([null, undefined, 7, 'evt-1', [], [lumaEntry()]])('the entry %j is none', (entry) => {
    expect(mapEntry(entry)).toEqual({
      quarantined: { lumaEventId: null, problems: [{ path: '', problem: 'not-an-object' }], values: {} },
    });
  });

  it('names every problem, keeps the id, and of the values only harmless ones, cut', () => {
    const result = mapEntry(lumaEntry({ start_at: long(300), timezone: { a: 1 }, name: 7, end_at: null }));
    expect(result).toEqual({
      quarantined: {
        lumaEventId: 'evt-Ab12',
        problems: [
          { path: 'name', problem: 'not-a-string' },
          { path: 'start_at', problem: 'not-a-date' },
          { path: 'timezone', problem: 'unknown-time-zone' },
        ],
        values: {
          id: 'evt-Ab12',
          platform: 'luma',
          start_at: long(200),
          end_at: null,
          visibility: 'public',
          access: 'manage',
          location_type: 'offline',
        },
      },
    });
  });

  it('an external url that is none is a problem; a Luma one has an address that always works', () => {
    for (const url of ['javascript:alert(1)', 'slug', 'not a url', 7]) {
      expect(problemsOf(externalEntry({ url }))).toEqual([{ path: 'url', problem: 'not-a-url' }]);
    }
    for (const url of ['javascript:alert(1)', 'not a url', 7, 'https://luma.com/']) {
      expect(fieldsOf({ url }).url).toBe('https://luma.com/event/evt-Ab12');
    }
  });
});
