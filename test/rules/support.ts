import { beforeEach } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import type {
  EventSpec,
  FakeCalendar,
  FakeLuma,
  FakeLumaOptions,
} from '../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../src/luma/api.js';
import type { EventSource } from '../../src/events/event.js';
import type {
  EventDoc,
  HeldRemovalDoc,
  OrganizationDoc,
  RemovedEventDoc,
  SyncRunDoc,
} from '../../src/mongo/documents.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { type Rig, useRig } from '../support/rig.js';
import { Clock, driveSync, type DrivenSync, type SyncOptions } from '../support/sync-driver.js';

/** Far ahead: MongoDB forgets by its own clock what looks as old as expired. */
export const NOW = new Date('2090-11-03T18:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** An instant so many days after the beginning. */
export function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

/** Public events that the key manages, one a day from tomorrow on: evt-1, evt-2, … */
export function daily(count: number): EventSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `evt-${index + 1}`,
    name: `Event ${index + 1}`,
    start_at: inDays(index + 1),
    description_md: `About event ${index + 1}`,
  }));
}

/** Events that Luma cannot be asked for alone: calev-1, … */
export function external(count: number): EventSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `calev-${index + 1}`,
    name: `Elsewhere ${index + 1}`,
    platform: 'external' as const,
    start_at: inDays(index + 1),
  }));
}

/** One calendar, its organization, and a clock that tests move. */
export interface Desk {
  readonly rig: Rig;
  readonly clock: Clock;
  readonly luma: FakeLuma;
  readonly calendar: FakeCalendar;
  readonly orgId: string;
  begin(events: readonly EventSpec[], options?: Partial<FakeLumaOptions>): Promise<void>;
  /** The same with the calendar's feed in place of a key. */
  beginWithFeed(events: readonly EventSpec[], options?: Partial<FakeLumaOptions>): Promise<void>;
  /** Gives the organization the calendar's key, or takes it away and leaves it the feed. */
  switchTo(source: EventSource): Promise<void>;
  /** A minute later than the one before. */
  sync(options?: SyncOptions & { deps?: Partial<ActivityDependencies> }): Promise<DrivenSync>;
  events(): Promise<EventDoc[]>;
  event(id: string): Promise<EventDoc | undefined>;
  /** Ids of stored events, sorted. */
  ids(): Promise<string[]>;
  /** Reasons by id. */
  removed(): Promise<Record<string, string>>;
  held(): Promise<HeldRemovalDoc[]>;
  decide(decision: 'approved' | 'rejected'): Promise<void>;
  run(syncId: string): Promise<SyncRunDoc | null>;
  organization(): Promise<{ state?: string; removalsHeld?: number; drift?: string[] }>;
  /** What Luma was asked since the last look: `list`, `get evt-1`, … */
  asked(): string[];
}

/** Call at the top of a test file. */
export function useDesk(): Desk {
  const rig = useRig();
  let clock = new Clock(NOW.getTime());
  let calendar: FakeCalendar | undefined;
  let orgId = '';
  let looked = 0;

  beforeEach(() => {
    clock = new Clock(NOW.getTime());
  });

  const current = (): FakeCalendar => {
    if (calendar === undefined) throw new Error('begin first');
    return calendar;
  };
  const all = async <T extends object>(collection: string): Promise<T[]> =>
    await rig.store.db.collection(collection).find<T>({ orgId }).sort({ lumaEventId: 1 }).toArray();

  const desk: Desk = {
    rig,
    get clock() {
      return clock;
    },
    get luma() {
      return rig.luma;
    },
    get calendar() {
      return current();
    },
    get orgId() {
      return orgId;
    },
    async begin(events, options = {}) {
      await rig.startLuma({ calendars: [{ events }], now: NOW, clock: () => clock.nowMs(), ...options });
      looked = 0;
      calendar = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
      orgId = await rig.addOrganization();
    },
    async beginWithFeed(events, options) {
      await desk.begin(events, options);
      await desk.switchTo('ical');
    },
    async switchTo(source) {
      const { id, key } = current();
      const lumaIcalUrl = `${rig.luma.url}/ics/get?entity=calendar&id=${id}`;
      const change =
        source === 'api'
          ? { $set: { lumaIcalUrl, lumaApiKey: seal(rig.keyring, orgId, key) } }
          : { $set: { lumaIcalUrl }, $unset: { lumaApiKey: '' } };
      await rig.store.db
        .collection<OrganizationDoc>('organizations')
        .updateOne({ _id: orgId }, change as never);
    },
    async sync({ deps = {}, ...options } = {}) {
      clock.advance(60_000);
      const luma = createLumaApi({ baseUrl: rig.luma.url, now: () => clock.nowMs() });
      return await driveSync(
        rig.dependencies({ luma, now: () => clock.now(), ...deps }),
        clock,
        orgId,
        options,
      );
    },
    // Without what tells listings apart: no reader looks at it.
    events: async () =>
      (await all<EventDoc>('events')).map((event) => {
        delete event.fingerprint;
        return event;
      }),
    event: async (id) => (await desk.events()).find(({ lumaEventId }) => lumaEventId === id),
    ids: async () => (await desk.events()).map(({ lumaEventId }) => lumaEventId),
    removed: async () =>
      Object.fromEntries(
        (await all<RemovedEventDoc>('removed_events')).map((doc) => [doc.lumaEventId, doc.removalReason]),
      ),
    held: () => all<HeldRemovalDoc>('held_removals'),
    async decide(decision) {
      await rig.store.decisions.onRemovals(orgId, { decision, ids: null, by: 'tester' });
    },
    run: (syncId) => rig.store.runs.get(syncId),
    async organization() {
      const { state, removalsHeld, drift } =
        (await rig.store.organizations.list()).find(({ id }) => id === orgId) ?? {};
      return Object.fromEntries(
        Object.entries({ state, removalsHeld, drift }).filter(([, value]) => value !== undefined),
      );
    },
    asked() {
      const requests = rig.luma.requests.slice(looked);
      looked = rig.luma.requests.length;
      return requests.map(({ path, query }) => {
        const [id] = query.event_id ?? [];
        if (id !== undefined) return `get ${id}`;
        if (path === '/ics/get') return 'feed';
        return path.endsWith('/list') ? 'list' : 'calendar';
      });
    },
  };
  return desk;
}
