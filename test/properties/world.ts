import { expect } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import type { FakeLuma } from '../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../src/luma/api.js';
import type { EventSource } from '../../src/events/event.js';
import type { EventDoc, RemovedEventDoc } from '../../src/mongo/documents.js';
import { type Store, storeOf } from '../../src/mongo/store.js';
import type { Keyring } from '../../src/secrets/keyring.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { CrashingDb } from '../support/crashes.js';
import { keepDocuments } from '../support/kept-documents.js';
import { type Clock, driveSync, type DrivenSync } from '../support/sync-driver.js';
import { ChangingCalendar } from './changing-calendar.js';
import type { Command, History, SyncCommand } from './commands.js';
import { expectedEvents, fieldsOf, saidByFeed } from './expected.js';

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
  private readonly changing: ChangingCalendar;
  private readonly crashing: CrashingDb;
  private readonly deps: ActivityDependencies;
  private newest = new Map<string, { revision: number; createdAt: Date }>();
  /** Stored, and shown by the calendar, when last looked at. */
  private there = new Set<string>();
  private source: EventSource = 'api';
  /** A feed was read: it does not say why an event is gone. */
  private hadFeed = false;
  /** As they were when the key was taken away. */
  private known: EventDoc[] = [];
  /** Stored and no longer shown, after the sync of a feed before; `null`: another sync came since. */
  private missedOnce: Set<string> | null = null;

  private constructor(
    private readonly around: Surroundings,
    history: History,
  ) {
    const { luma, store, keyring, clock } = around;
    const calendar = luma.addCalendar({
      id: `cal-${around.orgId}`,
      key: `secret-${around.orgId}`,
      events: [],
      rateLimit: { limit: history.budget },
    });
    this.changing = new ChangingCalendar(calendar, clock.now());
    this.crashing = new CrashingDb(store.db);
    this.deps = {
      luma: createLumaApi({ baseUrl: luma.url, now: clock.nowMs }),
      store: storeOf(this.crashing.db, { now: () => new Date() }),
      keyring,
      now: clock.now,
      slice: { pages: history.pagesASlice, entriesPerPage: history.pageSize },
      details: { requests: history.detailsASync, inFlight: history.inFlight, batch: 4 },
    };
    for (const { sort, day } of history.events) this.changing.change({ kind: 'add', sort, day });
  }

  static async begin(around: Surroundings, history: History): Promise<HistoryWorld> {
    const world = new HistoryWorld(around, history);
    const { orgId, keyring, store } = around;
    const sealedKey = seal(keyring, orgId, world.changing.calendar.key);
    const icalUrl = `${around.luma.url}/ics/get?entity=calendar&id=${world.changing.calendar.id}`;
    await store.organizations.add({ id: orgId, name: orgId, sealedKey, icalUrl });
    if (history.source === 'ical') await world.switch();
    return world;
  }

  /** @returns whether a crash met it */
  async step(command: Command): Promise<boolean> {
    let crashed = false;
    this.around.clock.advance(60_000);
    if (command.kind === 'wait') this.around.clock.advance(command.hours * 3_600_000);
    else if (command.kind === 'approve') await this.approve();
    else if (command.kind === 'switch') await this.switch();
    else if (command.kind === 'sync') {
      const { state, crashes } = await this.sync(command);
      crashed = state === 'abandoned' || crashes > 0;
    } else this.changing.change(command);
    await this.checkAlways();
    return crashed;
  }

  /** @returns what undoes the syncs that came since; for nothing else but syncs, and time goes on */
  async keep(): Promise<() => Promise<void>> {
    const restore = await keepDocuments(this.around.store.db);
    const { there, missedOnce } = this;
    const newest = new Map(this.newest);
    return async () => {
      await restore();
      this.there = there;
      this.missedOnce = missedOnce;
      this.newest = new Map(newest);
    };
  }

  /** Clean syncs make `events` true, and a further one leaves every document alone: of a feed, then with the key. */
  async endWell(): Promise<void> {
    this.around.clock.advance(DETAILS_AGE_MS + 3_600_000);
    if (this.source === 'ical') {
      await this.showSomething();
      await this.settle(() => this.checkTrueToFeed());
      await this.switch();
    }
    await this.showSomething();
    await this.settle(() => this.checkTrue());
  }

  /** An empty calendar is no word about events that Luma cannot be asked for: they stay until it shows something. */
  private async showSomething(): Promise<void> {
    const { calendar } = this.changing;
    const shown = this.source === 'ical' ? calendar.visibleEvents().length : calendar.listedEvents;
    if (shown > 0) return;
    const { events } = await this.docs();
    const cannotBeAsked = ({ lumaEventId, platform }: EventDoc) =>
      this.hadFeed || platform === 'external' || this.changing.away.get(lumaEventId)?.access === 'view';
    if (events.some(cannotBeAsked)) this.changing.change({ kind: 'add', sort: 'managed', day: 3 });
  }

  private async settle(checkTrue: () => Promise<void>): Promise<void> {
    const { clock, store, orgId } = this.around;
    // Two listings in a row for those that cannot be asked for; more where a person has to look, or where there is
    // more to ask than a sync may.
    for (let syncs = 0, open = 1; syncs < 2 || open > 0; syncs++) {
      expect(syncs, 'comes to an end').toBeLessThan(30);
      const { detailsPending, unresolved } = await this.cleanSync();
      const waiting = await store.heldRemovals.countWaiting(orgId);
      if (waiting > 0) await this.approve();
      open = detailsPending + unresolved + waiting;
    }
    await checkTrue();
    const before = await this.contents();
    clock.advance(60_000);
    const again = await this.cleanSync();
    expect(again).toMatchObject({ events: { inserted: 0, changed: 0, removed: 0, held: 0 }, unresolved: 0 });
    expect(await this.contents()).toEqual(before);
  }

  private async approve(): Promise<void> {
    const { store, orgId } = this.around;
    await store.decisions.onRemovals(orgId, { decision: 'approved', ids: null, by: 'tester' });
  }

  private async switch(): Promise<void> {
    const { store, orgId, keyring } = this.around;
    if (this.source === 'api') {
      await store.organizations.dropKey(orgId);
      this.known = (await this.docs()).events;
      this.hadFeed = true;
    } else await store.organizations.putKey(orgId, seal(keyring, orgId, this.changing.calendar.key));
    this.source = this.source === 'api' ? 'ical' : 'api';
    this.missedOnce = null;
  }

  private async cleanSync(): Promise<DrivenSync> {
    const synced = await this.sync({ kind: 'sync', crashes: [], goesOn: true });
    await this.checkAlways();
    return synced;
  }

  private async sync({ window, fault, crashes, goesOn }: SyncCommand): Promise<DrivenSync> {
    const { changing, crashing, deps } = this;
    const { calendar } = changing;
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
        : { window: { after: changing.iso(window.after), before: changing.iso(window.before) } },
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
    const missedBefore = this.missedOnce;
    this.missedOnce = null;
    if (fault === undefined && (crashes.length === 0 || goesOn)) {
      expect(synced.failure).toBeUndefined();
      expect(synced.state).toBe('complete');
      if (window === undefined) await this.checkAfterSync(synced.unresolved, missedBefore);
    }
    return synced;
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
    const visible = new Set(this.changing.calendar.visibleEvents().map(({ id }) => id));

    for (const { lumaEventId, title, visibility } of events) {
      expect([...(this.changing.titles.get(lumaEventId) ?? [])], 'only what the calendar had').toContain(
        title,
      );
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
      const causes = [...(this.changing.causes.get(lumaEventId) ?? [])];
      const unsaid = this.hadFeed && causes.length > 0 ? (['no-longer-listed'] as const) : [];
      expect([...causes, ...unsaid], `why ${lumaEventId} is gone`).toContain(removalReason);
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
  private async checkAfterSync(unresolved: number, missedBefore: Set<string> | null): Promise<void> {
    const { events, removed } = await this.docs();
    const stored = new Set(events.map(({ lumaEventId }) => lumaEventId));
    const shown = this.changing.calendar.visibleEvents().map(({ id }) => id);
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
    const notShown = events.filter(({ lumaEventId }) => !shown.includes(lumaEventId));
    if (this.source === 'ical') {
      const missed = notShown.map(({ lumaEventId }) => lumaEventId).filter((id) => !waits.has(id));
      const twice = shown.length > 0 ? missed.filter((id) => missedBefore?.has(id) === true) : [];
      expect(twice, 'missed by two feeds in a row').toEqual([]);
      this.missedOnce = new Set(missed);
      return;
    }
    const surplus = notShown.filter(
      ({ lumaEventId, platform }) => !waits.has(lumaEventId) && platform === 'luma',
    );
    // An event of another calendar's goes with the second listing that lacks it, as may one that only a feed has shown.
    const { away } = this.changing;
    const mayStay = ({ lumaEventId: id, source }: EventDoc) =>
      away.get(id)?.access === 'view' || (source === 'ical' && away.has(id));
    const stays = surplus.filter((event) => !mayStay(event)).map(({ lumaEventId }) => lumaEventId);
    expect(stays.length, `still there: ${stays.join(', ')}`).toBeLessThanOrEqual(unresolved);
  }

  private async checkTrue(): Promise<void> {
    const { events, removed } = await this.docs();
    const { clock } = this.around;
    const expected = expectedEvents(this.changing.calendar);
    const actual = new Map(events.map((doc) => [doc.lumaEventId, fieldsOf(doc)]));
    for (const [id, fields] of expected) {
      // A new description alone shows in no listing: of what is past, nobody asks for it again.
      if (this.changing.described.has(id) && fields.startAt < clock.now()) {
        delete fields.description;
        delete actual.get(id)?.description;
      }
    }
    expect(actual).toEqual(expected);
    const both = removed.filter(({ lumaEventId }) => expected.has(lumaEventId));
    expect(both).toEqual([]);
    expect(await this.around.store.heldRemovals.list(this.around.orgId), 'held and gone').toEqual([]);
  }

  /** Of a feed: what it says is stored, and what only the API knew is as it was. */
  private async checkTrueToFeed(): Promise<void> {
    const { events } = await this.docs();
    const said = await saidByFeed(this.changing.calendar, this.around.clock.now());
    expect(events.map(({ lumaEventId }) => lumaEventId)).toEqual([...said.keys()].sort());
    for (const event of events) {
      const fields = said.get(event.lumaEventId);
      expect(event).toMatchObject({ ...fields, source: 'ical' });
      // Hidden, or of an online event: whatever stands there, the API said it of the event as it was without an address.
      if (fields?.location === undefined) expect(event.location ?? '').not.toMatch(/^Street/);
    }
    const now = new Map(events.map((event) => [event.lumaEventId, event]));
    for (const { lumaEventId, description, coverUrl, tags, hostName } of this.known) {
      const event = now.get(lumaEventId);
      if (event === undefined) continue;
      expect({ ...fieldsOf(event) }, `what the API knew of ${lumaEventId}`).toMatchObject(
        JSON.parse(JSON.stringify({ description, coverUrl, tags, hostName })) as object,
      );
    }
    expect(await this.around.store.heldRemovals.list(this.around.orgId), 'held and gone').toEqual([]);
  }
}
