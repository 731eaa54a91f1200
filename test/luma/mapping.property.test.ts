import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapEntry, type MappedEntry } from '../../src/luma/mapping.js';
import { observeShape } from '../../src/luma/drift.js';
import { address, CANARY, externalEntry, lumaEntry } from './support/entries.js';

/** Anything JSON can hold, hostile names and deep nesting included. */
const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }) as fc.Arbitrary<unknown>;
const hostile = fc.oneof(
  json,
  fc.constantFrom<unknown>(
    null,
    '',
    '\0',
    '\ud800',
    0,
    -1,
    1e308,
    [],
    {},
    true,
    'x'.repeat(5000),
    '2026-01-01T00:00:00Z',
  ),
);
const FIELDS = [
  ...Object.keys(lumaEntry()),
  'host',
  'event',
  'api_id',
  'description',
  'description_md',
  '__proto__',
];
const spoiled = fc
  .dictionary(fc.constantFrom(...FIELDS), hostile, { maxKeys: 5 })
  .chain((changes) =>
    fc.constantFrom(lumaEntry(changes), externalEntry(changes), { id: 'evt-1', event: lumaEntry(changes) }),
  );

/** What MongoDB can hold and give back unchanged. */
function expectStorable(result: MappedEntry): void {
  const walk = (value: unknown): void => {
    if (value === null || typeof value === 'boolean') return;
    if (typeof value === 'string') expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value);
    else if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    else if (value instanceof Date) expect(Number.isNaN(value.getTime())).toBe(false);
    else {
      expect(typeof value).toBe('object');
      for (const [key, child] of Object.entries(value as object) as [string, unknown][]) {
        expect(key).toMatch(/^[A-Za-z0-9_]+$/);
        walk(child);
      }
    }
  };
  walk(result);
}

describe('whatever an entry holds', () => {
  it('mapping answers, storably, with an event or with reasons', () => {
    fc.assert(
      fc.property(fc.oneof(json, spoiled), (entry) => {
        for (const result of [mapEntry(entry), mapEntry(entry)]) {
          expectStorable(result);
          if ('quarantined' in result) expect(result.quarantined.problems).not.toHaveLength(0);
          else expect(result.event.fields.startAt).toBeInstanceOf(Date);
        }
        expect(JSON.parse(JSON.stringify(observeShape([entry])))).toEqual(observeShape([entry]));
      }),
      { numRuns: 400 },
    );
  });

  it('fields that every event has are never null', () => {
    fc.assert(
      fc.property(spoiled, (entry) => {
        const result = mapEntry(entry);
        if (!('event' in result)) return;
        const { title, startAt, url, timezone, isVirtual, locationKind, visibility, platform, tags } =
          result.event.fields;
        const required = [title, startAt, url, timezone, isVirtual, locationKind, visibility, platform, tags];
        expect(required).not.toContain(null);
      }),
    );
  });

  it('nesting deeper than the stack does no harm', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 200_000; level += 1) deep = { deep };
    for (const entry of [lumaEntry({ feedback_email: deep }), lumaEntry({ $deep: deep })]) {
      expect(mapEntry(entry)).toMatchObject({
        quarantined: { lumaEventId: 'evt-Ab12', problems: [{ path: '', problem: 'too-deep' }] },
      });
      expect(observeShape([entry]).entries).toBe(1);
    }
  });
});

describe('endless texts', () => {
  const PIECES = [
    'a@',
    ' ',
    'a',
    '.',
    '/',
    '@',
    'a.',
    ':',
    '://',
    '9',
    '\u200b',
    '🎉',
    '\ud83d',
    '\0',
    '(at)',
    '-',
  ];
  const TEXTS = FIELDS.filter((name) => !['event', '__proto__', 'tags', 'geo_address_json'].includes(name));
  const GEO = ['address', 'full_address', 'city', 'city_state', 'region', 'country'];

  /** One text in every place that takes one. */
  function everywhere(text: string): unknown[] {
    const texts = Object.fromEntries(TEXTS.map((name) => [name, text]));
    const geo = Object.fromEntries(GEO.map((name) => [name, text]));
    const rest = { geo_address_json: geo, tags: [{ name: text }, text] };
    const places = GEO.map((name) => externalEntry({ geo_address_json: { [name]: text, address: 'Mill' } }));
    const fields = TEXTS.flatMap((name) => [lumaEntry({ [name]: text }), externalEntry({ [name]: text })]);
    return [{ ...texts, ...rest }, { ...texts, ...rest, platform: 'external' }, ...places, ...fields];
  }

  function milliseconds(entries: unknown[]): number {
    const times = Array.from({ length: 3 }, () => {
      const begun = performance.now();
      for (const entry of entries) mapEntry(entry);
      observeShape(entries);
      return performance.now() - begun;
    });
    return Math.min(...times);
  }

  // Twenty times the text: what is quadratic takes 400 times as long, in seconds.
  it.each(PIECES)('of %j cost time in proportion to their length', (piece) => {
    const of = (length: number) => everywhere(piece.repeat(length / piece.length));
    const [short, long] = [milliseconds(of(2_000)), milliseconds(of(40_000))];
    expect(long).toBeLessThan(100 * short + 250);
  });

  it.each(PIECES)('of %j never come out whole', (piece) => {
    const text = piece.repeat(600_000 / piece.length);
    for (const entry of everywhere(text)) expect(JSON.stringify(mapEntry(entry)).length).toBeLessThan(15_000);
  });
});

describe('what must stay with Luma', () => {
  it('meeting links, people and questions never come out, in any shape, event or quarantine', () => {
    const secrets = {
      meeting_url: `https://meet.example/${CANARY}`,
      zoom_meeting_url: `https://meet.example/${CANARY}`,
      user_api_id: CANARY,
      calendar_api_id: CANARY,
      coordinate: { latitude: CANARY, longitude: CANARY },
      geo_latitude: CANARY,
      geo_longitude: CANARY,
    };
    const place = fc.record({
      location_type: fc.constantFrom('offline', 'zoom', 'unknown', 'missing', 'new', undefined),
      location_visibility: fc.constantFrom('public', 'guests-only', undefined),
      geo_address_json: fc.constantFrom(null, address(), undefined),
      start_at: fc.constantFrom('2026-11-03T18:00:00Z', 'soon'),
      platform: fc.constantFrom('luma', 'external', 'new', undefined),
    });
    fc.assert(
      fc.property(place, fc.boolean(), (changes, nested) => {
        const flat = lumaEntry({ ...secrets, ...changes });
        const entry = nested ? { ...flat, event: flat } : flat;
        expect(JSON.stringify([mapEntry(entry), mapEntry(entry), observeShape([entry])])).not.toContain(
          CANARY,
        );
      }),
    );
  });

  it('an address for guests only never comes out whole', () => {
    const types = fc.constantFrom('offline', 'zoom', 'unknown', 'missing', 'new', undefined);
    const link = fc.constantFrom(null, 'https://meet.example/x', undefined);
    fc.assert(
      fc.property(types, link, (location_type, meeting_url) => {
        const entry = lumaEntry({ location_type, meeting_url, location_visibility: 'guests-only' });
        expect(JSON.stringify(mapEntry(entry))).not.toMatch(/Old Mill|Quay/);
      }),
    );
  });
});
