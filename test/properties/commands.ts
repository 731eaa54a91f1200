import fc from 'fast-check';
import type { FaultSpec } from '../../packages/fake-luma/src/index.js';
import type { CrashPoint } from '../support/crashes.js';

/** Of the events that a change can be made to, the one in this place; places beyond the end count on from the start. */
type Pick = number;

export type Change =
  | { kind: 'add'; sort: 'managed' | 'external' | 'view' | 'private'; day: number }
  | { kind: 'edit'; pick: Pick; what: 'title' | 'cover' | 'address' | 'tags' | 'online' }
  | { kind: 'describe'; pick: Pick }
  | { kind: 'reschedule'; pick: Pick; day: number }
  | { kind: 'cancel' | 'transfer' | 'unhide' | 'vanish' | 'return'; pick: Pick }
  | { kind: 'hide'; pick: Pick; visibility: 'private' | 'members-only' }
  | { kind: 'cancel-many'; pick: Pick };

export interface SyncCommand {
  kind: 'sync';
  /** Days from the beginning; absent: the whole calendar. */
  window?: { after: number; before: number };
  fault?: FaultSpec;
  crashes: CrashPoint[];
  /** After a crash the activity is tried again; otherwise nobody goes on with the sync. */
  goesOn: boolean;
}

export type Command =
  | Change
  | SyncCommand
  | { kind: 'approve' }
  | { kind: 'wait'; hours: number }
  /** From the key to the feed, or back. */
  | { kind: 'switch' };

const pick = fc.nat(30);
const day = fc.integer({ min: -40, max: 60 });

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add'), sort: sorts(), day }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit'),
      pick,
      what: fc.constantFrom('title', 'cover', 'address', 'tags', 'online'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('describe'), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reschedule'), pick, day }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('cancel', 'transfer', 'unhide', 'vanish', 'return'),
      pick,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hide'),
      pick,
      visibility: fc.constantFrom('private', 'members-only'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel-many'), pick }) },
);

function sorts(): fc.Arbitrary<'managed' | 'external' | 'view' | 'private'> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<'managed'>('managed') },
    { weight: 2, arbitrary: fc.constantFrom<'external' | 'view' | 'private'>('external', 'view', 'private') },
  );
}

const onRequest = fc.integer({ min: 1, max: 4 });
const endpoint = fc.constantFrom('list' as const, 'event' as const, 'feed' as const);
const fault: fc.Arbitrary<FaultSpec> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<FaultSpec>({ kind: 'empty' }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<FaultSpec>(
      { kind: 'forbidden' },
      { kind: 'rejected-key' },
      { kind: 'server-error' },
      { kind: 'flaky', endpoint: 'list' },
      { kind: 'html' },
      { kind: 'duplicates' },
      { kind: 'missing-cursor', onRequest: 2 },
      { kind: 'repeated-cursor', onRequest: 2 },
      { kind: 'cut-feed' },
      { kind: 'gateway', status: 302 },
    ),
  },
  fc.record({
    kind: fc.constantFrom('server-error', 'reset', 'cut-body', 'html', 'malformed-json', 'rate-limit'),
    endpoint,
    onRequest,
    times: fc.integer({ min: 1, max: 6 }),
  }) as fc.Arbitrary<FaultSpec>,
  fc.record({
    kind: fc.constant('missing-field'),
    field: fc.constantFrom('cover_url', 'visibility', 'geo_address_json', 'url', 'tags', 'access'),
  }),
  fc.record({
    kind: fc.constant('missing-field'),
    endpoint: fc.constant('feed'),
    field: fc.constantFrom('DTSTART', 'DTEND', 'SUMMARY', 'DESCRIPTION', 'LOCATION', 'GEO'),
  }) as fc.Arbitrary<FaultSpec>,
  fc.record({
    kind: fc.constant('override'),
    endpoint: fc.constant('feed'),
    nth: fc.integer({ min: 1, max: 8 }),
    fields: fc.constantFrom<Record<string, unknown>>(
      { DTSTART: 'soon' },
      { DTEND: '19990101T000000Z' },
      { UID: 'x@other.example' },
      { SUMMARY: 'x'.repeat(10_000) },
      { GEO: '95;13' },
    ),
  }) as fc.Arbitrary<FaultSpec>,
  fc.record({
    kind: fc.constant('changed-type'),
    field: fc.constantFrom('cover_url', 'geo_address_json', 'meeting_url'),
  }),
  fc.record({
    kind: fc.constant('override'),
    nth: fc.integer({ min: 1, max: 8 }),
    fields: fc.constantFrom<Record<string, unknown>>(
      { start_at: 'soon' },
      { timezone: 'Mars/Olympus' },
      { id: null },
      { name: 'x'.repeat(10_000) },
      { end_at: '1999-01-01T00:00:00.000Z' },
    ),
  }),
);

const when = fc.constantFrom('before' as const, 'midway' as const, 'after' as const);
const crashPoint: fc.Arbitrary<CrashPoint> = fc.oneof(
  fc.record({ write: fc.integer({ min: 1, max: 24 }), when }),
  // Most syncs write to these once or twice, or not at all: by number alone they would seldom be met.
  fc.record({
    collection: fc.constantFrom('events', 'removed_events', 'event_states', 'held_removals'),
    write: fc.integer({ min: 1, max: 3 }),
    when,
  }),
);

const window = fc
  .tuple(fc.integer({ min: -50, max: 40 }), fc.integer({ min: 5, max: 60 }))
  .map(([after, length]) => ({ after, before: after + length }));

const CLEAN: SyncCommand = { kind: 'sync', crashes: [], goesOn: true };
const sync: fc.Arbitrary<SyncCommand> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(CLEAN) },
  { weight: 1, arbitrary: window.map((of) => ({ ...CLEAN, window: of })) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sync'),
      crashes: fc.array(crashPoint, { minLength: 1, maxLength: 2 }),
      goesOn: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant('sync'),
        fault,
        crashes: fc.array(crashPoint, { maxLength: 1 }),
        goesOn: fc.boolean(),
        window,
      },
      { requiredKeys: ['kind', 'fault', 'crashes', 'goesOn'] },
    ),
  },
);

/** A calendar to begin with, and what happens to it and to its syncs. */
export const histories = fc.record({
  events: fc.array(fc.record({ sort: sorts(), day }), { minLength: 4, maxLength: 14, size: 'max' }),
  commands: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: change },
      { weight: 5, arbitrary: sync },
      { weight: 1, arbitrary: fc.constant<Command>({ kind: 'approve' }) },
      { weight: 2, arbitrary: fc.constant<Command>({ kind: 'switch' }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('wait'), hours: fc.integer({ min: 1, max: 30 }) }),
      },
    ),
    { minLength: 4, maxLength: 12, size: 'max' },
  ),
  source: fc.constantFrom('api' as const, 'api' as const, 'ical' as const),
  pageSize: fc.integer({ min: 1, max: 8 }),
  pagesASlice: fc.integer({ min: 1, max: 3 }),
  budget: fc.constantFrom(12, 30, 200),
  detailsASync: fc.constantFrom(2, 6, 100),
  inFlight: fc.integer({ min: 1, max: 3 }),
});

export type History = typeof histories extends fc.Arbitrary<infer T> ? T : never;
