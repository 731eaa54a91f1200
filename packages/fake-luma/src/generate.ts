import type { EventHost, FakeEvent } from './event.js';
import { DAY_MS, HOUR_MS, type LocalTimes } from './local-time.js';
import { type Place, PLACES } from './places.js';
import type { Random } from './random.js';
import { type VenueKind, whereabouts } from './venue.js';
import { FORMATS, type Vocabulary, WORLD_TITLES } from './vocabulary.js';

export interface GenerationContext {
  calendarId: string;
  /** Where the calendar is at home: half of its events are there. */
  home: Place;
  now: Date;
  random: Random;
  vocabulary: Vocabulary;
  localTimes: LocalTimes;
}

/** What sort of event it is; the rest is chance. */
export interface EventKind extends VenueKind {
  platform?: 'external';
  access?: 'view';
  visibility?: string;
}

export const PLAIN_KIND: EventKind = { where: 'venue' };

/** Taken in turn, so that 20 events already hold one of each. Seven in ten are public. */
const KINDS: readonly EventKind[] = [
  PLAIN_KIND,
  { where: 'online', service: 'zoom' },
  { where: 'venue', guestsOnly: true },
  { where: 'hybrid', service: 'zoom' },
  { where: 'venue', visibility: 'members-only' },
  { where: 'venue', platform: 'external' },
  { where: 'online', service: 'meet' },
  { where: 'venue', visibility: 'private' },
  PLAIN_KIND,
  { where: 'venue', access: 'view' },
  { where: 'online', service: 'unknown' },
  PLAIN_KIND,
  { where: 'hybrid', service: 'offline', guestsOnly: true },
  { where: 'missing' },
  { where: 'online', service: 'youtube' },
  { where: 'online', service: 'zoom', visibility: 'private' },
  PLAIN_KIND,
  { where: 'missing', platform: 'external' },
  { where: 'online', service: 'discord', access: 'view' },
  { where: 'venue', visibility: 'members-only', guestsOnly: true },
];

/** `count` events, starting in the past year or (two of three) within six months of `now`. */
export function generateEvents(count: number, context: GenerationContext): FakeEvent[] {
  return Array.from({ length: count }, (_, index) =>
    generateEvent(KINDS[index % KINDS.length] ?? PLAIN_KIND, index, context),
  );
}

/** `index` decides what comes in turn: titles of many scripts, very long and empty descriptions. */
export function generateEvent(kind: EventKind, index: number, context: GenerationContext): FakeEvent {
  const { random, vocabulary, now, localTimes } = context;
  const place = random.chance(0.5) ? context.home : random.pick(PLACES);
  const topic = random.pick(vocabulary.topics);
  const startAt = startTime(place, now, random, localTimes);
  const descriptionMd = description(index, vocabulary.sentences, random);
  const capacity = random.chance(0.4) ? random.int(2, 40) * 5 : null;
  const isExternal = kind.platform === 'external';
  const isManaged = !isExternal && kind.access !== 'view';
  return {
    platform: isExternal ? 'external' : 'luma',
    access: kind.access ?? 'manage',
    status: 'approved',
    id: `${isExternal ? 'calev' : 'evt'}-${random.token(16)}`,
    calendar_id: kind.access === 'view' ? `cal-${random.token(16)}` : context.calendarId,
    user_id: `usr-${random.token(16)}`,
    start_at: startAt,
    end_at: new Date(startAt.getTime() + random.pick([1, 1.5, 2, 2, 2, 3, 4, 8, 50]) * HOUR_MS),
    created_at: new Date(Math.min(startAt.getTime(), now.getTime()) - random.int(3, 60) * DAY_MS),
    timezone: place.timezone,
    name: title(index, topic.subjects, place, random),
    description: plainText(descriptionMd),
    description_md: descriptionMd,
    ...whereabouts(kind, place, context),
    cover_url: `https://images.lumacdn.com/event-covers/${random.token(2, 'abcdef')}/${random.token(20)}.jpg`,
    url: isExternal
      ? `https://events.example.org/${random.token(10)}`
      : `https://${random.chance(0.3) ? 'lu.ma' : 'luma.com'}/${random.token(8, 'abcdefghijklmnopqrstuvwxyz0123456789')}`,
    visibility: kind.visibility ?? 'public',
    waitlist_status: random.chance(0.2) ? 'enabled' : 'disabled',
    feedback_email: random.chance(0.5) ? { enabled: true, delay: 'PT1H' } : { enabled: false },
    registration_questions: random.chance(0.3)
      ? [{ id: random.token(8), label: 'Do you eat everything?', required: false, question_type: 'text' }]
      : [],
    hosts: isManaged ? Array.from({ length: random.int(1, 3) }, () => host(context)) : [],
    host: isExternal ? (random.chance(0.8) ? random.pick(vocabulary.organizers) : null) : null,
    tags: tags(topic.tag, random),
    registration_open: startAt > now,
    require_approval: random.chance(0.25),
    max_capacity: capacity,
    spots_remaining: capacity === null ? null : random.int(0, capacity),
    display_price: random.chance(0.15) ? '$15' : 'Free',
    submitted_by: random.chance(0.1) ? submitter(context) : null,
  };
}

function startTime(place: Place, now: Date, random: Random, localTimes: LocalTimes): Date {
  const days = random.chance(0.67) ? random.int(1, 180) : -random.int(1, 365);
  const minutes = random.int(16, 41) * 30;
  return localTimes.at(new Date(now.getTime() + days * DAY_MS), minutes, place.timezone);
}

function title(index: number, subjects: readonly string[], place: Place, random: Random): string {
  const worldly = index % 7 === 3 ? WORLD_TITLES[Math.floor(index / 7) % WORLD_TITLES.length] : undefined;
  if (worldly !== undefined) return worldly;
  const subject = random.pick(subjects);
  const shape = random.int(0, 3);
  if (shape === 0) return subject;
  if (shape === 1) return `${subject} in ${place.city}`;
  return shape === 2 ? `${random.pick(FORMATS)}: ${subject}` : `${subject} ${random.pick(FORMATS)}`;
}

function description(index: number, sentences: readonly string[], random: Random): string {
  if (index % 13 === 5) return '';
  const paragraphs = index % 9 === 4 ? random.int(30, 40) : random.int(1, 4);
  const blocks = Array.from({ length: paragraphs }, (_, position) => {
    const text = Array.from({ length: random.int(1, 4) }, () => random.pick(sentences)).join(' ');
    if (position > 0 && position % 4 === 0) return `## Part ${position / 4 + 1}\n\n${text}`;
    return position === 0 ? `**Welcome!** ${text}` : text;
  });
  if (random.chance(0.4))
    blocks.push('- [House rules](https://example.org/house-rules)\n- 🥗 Food: vegetarian');
  return blocks.join('\n\n');
}

/** Markdown without its marks. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^(#+|-) /gm, '')
    .replace(/\*\*/g, '');
}

function host({ random, vocabulary }: GenerationContext): EventHost {
  const { first, last, email } = random.pick(vocabulary.people);
  return {
    id: `usr-${random.token(16)}`,
    email,
    name: `${first} ${last}`,
    first_name: first,
    last_name: last,
    avatar_url: `https://images.lumacdn.com/avatars/${random.token(16)}.png`,
  };
}

function submitter({ random, vocabulary }: GenerationContext): NonNullable<FakeEvent['submitted_by']> {
  const { first, last, email } = random.pick(vocabulary.people);
  return { id: `usr-${random.token(16)}`, name: `${first} ${last}`, email };
}

/** One calendar names a tag once: its id follows from its name. */
function tags(first: string, random: Random): FakeEvent['tags'] {
  const names = random.chance(0.2) ? [] : [first];
  if (random.chance(0.3)) names.push('Featured ⭐');
  return names.map((name) => ({ id: `tag-${Buffer.from(name).toString('hex')}`, name }));
}
