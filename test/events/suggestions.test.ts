import { describe, expect, test } from 'vitest';
import type { EventFields, ObservedEvent, PlaceField } from '../../src/events/event.js';
import { withSuggestions } from '../../src/events/suggestions.js';
import { EVENT } from './support.js';

const API: EventFields = {
  ...EVENT,
  location: 'Rue 1, Ghent',
  locationKind: 'hybrid',
  timezone: 'Europe/Paris',
};
const CONCLUDED = { locationKind: 'in-person', isVirtual: false, timezone: 'Europe/Brussels' } as const;

function feed(location?: string): ObservedEvent {
  return location === undefined
    ? {
        lumaEventId: 'evt-1',
        source: 'ical',
        fields: {},
        suggested: { ...CONCLUDED, location: null, locationKind: 'unknown' },
      }
    : { lumaEventId: 'evt-1', source: 'ical', fields: { location }, suggested: CONCLUDED };
}

function said(location: string | undefined, fields: Partial<EventFields>, standing?: PlaceField[]) {
  return withSuggestions(feed(location), { fields, standing });
}

test('the API says what it says, and nothing else stands', () => {
  const event: ObservedEvent = { lumaEventId: 'evt-1', fields: { title: 'Tea' } };
  expect(withSuggestions(event, { fields: API, standing: ['timezone'] })).toEqual({
    fields: { title: 'Tea', source: 'api' },
    standing: [],
  });
});

test('of a new event all that may be concluded counts', () => {
  expect(said('Rue 1, Ghent', {})).toEqual({
    fields: { ...CONCLUDED, location: 'Rue 1, Ghent', source: 'ical' },
    standing: [],
  });
});

describe('what the API once said of the place', () => {
  test('stands where the feed names the same address', () => {
    const standing: PlaceField[] = ['locationKind', 'isVirtual', 'timezone'];
    const same = { fields: { location: 'Rue 1, Ghent', source: 'ical' }, standing };
    expect(said('Rue 1, Ghent', API)).toEqual(same);
    expect(said('Rue 1, Ghent', { ...API, source: 'ical' }, standing)).toEqual(same);
  });

  test('stands where the feed names none, as for guests only and online', () => {
    const standing: PlaceField[] = ['location', 'locationKind', 'isVirtual', 'timezone'];
    for (const location of ['Ghent, Belgium', 'Online']) {
      expect(said(undefined, { ...API, location })).toEqual({ fields: { source: 'ical' }, standing });
      const later = { ...API, location, source: 'ical' as const };
      expect(said(undefined, later, standing)).toEqual({ fields: { source: 'ical' }, standing });
    }
  });

  test('falls where the feed names another address', () => {
    for (const stored of [API, { ...API, source: 'ical' as const }]) {
      expect(said('Rua 5, Lisbon', stored, ['timezone'])).toEqual({
        fields: { ...CONCLUDED, location: 'Rua 5, Lisbon', source: 'ical' },
        standing: [],
      });
    }
  });

  test('falls where the API told a point of the address and the feed names none: it is hidden now', () => {
    const stored = { ...API, coordinates: { latitude: 51, longitude: 3.7 } };
    const { fields, standing } = said(undefined, stored);
    expect(fields).toMatchObject({ location: null });
    expect(standing).toEqual(['timezone']);
  });

  test('falls but for the time zone where the feed no longer names the address that it named', () => {
    const stored = { ...API, source: 'ical' as const };
    expect(said(undefined, stored, ['locationKind', 'isVirtual', 'timezone'])).toEqual({
      fields: { location: null, locationKind: 'unknown', isVirtual: false, source: 'ical' },
      standing: ['timezone'],
    });
    const hidden: Partial<EventFields> = { ...stored };
    delete hidden.location;
    expect(said(undefined, hidden, ['timezone']).standing).toEqual(['timezone']);
    expect(said('Rue 1, Ghent', hidden, ['timezone']).fields.timezone).toBe('Europe/Brussels');
  });
});
