import type { EventSpec, FakeCalendar } from '../../packages/fake-luma/src/index.js';
import type { RemovalReason } from '../../src/mongo/documents.js';
import type { Change } from './commands.js';
import { isManaged } from './expected.js';

const DAY_MS = 86_400_000;
const MOST_EVENTS = 25;

/** A calendar to which anything may happen, and what an onlooker would remember of it. */
export class ChangingCalendar {
  /** Whatever the calendar ever showed or held: every title, by event. */
  readonly titles = new Map<string, Set<string>>();
  /** Why an event may be gone. */
  readonly causes = new Map<string, Set<RemovalReason>>();
  /** Events that left and may come back as they were. */
  readonly away = new Map<string, EventSpec>();
  /** Events whose description alone was changed: no listing shows that. */
  readonly described = new Set<string>();
  private count = 0;

  constructor(
    readonly calendar: FakeCalendar,
    private readonly began: Date,
  ) {}

  change(change: Change): void {
    const { calendar } = this;
    const events = calendar.events();
    const pickOf = <T>(all: readonly T[], pick: number): T | undefined => all[pick % Math.max(1, all.length)];
    const managed = events.filter(isManaged);
    const n = ++this.count;
    switch (change.kind) {
      case 'add': {
        if (events.length >= MOST_EVENTS) return;
        const { sort, day } = change;
        this.put({
          id: `${sort === 'external' ? 'calev' : 'evt'}-${n}`,
          name: `Event ${n}`,
          start_at: this.iso(day),
          platform: sort === 'external' ? 'external' : 'luma',
          access: sort === 'view' ? 'view' : 'manage',
          visibility: sort === 'private' ? 'private' : 'public',
        });
        if (sort === 'private') this.blame(`evt-${n}`, 'not-public');
        return;
      }
      case 'edit': {
        const event = pickOf(events, change.pick);
        if (event === undefined) return;
        const edits: Record<typeof change.what, EventSpec> = {
          title: { name: `Event ${n}` },
          cover: { cover_url: `https://images.example/${n}.png` },
          address: {
            location_type: 'offline',
            meeting_url: null,
            location_visibility: n % 2 === 0 ? 'public' : 'guests-only',
            geo_address_json: { address: `Street ${n}`, city: 'Graz', full_address: `Street ${n}, Graz` },
          },
          tags: { tags: [{ id: `tag-${n}`, name: `tag ${n}` }] },
          online: { location_type: 'zoom', meeting_url: `https://zoom.example/${n}`, geo_address_json: null },
        };
        calendar.editEvent(event.id, edits[change.what]);
        this.note(event.id);
        return;
      }
      case 'describe': {
        const event = pickOf(managed, change.pick);
        if (event === undefined) return;
        calendar.editEvent(event.id, { description_md: n % 4 === 0 ? '' : `About ${n}` });
        this.described.add(event.id);
        return;
      }
      case 'reschedule': {
        const event = pickOf(events, change.pick);
        if (event !== undefined) calendar.reschedule(event.id, this.iso(change.day));
        return;
      }
      case 'hide':
      case 'unhide': {
        const visibility = change.kind === 'hide' ? change.visibility : 'public';
        const event = pickOf(
          events.filter(
            (e) => e.platform === 'luma' && (e.visibility === 'public') !== (visibility === 'public'),
          ),
          change.pick,
        );
        if (event === undefined) return;
        calendar.hide(event.id, visibility);
        this.blame(event.id, 'not-public');
        return;
      }
      case 'cancel': {
        const event = pickOf(managed, change.pick);
        if (event !== undefined) this.cancel(event.id);
        return;
      }
      case 'cancel-many':
        for (const { id } of managed.slice(0, 5 + (change.pick % 8))) this.cancel(id);
        return;
      case 'transfer': {
        const event = pickOf(managed, change.pick);
        if (event === undefined) return;
        calendar.transfer(event.id);
        this.blame(event.id, 'no-longer-managed');
        this.away.set(event.id, event);
        return;
      }
      case 'vanish': {
        const event = pickOf(
          events.filter((e) => !isManaged(e)),
          change.pick,
        );
        if (event === undefined) return;
        // What a key that has seen it in a feed only is answered: that it is canceled, or not this calendar's.
        if (n % 2 === 0) this.cancel(event.id);
        else calendar.transfer(event.id);
        this.blame(event.id, 'no-longer-listed');
        this.away.set(event.id, event);
        return;
      }
      case 'return': {
        const spec = pickOf([...this.away.values()], change.pick);
        if (spec === undefined || events.length >= MOST_EVENTS) return;
        this.away.delete(spec.id ?? '');
        this.put(n % 2 === 0 ? spec : { ...spec, name: `Event ${n}` });
      }
    }
  }

  private cancel(id: string): void {
    this.calendar.cancel(id);
    this.blame(id, 'canceled');
  }

  private put(spec: EventSpec): void {
    this.note(this.calendar.addEvent(spec).id);
  }

  private note(id: string): void {
    const titles = this.titles.get(id) ?? new Set();
    this.titles.set(id, titles.add(this.calendar.find(id)?.name ?? ''));
  }

  private blame(id: string, reason: RemovalReason): void {
    this.causes.set(id, (this.causes.get(id) ?? new Set()).add(reason));
  }

  /** An instant so many days from the beginning, ISO 8601. */
  iso(day: number): string {
    return new Date(this.began.getTime() + day * DAY_MS).toISOString();
  }
}
