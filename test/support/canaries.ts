import type { EventSpec } from '../../packages/fake-luma/src/index.js';

/** An event with a value that is to be found nowhere (`canary-…`) in every field that holds a person's data or a way in. */
export function planted(id: string): EventSpec {
  const canary = (what: string) => `canary-${id}-${what}`;
  return {
    id,
    user_id: canary('user'),
    meeting_url: `https://zoom.example/${canary('link')}`,
    registration_questions: [
      { id: canary('question-id'), label: canary('question'), required: true, question_type: 'text' },
    ],
    hosts: [
      {
        id: canary('host-id'),
        email: `${canary('host')}@example.org`,
        name: canary('host-name'),
        first_name: canary('first-name'),
        last_name: canary('last-name'),
        avatar_url: `https://images.example/${canary('avatar')}.png`,
      },
    ],
    submitted_by: {
      id: canary('submitter-id'),
      name: canary('submitter'),
      email: `${canary('s')}@example.org`,
    },
    geo_address_json: {
      address: canary('street'),
      full_address: `${canary('street')} 1, Graz`,
      city: 'Graz',
      country: 'Austria',
      description: canary('door-code'),
      google_maps_place_id: canary('place'),
    },
    location_visibility: 'guests-only',
  };
}
