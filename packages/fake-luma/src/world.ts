import { type CalendarChange, FakeCalendar } from './calendar.js';
import { generateEvents, type GenerationContext } from './generate.js';
import { RateLimiter } from './limiter.js';
import { LocalTimes } from './local-time.js';
import type { CalendarSpec, FakeLumaSettings } from './options.js';
import { PLACES } from './places.js';
import { createRandom } from './random.js';
import { drawVocabulary, type Vocabulary } from './vocabulary.js';

/** Every calendar of one fake. */
export class World {
  readonly #calendars: FakeCalendar[] = [];
  readonly #localTimes = new LocalTimes();
  readonly #vocabulary: Vocabulary;

  constructor(readonly settings: FakeLumaSettings) {
    this.#vocabulary = drawVocabulary(settings.seed);
    const { calendars } = settings;
    const specs = typeof calendars === 'number' ? Array.from({ length: calendars }, () => ({})) : calendars;
    for (const spec of specs) this.add(spec);
  }

  get calendars(): readonly FakeCalendar[] {
    return this.#calendars;
  }

  /** Told of every change of every calendar, those that come later included. */
  onChange: (calendar: FakeCalendar, change: CalendarChange) => void = () => undefined;

  /** Throws RangeError when the id or the key is taken. */
  add(spec: CalendarSpec = {}): FakeCalendar {
    const index = this.#calendars.length;
    const { seed, now, eventsPerCalendar, limit, windowMs, blockMs } = this.settings;
    const random = createRandom(seed, index);
    // Drawn whether used or not: naming one thing of a calendar leaves the rest of it as it was.
    const generated = {
      id: `cal-${random.token(16)}`,
      key: `secret-${random.token(24)}`,
      home: random.pick(PLACES),
    };
    const name = spec.name ?? calendarName(index, this.#vocabulary.calendarNames);
    const id = spec.id ?? generated.id;
    const key = spec.key ?? generated.key;
    if (this.find(id)) throw new RangeError(`there already is a calendar ${id}`);
    if (this.byKey(key)) throw new RangeError(`the key of ${id} already opens another calendar`);

    const context: GenerationContext = {
      calendarId: id,
      home: generated.home,
      now,
      random,
      vocabulary: this.#vocabulary,
      localTimes: this.#localTimes,
    };
    const events = spec.events ?? eventsPerCalendar;
    const calendar = new FakeCalendar({
      identity: { id, name, slug: spec.slug ?? slugOf(name, index), home: generated.home },
      key,
      limiter: new RateLimiter({ limit, windowMs, blockMs, ...spec.rateLimit }),
      context,
      events: typeof events === 'number' ? generateEvents(events, context) : [],
    });
    if (typeof events !== 'number') for (const event of events) calendar.addEvent(event);
    for (const fault of spec.faults ?? []) calendar.setFault(fault);
    calendar.onChange = (change) => this.onChange(calendar, change);
    this.#calendars.push(calendar);
    return calendar;
  }

  find(id: string): FakeCalendar | undefined {
    return this.#calendars.find((calendar) => calendar.id === id);
  }

  byKey(key: string): FakeCalendar | undefined {
    return this.#calendars.find((calendar) => calendar.key === key);
  }
}

function calendarName(index: number, names: readonly string[]): string {
  const name = names[index % names.length] ?? 'Calendar';
  const round = Math.floor(index / names.length);
  return round === 0 ? name : `${name} ${round + 1}`;
}

/** Names without a Latin letter get a number. */
function slugOf(name: string, index: number): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return /[a-z]/.test(slug) ? slug : `calendar-${index + 1}`;
}
