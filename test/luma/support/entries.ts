/** Entries as Luma sends them, of this suite's own invention. */
import { mapEntry } from '../../../src/luma/mapping.js';
import type { EntryProblem, ObservedEvent } from '../../../src/events/event.js';

type Fields = Record<string, unknown>;

/** Luma's marks for things that must never come out of the mapping. */
export const CANARY = 'canary-8f1d';

const ADDRESS = {
  address: 'Old Mill',
  city: 'Ghent',
  region: 'East Flanders',
  country: 'Belgium',
  city_state: 'Ghent, East Flanders',
  full_address: 'Old Mill, Quay 7, 9000 Ghent, Belgium',
  google_maps_place_id: `${CANARY}-place`,
  apple_maps_place_id: null,
  description: `${CANARY}-door-code`,
};

export function address(changes: Fields = {}): Fields {
  return { ...ADDRESS, ...changes };
}

/** An in-person event. `undefined` in the changes takes the field away. */
export function lumaEntry(changes: Fields = {}): Fields {
  return without({
    platform: 'luma',
    id: 'evt-Ab12',
    calendar_id: 'cal-1',
    user_id: `${CANARY}-user`,
    start_at: '2026-11-03T18:00:00.000Z',
    end_at: '2026-11-03T20:00:00.000Z',
    created_at: '2026-01-01T00:00:00.000Z',
    duration_interval: 'P0Y0M0DT2H0M0S',
    timezone: 'Europe/Brussels',
    name: 'Lantern walk',
    geo_address_json: address(),
    coordinate: { longitude: 3.725, latitude: 51.0543 },
    url: 'https://luma.com/lantern',
    meeting_url: null,
    location_type: 'offline',
    location_visibility: 'public',
    cover_url: 'https://images.example/lantern.png',
    visibility: 'public',
    waitlist_status: 'disabled',
    feedback_email: { enabled: true, delay: CANARY },
    registration_questions: [{ id: 'q', label: CANARY, required: true, question_type: 'text' }],
    submitted_by: { name: CANARY, email: `${CANARY}@example.com` },
    hosts: [{ id: 'usr-1', name: CANARY, email: `${CANARY}@example.com` }],
    access: 'manage',
    tags: [{ id: 'tag-1', name: 'outdoors' }],
    ...changes,
  });
}

export function externalEntry(changes: Fields = {}): Fields {
  return without({
    platform: 'external',
    id: 'calev-9',
    calendar_id: 'cal-1',
    start_at: '2026-11-03T18:00:00.000Z',
    end_at: '2026-11-03T20:00:00.000Z',
    created_at: '2026-01-01T00:00:00.000Z',
    duration_interval: 'P0Y0M0DT2H0M0S',
    timezone: 'Europe/Brussels',
    name: 'Book swap',
    geo_address_json: null,
    coordinate: null,
    url: 'https://books.example/swap?from=calendar',
    host: 'The Reading Room',
    tags: [],
    ...changes,
  });
}

/** The event that the entry becomes. */
export function mapped(entry: unknown): ObservedEvent {
  const result = mapEntry(entry);
  if ('event' in result) return result.event;
  throw new Error(`Quarantined: ${JSON.stringify(result.quarantined.problems)}`);
}

/** The reasons why the entry becomes none. */
export function problemsOf(entry: unknown): EntryProblem[] {
  const result = mapEntry(entry);
  if ('quarantined' in result) return result.quarantined.problems;
  throw new Error('Not quarantined');
}

function without(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
