import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffEvent, EVENT_FIELDS, type EventChange, mergeObserved } from '../../src/events/diff.js';
import type { EventFields, ObservedFields } from '../../src/events/event.js';
import { EVENT, observedFields, OPTIONAL_FIELDS, storedFields } from './support.js';

function applied(held: EventFields, change: EventChange | null): EventFields {
  const next: Partial<EventFields> = { ...held, ...change?.set };
  for (const field of change?.unset ?? []) Reflect.deleteProperty(next, field);
  return next as EventFields;
}

describe('a value', () => {
  test('that is held already is no change', () => {
    expect(diffEvent(EVENT, { ...EVENT })).toBeNull();
  });

  test('that differs is the only thing written', () => {
    expect(diffEvent(EVENT, { ...EVENT, title: 'Moon walk' })).toEqual({
      set: { title: 'Moon walk' },
      unset: [],
    });
  });

  test('of an optional field that was not there is written', () => {
    expect(diffEvent(EVENT, { location: 'Ghent' })).toEqual({ set: { location: 'Ghent' }, unset: [] });
  });

  test('false and an empty text are values', () => {
    const held = { ...EVENT, isVirtual: true, description: 'long' };
    expect(diffEvent(held, { isVirtual: false, description: '' })?.set).toEqual({
      isVirtual: false,
      description: '',
    });
  });
});

describe('dates', () => {
  test('of the same instant are the same', () => {
    expect(diffEvent(EVENT, { startAt: new Date(EVENT.startAt.getTime()) })).toBeNull();
  });

  test('a millisecond apart differ', () => {
    const startAt = new Date(EVENT.startAt.getTime() + 1);
    expect(diffEvent(EVENT, { startAt })?.set).toEqual({ startAt });
  });
});

describe('tags', () => {
  test('of the same names in the same order are the same', () => {
    expect(diffEvent(EVENT, { tags: ['outdoors', 'free'] })).toBeNull();
  });

  test.each([[['free', 'outdoors']], [['outdoors']], [['outdoors', 'free', 'new']], [[]]])(
    'that became %j differ',
    (tags) => {
      expect(diffEvent(EVENT, { tags })?.set).toEqual({ tags });
    },
  );
});

describe('coordinates', () => {
  const [here, there] = [
    { longitude: 3.7, latitude: 51 },
    { longitude: 3.7, latitude: 51.1 },
  ];
  test('of the same point are the same, in whatever order they are stored', () => {
    const held = { ...EVENT, coordinates: { latitude: 51, longitude: 3.7 } };
    expect(diffEvent(held, { coordinates: here })).toBeNull();
    expect(diffEvent(held, { coordinates: there })?.set).toEqual({ coordinates: there });
    expect(diffEvent(held, { coordinates: null })).toEqual({ set: {}, unset: ['coordinates'] });
    expect(diffEvent(EVENT, { coordinates: here })?.set).toEqual({ coordinates: here });
  });
});

describe('null', () => {
  test('clears an optional field, and one that is not there needs no clearing', () => {
    const held = { ...EVENT, description: 'long', location: 'Ghent' };
    const change = diffEvent(held, { description: null, location: null, coverUrl: null });
    expect(change).toEqual({ set: {}, unset: ['description', 'location'] });
  });

  test('says nothing about a field that every event has', () => {
    const nothing = Object.fromEntries(
      EVENT_FIELDS.filter((field) => !(OPTIONAL_FIELDS as readonly string[]).includes(field)).map((field) => [
        field,
        null,
      ]),
    );
    expect(diffEvent(EVENT, nothing)).toBeNull();
  });
});

describe('absent', () => {
  test('keeps what is held', () => {
    expect(diffEvent({ ...EVENT, description: 'long' }, {})).toBeNull();
    expect(diffEvent({ ...EVENT, description: 'long' }, { description: undefined })).toBeNull();
  });
});

test('fields that are no event fields are neither compared nor written', () => {
  const observed = { ...EVENT, meetingUrl: 'https://meet.example/x' };
  expect(diffEvent(EVENT, observed)).toBeNull();
});

describe('whatever is held and said', () => {
  const check = (property: (held: EventFields, said: ObservedFields) => void) =>
    fc.assert(fc.property(storedFields, observedFields, property));

  test('after the change, what is held says what was said, and a second change finds nothing', () => {
    check((held, said) => {
      const after = applied(held, diffEvent(held, said));
      for (const field of EVENT_FIELDS) {
        const optional = (OPTIONAL_FIELDS as readonly string[]).includes(field);
        if (said[field] === undefined || (said[field] === null && !optional)) {
          expect(after[field]).toEqual(held[field]);
        } else expect(after[field] ?? null).toEqual(said[field]);
      }
      expect(diffEvent(after, said)).toBeNull();
    });
  });

  test('only differing fields are written', () => {
    check((held, said) => {
      const change = diffEvent(held, said);
      for (const field of Object.keys(change?.set ?? {}) as (keyof EventFields)[]) {
        expect(change?.set[field]).not.toEqual(held[field]);
      }
      for (const field of change?.unset ?? []) expect(held[field]).toBeDefined();
    });
  });

  test('two observations merged change the same as one after the other', () => {
    fc.assert(
      fc.property(storedFields, observedFields, observedFields, (held, earlier, later) => {
        const step = applied(held, diffEvent(held, earlier));
        const stepwise = applied(step, diffEvent(step, later));
        expect(applied(held, diffEvent(held, mergeObserved(earlier, later)))).toEqual(stepwise);
      }),
    );
  });
});
