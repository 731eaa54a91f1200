/** Luma's names of an event's fields, as people call them. */
const FIELDS: Record<string, string> = {
  '': 'the whole entry',
  id: 'its id',
  platform: 'the platform',
  name: 'the title',
  title: 'the title',
  start_at: 'the start',
  startAt: 'the start',
  end_at: 'the end',
  endAt: 'the end',
  duration_interval: 'the duration',
  timezone: 'the time zone',
  visibility: 'the visibility',
  url: 'the address of its page',
  cover_url: 'the cover image',
  description: 'the description',
  description_md: 'the description',
  host: 'the organizer',
  tags: 'the tags',
  geo_address_json: 'the place',
  coordinate: 'the position on the map',
  location_type: 'the kind of place',
  location_visibility: 'who may see the place',
  meeting_url: 'the link to the online meeting',
  access: 'who manages the event',
  created_at: 'the day of its creation',
  calendar_id: 'the calendar',
  user_id: 'who made it',
  registration_questions: 'the questions of the registration',
  registration_open: 'whether registration is open',
  require_approval: 'whether guests need an approval',
  spots_remaining: 'the spots that are left',
  max_capacity: 'the capacity',
  display_price: 'the price',
  waitlist_status: 'the waiting list',
  // Of a public feed.
  UID: 'its id',
  SUMMARY: 'the title',
  DTSTART: 'the start',
  DTEND: 'the end',
  DURATION: 'the duration',
  DESCRIPTION: 'the link to its page',
  LOCATION: 'the place',
  GEO: 'the position on the map',
  RRULE: 'the event',
  RDATE: 'the event',
};

/** A field by the path that it has in Luma's answers: `start_at`, `tags.3.name`. */
export function fieldInWords(path: string): string {
  const [name = '', ...inside] = path.split('.');
  if (name === 'tags' && inside.length > 0) return 'a tag';
  return FIELDS[name] ?? `the field “${path}”`;
}
