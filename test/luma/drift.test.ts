import { describe, expect, it } from 'vitest';
import { inWords } from '../../src/activities/drift-words.js';
import {
  compareShape,
  type Difference,
  mergeShape,
  observeShape,
  settleDrift,
} from '../../src/luma/drift.js';
import { CANARY, externalEntry, lumaEntry } from './support/entries.js';

const usual = observeShape([lumaEntry(), lumaEntry({ cover_url: null }), externalEntry()]);
const drift = (...entries: unknown[]) => compareShape(usual, observeShape(entries));
const NO_COVER = { field: 'cover_url', kind: 'vanished' };

it('a calendar that looks as before does not drift', () => {
  expect(drift(lumaEntry(), externalEntry())).toEqual([]);
  expect(drift(lumaEntry({ cover_url: null }), externalEntry({ host: null }))).toEqual([]);
});

it('a field that every entry had and none has is said to have vanished', () => {
  expect(drift(lumaEntry({ cover_url: undefined }))).toEqual([NO_COVER]);
  expect(drift(lumaEntry({ cover_url: undefined }), lumaEntry())).toEqual([]);
});

it('a calendar of external events only has not lost the fields of Luma’s own, nor the other way round', () => {
  expect(drift(externalEntry())).toEqual([]);
  expect(drift(lumaEntry())).toEqual([]);
  const gone = lumaEntry({ cover_url: undefined });
  expect(drift(gone, externalEntry({ cover_url: 'x' }))).toEqual([NO_COVER]);
  expect(compareShape(observeShape([externalEntry()]), observeShape([lumaEntry()]))).toEqual([]);
});

it('a field that only some events had may be absent from the next listing', () => {
  const some = observeShape([lumaEntry({ max_capacity: 20 }), lumaEntry()]);
  expect(compareShape(some, observeShape([lumaEntry()]))).toEqual([]);
});

it('a type that changed is named, null aside', () => {
  expect(drift(lumaEntry({ start_at: 1_790_000_000 }))).toEqual([
    { field: 'start_at', kind: 'changed-type', from: ['string'], to: ['number'] },
  ]);
  expect(drift(lumaEntry({ tags: { a: 1 } }))).toEqual([
    { field: 'tags', kind: 'changed-type', from: ['array'], to: ['object'] },
  ]);
  expect(drift(lumaEntry({ geo_address_json: 'x' }))).toEqual([
    { field: 'geo_address_json', kind: 'changed-type', from: ['object'], to: ['string'] },
  ]);
});

it('a description that comes back, a new field and a new word are named, their values are not', () => {
  const differences = drift(lumaEntry({ description: CANARY, mood: CANARY, location_type: 'hologram' }));
  expect(differences).toEqual([
    { field: 'description', kind: 'appeared' },
    { field: 'mood', kind: 'appeared' },
    { field: 'location_type', kind: 'new-value', value: 'hologram' },
  ]);
});

it('a word that may be more than a word is left out', () => {
  expect(drift(lumaEntry({ visibility: `Ann said: ${CANARY}` }))).toEqual([]);
});

it('nothing to compare with is no drift', () => {
  expect(compareShape(observeShape([]), observeShape([lumaEntry({ mood: 1 })]))).toEqual([]);
  expect(compareShape(usual, observeShape([]))).toEqual([]);
});

it.each<[Difference, string]>([
  [{ field: 'cover_url', kind: 'vanished' }, 'cover_url vanished'],
  [{ field: 'mood', kind: 'appeared' }, 'mood appeared'],
  [
    { field: 'tags', kind: 'changed-type', from: ['array', 'string'], to: ['object'] },
    'tags changed from array or string to object',
  ],
  [
    { field: 'location_type', kind: 'new-value', value: 'hologram' },
    'location_type has the new value hologram',
  ],
])('%j reads %j', (difference, words) => expect(inWords(difference)).toBe(words));

describe('a difference that lasts', () => {
  const gone = observeShape([lumaEntry({ cover_url: undefined }), externalEntry()]);
  const first = settleDrift({ baseline: usual, reported: [] }, gone);

  it.each([
    ['without entries', []],
    ['of events that never have the field', [externalEntry()]],
  ])('is not reported again after a listing %s, and stays in sight', (_, entries) => {
    expect(first.fresh).toEqual([NO_COVER]);
    const between = settleDrift(first, observeShape(entries));
    expect(between).toMatchObject({
      baseline: usual,
      reported: [NO_COVER],
      fresh: [],
      alarming: [NO_COVER],
    });
    expect(settleDrift(between, gone)).toMatchObject({ fresh: [], alarming: [NO_COVER] });
    expect(settleDrift(between, usual)).toMatchObject({ reported: [], alarming: [] });
  });

  it('is over once the field is back', () => {
    expect(settleDrift(first, usual)).toMatchObject({ baseline: usual, reported: [], alarming: [] });
  });
});

describe('stats', () => {
  it('of two parts are those of the whole, in either order', () => {
    const [a, b] = [
      [lumaEntry({ mood: 1 })],
      [externalEntry({ host: null }), lumaEntry({ visibility: 'x' })],
    ];
    const whole = observeShape([...a, ...b]);
    expect(mergeShape(observeShape(a), observeShape(b))).toEqual(whole);
    expect(mergeShape(observeShape(b), observeShape(a))).toEqual(whole);
  });

  it('survive JSON and stay small, whatever the names', () => {
    const entry = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`$ ${index}${'é'.repeat(99)}`, CANARY]),
    );
    const stats = observeShape([entry, null, 7, 'x', []]);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    expect(stats.entries).toBe(1);
    expect(stats.unknownFields.length).toBeLessThanOrEqual(50);
    expect(
      mergeShape(stats, observeShape([lumaEntry({ mood: 1 })])).unknownFields.length,
    ).toBeLessThanOrEqual(50);
    for (const name of stats.unknownFields) expect(name).toMatch(/^[\w.?-]{1,60}$/);
    expect(JSON.stringify(stats)).not.toContain(CANARY);
  });

  it('look at no more names than an event can have, and cut none within a character', () => {
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`name_${at}`, at]));
    expect(observeShape([lumaEntry(many)]).unknownFields).toHaveLength(50);
    expect(observeShape([{ ['é🎉'.repeat(100_000)]: 1 }]).unknownFields).toEqual(['?'.repeat(60)]);
  });
});
