import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventFields, ObservedEvent } from '../../src/events/event.js';
import type { EventState } from '../../src/events/event-state.js';
import type { OddEvent, StoredEvent } from '../../src/events/plan.js';
import {
  type AnsweredPage,
  countChanged,
  idsOn,
  type KnownBefore,
  type PagesPlan,
  planPages,
} from '../../src/events/plan-pages.js';
import { EVENT, observedFields, storedFields, usableFields } from './support.js';

const NOW = new Date('2026-10-01T00:00:00Z');
const CLOCK = { now: NOW, maxAgeMs: 3_600_000 };

type Known = KnownBefore<StoredEvent, OddEvent>;
type Plan = PagesPlan<StoredEvent, OddEvent>;

function page(said: Partial<AnsweredPage>): AnsweredPage {
  return {
    ...{ phase: 'listing', observedAt: NOW, events: [], hidden: [], quarantined: [], undescribed: [] },
    ...said,
  };
}

function stored(lumaEventId: string, fields: EventFields = EVENT, revision = 1): StoredEvent {
  return { ...fields, lumaEventId, revision };
}

function known(events: readonly StoredEvent[] = [], more: Partial<Known> = {}): Known {
  return {
    stored: new Map(events.map((event) => [event.lumaEventId, event])),
    ...{ odd: new Map(), removed: new Map(), states: new Map(), held: [] },
    ...more,
  };
}

const ids = (count: number) => Array.from({ length: count }, (_, nth) => `evt-${nth}`);
const hiddenOn = (...of: string[]) =>
  page({ hidden: of.map((lumaEventId) => ({ lumaEventId, visibility: 'private' })) });
const shownOn = (...of: string[]) =>
  page({ events: of.map((lumaEventId) => ({ lumaEventId, fields: EVENT })) });
const untrusted = (lumaEventId: string | null) => ({ lumaEventId, problems: [], values: {} });

/** What is stored once the plan is carried out, and nothing else is decided. */
function carriedOut({ stored: before }: Known, plan: Plan): Map<string, StoredEvent> {
  const after = new Map(before);
  for (const { fields, lumaEventId, revision, fingerprint } of plan.inserts) {
    after.set(lumaEventId, { ...fields, lumaEventId, revision, fingerprint });
  }
  for (const { target, set, unset, revision, fingerprint } of plan.updates) {
    const changed = {
      ...target,
      ...set,
      revision,
      ...(fingerprint === undefined ? {} : { fingerprint: fingerprint ?? undefined }),
    };
    for (const name of unset) Reflect.deleteProperty(changed, name);
    after.set(target.lumaEventId, changed);
  }
  for (const {
    stored: { lumaEventId },
    fingerprint,
  } of plan.refreshed) {
    const event = after.get(lumaEventId);
    if (event !== undefined) after.set(lumaEventId, { ...event, fingerprint });
  }
  for (const { lumaEventId } of plan.hides) after.delete(lumaEventId);
  return after;
}

describe('whatever pages say of whatever is stored', () => {
  const word = fc.oneof(
    fc.record({ kind: fc.constant('shown' as const), fields: fc.oneof(usableFields, observedFields) }),
    fc.record({ kind: fc.constantFrom('hidden' as const, 'untrusted' as const) }),
  );
  const pages = fc
    .array(fc.dictionary(fc.constantFrom(...ids(6)), word, { maxKeys: 6 }), { minLength: 1, maxLength: 3 })
    .map((all) =>
      all.map((words) => {
        const said = Object.entries(words);
        return page({
          events: said.flatMap(([lumaEventId, one]): ObservedEvent[] =>
            one.kind === 'shown' ? [{ lumaEventId, managed: true, fields: one.fields }] : [],
          ),
          hidden: said.flatMap(([lumaEventId, { kind }]) =>
            kind === 'hidden' ? { lumaEventId, visibility: 'private' } : [],
          ),
          quarantined: said.flatMap(([id, { kind }]) => (kind === 'untrusted' ? untrusted(id) : [])),
        });
      }),
    );
  const before = fc
    .dictionary(fc.constantFrom(...ids(6)), fc.tuple(storedFields, fc.integer({ min: 1, max: 9 })))
    .map((all) => known(Object.entries(all).map(([id, [fields, revision]]) => stored(id, fields, revision))));

  test('a plan that is carried out leaves nothing to do', () => {
    fc.assert(
      fc.property(pages, before, (all, was) => {
        const after = known([...carriedOut(was, planPages(all, was, CLOCK)).values()]);
        const again = planPages(all, after, CLOCK);
        expect([again.inserts, again.updates, again.refreshed, again.changing]).toEqual([[], [], [], []]);
      }),
    );
  });

  test('every event counts once, and a written one has the revision after its last', () => {
    fc.assert(
      fc.property(pages, before, (all, was) => {
        const plan = planPages(all, was, CLOCK);
        const { inserts, updates, hides, unchanged, unusable } = plan;
        for (const { target, revision } of updates) expect(revision).toBe(target.revision + 1);
        for (const { revision } of inserts) expect(revision).toBe(1);
        const written = [...plan.changing, ...[...hides, ...unusable].map(({ lumaEventId }) => lumaEventId)];
        expect(new Set(written).size).toBe(written.length);
        expect(written.length + unchanged).toBeLessThanOrEqual(idsOn(all).length);
        expect(inserts.length + countChanged(plan, new Set())).toBe(plan.changing.length);
      }),
    );
  });

  test('nothing that is not public is written', () => {
    fc.assert(
      fc.property(pages, before, (all, was) => {
        const last = new Map(
          all.flatMap(({ hidden }) => hidden.map(({ lumaEventId }) => [lumaEventId, true])),
        );
        for (const { events } of all) for (const { lumaEventId } of events) last.delete(lumaEventId);
        const { changing } = planPages(all, was, CLOCK);
        for (const id of last.keys()) expect(changing).not.toContain(id);
      }),
    );
  });
});

describe('events that stop being public', () => {
  test('go at once where they are few, or not most of what the pages speak of', () => {
    expect(planPages([hiddenOn(...ids(4))], known(ids(4).map((id) => stored(id))), CLOCK).hides).toHaveLength(
      4,
    );
    const pages = [hiddenOn(...ids(5)), shownOn(...ids(10).slice(5))];
    expect(planPages(pages, known(ids(10).map((id) => stored(id))), CLOCK).hides).toHaveLength(5);
  });

  test('wait for the end of the listing where they are most of it, or a person was asked', () => {
    expect(planPages([hiddenOn(...ids(5))], known(ids(5).map((id) => stored(id))), CLOCK).hides).toEqual([]);
    const held = [{ lumaEventId: 'evt-0', reason: 'not-public' }];
    const plan = planPages(
      [hiddenOn('evt-0', 'evt-1')],
      known(
        ids(2).map((id) => stored(id)),
        { held },
      ),
      CLOCK,
    );
    expect(plan.hides.map(({ lumaEventId }) => lumaEventId)).toEqual(['evt-1']);
    expect(plan.over).toEqual([]);
  });
});

test('a removal waits for nothing any more once its event is shown, trusted or not', () => {
  const held = ['canceled', 'not-public', 'not-asked'].flatMap((reason, nth) =>
    [`evt-${nth}`, `evt-${nth}-untrusted`, `evt-${nth}-hidden`, `evt-${nth}-absent`].map((lumaEventId) => ({
      ...{ lumaEventId, reason },
    })),
  );
  const pages = [0, 1, 2].map((nth) =>
    page({
      events: [{ lumaEventId: `evt-${nth}`, fields: EVENT }],
      quarantined: [untrusted(`evt-${nth}-untrusted`)],
      hidden: [{ lumaEventId: `evt-${nth}-hidden`, visibility: 'private' }],
    }),
  );
  expect(planPages(pages, known([], { held }), CLOCK).over).toEqual([
    ...['evt-0', 'evt-0-untrusted', 'evt-0-hidden', 'evt-1', 'evt-1-untrusted'],
    ...['evt-2', 'evt-2-untrusted', 'evt-2-hidden'],
  ]);
});

describe('quarantine', () => {
  const titleless = { lumaEventId: 'evt-new', fields: { ...EVENT, title: null } };

  test('takes a new event that lacks what an event needs from a listing, once', () => {
    const listing = planPages([page({ events: [titleless] })], known(), CLOCK);
    expect(listing.quarantined).toMatchObject([{ lumaEventId: 'evt-new', problems: [{ path: 'title' }] }]);
    const details = planPages([page({ phase: 'details', events: [titleless] })], known(), CLOCK);
    expect(details.quarantined).toEqual([]);
    expect([...listing.inOrder, ...details.inOrder]).toEqual([]);
  });

  test('is left by what is in order, hidden or shown', () => {
    const pages = [
      shownOn('evt-0'),
      hiddenOn('evt-1'),
      page({ quarantined: [untrusted('evt-2'), untrusted(null)] }),
    ];
    const { inOrder, quarantined } = planPages(pages, known(), CLOCK);
    expect([...inOrder]).toEqual(['evt-0', 'evt-1']);
    expect(quarantined).toEqual([untrusted(null), untrusted('evt-2')]);
  });
});

describe('what is remembered', () => {
  test('of listed events: whether Luma can be asked, that details are due, and that none is missing', () => {
    const asked: EventState = { detailsAt: NOW };
    const states = new Map<string, EventState>([
      ['evt-0', { ...asked, missedIn: ['sync-1'] }],
      ['evt-1', { managed: false, ...asked }],
    ]);
    const events = [
      { lumaEventId: 'evt-0', managed: false, fields: EVENT },
      { lumaEventId: 'evt-1', fields: { title: 'Renamed' } },
      { lumaEventId: 'evt-2', managed: true, fields: EVENT },
    ];
    const was = known([stored('evt-0'), stored('evt-1')], { states });
    expect(planPages([page({ events })], was, CLOCK).states).toEqual([
      { lumaEventId: 'evt-0', set: { managed: false } },
      { lumaEventId: 'evt-1', set: { dueAt: NOW } },
      { lumaEventId: 'evt-0', unset: ['missedIn'] },
    ]);
  });

  test('of events that were asked for: when, whatever the answer', () => {
    const asked = page({
      ...{ phase: 'details', events: [{ lumaEventId: 'evt-0', fields: EVENT }] },
      ...{ hidden: [{ lumaEventId: 'evt-1', visibility: 'private' }], quarantined: [untrusted('evt-2')] },
      unavailable: ['evt-3'],
    });
    expect(planPages([asked], known(), CLOCK).states).toEqual(
      ids(4).map((lumaEventId) => ({ lumaEventId, set: { detailsAt: NOW } })),
    );
  });
});

test('details are due of new, changed and long unasked events that the pages show and do not describe', () => {
  const startAt = new Date(NOW.getTime() + 86_400_000);
  const fields = { ...EVENT, startAt };
  const states = new Map<string, EventState>([
    ['evt-fresh', { detailsAt: NOW }],
    ['evt-changed', { detailsAt: NOW }],
    ['evt-old', { detailsAt: new Date(NOW.getTime() - 2 * CLOCK.maxAgeMs) }],
  ]);
  const all = ['evt-fresh', 'evt-changed', 'evt-old', 'evt-new', 'evt-hidden'];
  const listed = page({
    events: all.map((lumaEventId) => ({
      ...{ lumaEventId, fields: lumaEventId === 'evt-changed' ? { ...fields, title: 'Renamed' } : fields },
    })),
    undescribed: all.map((lumaEventId) => ({ lumaEventId, startAt })),
  });
  const was = known(
    all.slice(0, 3).map((id) => stored(id, fields)),
    { states },
  );
  expect(planPages([listed, hiddenOn('evt-hidden')], was, CLOCK).detailsDue).toBe(3);
});

test('what details add to an event that the listing brought is no further change', () => {
  const described = (lumaEventId: string) => ({ lumaEventId, fields: { description: 'Bring a chair' } });
  const pages = [page({ phase: 'details', events: ids(3).map(described) })];
  const plan = planPages(pages, known(ids(3).map((id) => stored(id))), CLOCK);
  expect(plan.changing).toEqual(ids(3));
  expect(countChanged(plan, new Set(['evt-0', 'evt-2']))).toBe(1);
  // Listings are silent about descriptions, so that what they said stands.
  expect(plan.updates.map(({ fingerprint }) => fingerprint)).toEqual([undefined, undefined, undefined]);
});
