import type { FakeCalendar } from '../../packages/fake-luma/src/index.js';
import type { FakeEvent } from '../../packages/fake-luma/src/event.js';
import { FiredFaults } from '../../packages/fake-luma/src/faults.js';
import { feedOf } from '../../packages/fake-luma/src/feed.js';
import { eventAnswer, listEntry } from '../../packages/fake-luma/src/wire.js';
import { EVENT_FIELDS, mergeObserved } from '../../src/events/diff.js';
import type { EventFields, ObservedFields } from '../../src/events/event.js';
import { newEventFields } from '../../src/events/new-event.js';
import { mapFeedEntry } from '../../src/luma/ical/map-event.js';
import { readFeed } from '../../src/luma/ical/read-feed.js';
import { mapEntry, type MappedEntry } from '../../src/luma/mapping.js';

/** What readers should find of every event that a visitor of the calendar sees now, by id. */
export function expectedEvents(calendar: FakeCalendar): Map<string, EventFields> {
  return new Map(calendar.visibleEvents().map((event) => [event.id, expectedFields(event)]));
}

/** What the calendar's feed says of each event, by id: a part of the fields. */
export async function saidByFeed(calendar: FakeCalendar, now: Date): Promise<Map<string, ObservedFields>> {
  const feed = await readFeed(feedOf(calendar, new FiredFaults([]), now.getTime()));
  if (typeof feed === 'string') throw new Error(`the fake made a feed that is none: ${feed}`);
  const events = feed.entries.map((entry) => mapFeedEntry(entry, { timezone: 'UTC' }));
  return new Map(
    events.map((mapped) => ['event' in mapped ? mapped.event.lumaEventId : '', observed(mapped)] as const),
  );
}

/** An event's fields in a stored document, without what is the store's own. */
export function fieldsOf(doc: object): Partial<EventFields> {
  const fields = doc as Partial<EventFields>;
  return Object.fromEntries(
    EVENT_FIELDS.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
  );
}

export function isManaged({ platform, access }: Pick<FakeEvent, 'platform' | 'access'>): boolean {
  return platform === 'luma' && access === 'manage';
}

function expectedFields(event: FakeEvent): EventFields {
  const listed = observed(mapEntry(listEntry(event, false)));
  const said = isManaged(event) ? mergeObserved(listed, observed(mapEntry(eventAnswer(event)))) : listed;
  const fresh = newEventFields(said);
  if ('problems' in fresh) throw new Error(`${event.id} cannot be stored`);
  return fresh.fields;
}

function observed(mapped: MappedEntry): ObservedFields {
  if ('quarantined' in mapped) throw new Error('the fake made an entry that cannot be trusted');
  return mapped.event.fields;
}
