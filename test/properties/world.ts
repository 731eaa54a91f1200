import { expect } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import type { EventSpec, FakeCalendar, FakeLuma } from '../../src/fake-luma/index.js';
import { createLumaClient } from '../../src/luma/client.js';
import type { EventDoc, RemovalReason, RemovedEventDoc } from '../../src/mongo/documents.js';
import { type Store, storeOf } from '../../src/mongo/store.js';
import type { Keyring } from '../../src/secrets/keyring.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { CrashingDb } from '../support/crashes.js';
import { type Clock, driveSync, type DrivenSync } from '../support/sync-driver.js';
import type { Change, Command, History, SyncCommand } from './commands.js';
import { expectedEvents, fieldsOf, isManaged } from './expected.js';

const DAY_MS = 86_400_000;
const DETAILS_AGE_MS = 20 * 3_600_000;

interface Surroundings {
  luma: FakeLuma;
  store: Store;
  keyring: Keyring;
  clock: Clock;
  /** Unique in the run. */
  orgId: string;
}

/** One organization and its calendar, what has happened to them, and what must always be true of its events. */
export class HistoryWorld {
  private readonly calendar: FakeCalendar;
  private readonly crashing: CrashingDb;
  private readonly deps: ActivityDependencies;
  private readonly beganMs: number;
  /** Whatever the calendar ever showed or held: every title, by event. */
  private readonly titles = new Map<string, Set<string>>();
  /** Why an event may be gone. */
  private readonly causes = new Map<string, Set<RemovalReason>>();
  /** Events that left and may come back as they were. */
  private readonly away = new Map<string, EventSpec>();
  private readonly described = new Set<string>();
  private readonly newest = new Map<string, { revision: number; createdAt: Date }>();
  /** Stored, and shown by the calendar, when last looked at. */
  private there = new Set<string>();
  private count = 0;

  private constructor(
    private readonly around: Surroundings,
    history: History,
  ) {
    const { luma, store, keyring, clock } = around;
    this.beganMs = clock.nowMs();
    this.calendar = luma.addCalendar({
      id: `cal-${around.orgId}`,
      key: `secret-${around.orgId}`,
      events: [],
      rateLimit: { limit: history.budget },
    });
    this.crashing = new CrashingDb(store.db);
    this.deps = {
      luma: createLumaClient({ baseUrl: luma.url, now: clock.nowMs }),
      store: storeOf(this.crashing.db, () => Promise.resolve()),
      keyring,
      now: clock.now,
      slice: { pages: history.pagesASlice, entriesPerPage: history.pageSize },
      details: { requests: history.detailsASync, inFlight: history.inFlight, batch: 4 },
    };
    for (const { sort, day } of history.events) this.change({ kind: 'add', sort, day });
  }

  static async begin(around: Surroundings, history: History): Promise<HistoryWorld> {
    const world = new HistoryWorld(around, history);
    const { orgId, keyring, store } = around;
    const sealedKey = seal(keyring, orgId, world.calendar.key);
    await store.organizations.add({ id: orgId, name: orgId, sealedKey });
    return world;
  }

  async step(command: Command): Promise<void> {
    this.around.clock.advance(60_000);
    if (command.kind === 'wait') this.around.clock.advance(command.hours * 3_600_000);
    else if (command.kind === 'approve') await this.approve();
    else if (command.kind === 'sync') await this.sync(command);
    else this.change(command);
    await this.checkAlways();
  }

  /** Clean syncs make `events` true, and a further one leaves every document alone. */
  async endWell(): Promise<void> {
    const { clock, store, orgId } = this.around;
    clock.advance(DETAILS_AGE_MS + 3_600_000);
    // Two listings in a row for those that cannot be asked for; more only where details are over a sync's budget.
    for (let syncs = 0, pending = 0; syncs < 2 || pending > 0; syncs++) {
      expect(syncs).toBeLessThan(20);
      pending = (await this.cleanSync()).detailsPending;
    }
    if ((await store.heldRemovals.countWaiting(orgId)) > 0) {
      await this.approve();
      await this.cleanSync();
    }
    await this.checkTrue();
    const before = await this.contents();
    clock.advance(60_000);
    const again = await this.cleanSync();
    expect(again).toMatchObject({ events: { inserted: 0, changed: 0, removed: 0, held: 0 }, unresolved: 0 });
    expect(await this.contents()).toEqual(before);
  }

  private async approve(): Promise<void> {
    const { store, orgId, clock } = this.around;
    await store.heldRemovals.decide(orgId, 'approved', null, clock.now());
  }

  private async cleanSync(): Promise<DrivenSync> {
    const synced = await this.sync({ kind: 'sync', crashes: [], goesOn: true });
    await this.checkAlways();
    return synced;
  }

  private async sync({ window, fault, crashes, goesOn }: SyncCommand): Promise<DrivenSync> {
    const { calendar, crashing, deps } = this;
    const { clock, orgId } = this.around;
    if (fault !== undefined) calendar.setFault(fault);
    const points = [...crashes];
    crashing.plan(points.shift() ?? null);
    const synced = await driveSync(
      deps,
      clock,
      orgId,
      window === undefined
        ? {}
        : { window: { after: this.iso(window.after), before: this.iso(window.before) } },
      {
        revive: async () => {
          const died = await crashing.revive();
          if (died) crashing.plan(points.shift() ?? null);
          return died;
        },
        goesOn: () => goesOn,
      },
    );
    crashing.plan(null);
    calendar.clearFaults();
    if (fault === undefined && (crashes.length === 0 || goesOn)) {
      expect(synced).toMatchObject({ state: 'complete' });
      if (window === undefined) await this.checkAfterSync();
    }
    return synced;
  }

  private change(change: Change): void {
    const { calendar } = this;
    const events = calendar.events();
    const pickOf = <T>(all: readonly T[], pick: number): T | undefined => all[pick % Math.max(1, all.length)];
    const managed = events.filter(isManaged);
    const n = ++this.count;
    switch (change.kind) {
      case 'add': {
        if (events.length >= 25) return;
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
        calendar.cancel(event.id);
        this.blame(event.id, 'no-longer-listed');
        this.away.set(event.id, event);
        return;
      }
      case 'return': {
        const spec = pickOf([...this.away.values()], change.pick);
        if (spec === undefined || events.length >= 25) return;
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

  private iso(day: number): string {
    return new Date(this.beganMs + day * DAY_MS).toISOString();
  }

  private async docs(): Promise<{ events: EventDoc[]; removed: RemovedEventDoc[] }> {
    const { store, orgId } = this.around;
    const [events, removed] = await Promise.all([
      store.db.collection<EventDoc>('events').find({ orgId }).sort({ lumaEventId: 1 }).toArray(),
      store.db
        .collection<RemovedEventDoc>('removed_events')
        .find({ orgId })
        .sort({ lumaEventId: 1 })
        .toArray(),
    ]);
    return { events, removed };
  }

  /** Everything that a sync which changes nothing must leave alone. */
  private async contents(): Promise<unknown> {
    const { store, orgId } = this.around;
    const names = ['event_states', 'held_removals', 'quarantined_entries'];
    const rest = await Promise.all(
      names.map((name) => store.db.collection(name).find({ orgId }).sort({ _id: 1 }).toArray()),
    );
    return { ...(await this.docs()), rest };
  }

  /** What must be true after every step, crashes and faults included. */
  private async checkAlways(): Promise<void> {
    const { events, removed } = await this.docs();
    const stored = new Set(events.map(({ lumaEventId }) => lumaEventId));
    const visible = new Set(this.calendar.visibleEvents().map(({ id }) => id));

    for (const { lumaEventId, title, visibility } of events) {
      expect([...(this.titles.get(lumaEventId) ?? [])], 'only what the calendar had').toContain(title);
      expect(visibility).toBe('public');
    }
    const lost = [...this.there].filter((id) => visible.has(id) && !stored.has(id));
    expect(lost, 'what was there all along').toEqual([]);
    const known = new Set([...stored, ...removed.map(({ lumaEventId }) => lumaEventId)]);
    expect(
      [...this.newest.keys()].filter((id) => !known.has(id)),
      'neither stored nor removed',
    ).toEqual([]);

    for (const { lumaEventId, removalReason } of removed) {
      expect([...(this.causes.get(lumaEventId) ?? [])], `why ${lumaEventId} is gone`).toContain(
        removalReason,
      );
    }
    // Where a move was cut off, what is shown counts.
    const newest = new Map([...removed, ...events].map((doc) => [doc.lumaEventId, doc]));
    for (const [id, { revision, createdAt }] of newest) {
      const before = this.newest.get(id) ?? { revision, createdAt };
      expect(createdAt, `${id} created`).toEqual(before.createdAt);
      expect(revision, `revision of ${id}`).toBeGreaterThanOrEqual(before.revision);
      this.newest.set(id, { revision, createdAt });
    }
    this.there = new Set([...stored].filter((id) => visible.has(id)));
  }

  /** What is true after one sync that met no fault, however often it was cut off. */
  private async checkAfterSync(): Promise<void> {
    const { events, removed } = await this.docs();
    const stored = new Set(events.map(({ lumaEventId }) => lumaEventId));
    const shown = this.calendar.visibleEvents().map(({ id }) => id);
    expect(
      shown.filter((id) => !stored.has(id)),
      'shown and not stored',
    ).toEqual([]);
    const gone = removed.map(({ lumaEventId }) => lumaEventId);
    expect(
      gone.filter((id) => shown.includes(id)),
      'shown and removed',
    ).toEqual([]);
    const held = await this.around.store.heldRemovals.list(this.around.orgId);
    const waits = new Set(held.map(({ lumaEventId }) => lumaEventId));
    const surplus = events.filter(
      ({ lumaEventId, platform }) =>
        !shown.includes(lumaEventId) && !waits.has(lumaEventId) && platform === 'luma',
    );
    // An event of another calendar's goes with the second listing that lacks it.
    const mayStay = (id: string) => this.away.get(id)?.access === 'view';
    expect(surplus.map(({ lumaEventId }) => lumaEventId).filter((id) => !mayStay(id))).toEqual([]);
  }

  private async checkTrue(): Promise<void> {
    const { events, removed } = await this.docs();
    const { clock } = this.around;
    const expected = expectedEvents(this.calendar);
    const actual = new Map(events.map((doc) => [doc.lumaEventId, fieldsOf(doc)]));
    for (const [id, fields] of expected) {
      // A new description alone shows in no listing: of what is past, nobody asks for it again.
      if (this.described.has(id) && fields.startAt < clock.now()) {
        delete fields.description;
        delete actual.get(id)?.description;
      }
    }
    expect(actual).toEqual(expected);
    const both = removed.filter(({ lumaEventId }) => expected.has(lumaEventId));
    expect(both).toEqual([]);
    expect(await this.around.store.heldRemovals.list(this.around.orgId), 'held and gone').toEqual([]);
  }
}
