import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultSpec } from '../../packages/fake-luma/src/index.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { useRig } from '../support/rig.js';
import { failureOf, run } from './support/activities.js';

const rig = useRig();

const calendarOfAnySort = fc.record({
  events: fc.array(
    fc.record({
      visibility: fc.constantFrom('public', 'public', 'public', 'private', 'members-only'),
      platform: fc.constantFrom('luma' as const, 'luma' as const, 'external' as const),
      /** Few starts, so that some events share theirs. */
      day: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 25 },
  ),
  maxPageSize: fc.integer({ min: 1, max: 12 }),
  entriesPerPage: fc.integer({ min: 1, max: 20 }),
  slicePages: fc.integer({ min: 1, max: 5 }),
  limit: fc.constantFrom(3, 10, 200),
  rateLimitedOn: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
  failingOn: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
  duplicates: fc.boolean(),
});

test('whatever the page sizes, limits, 429s and failures: exactly the calendar’s events arrive, once', async () => {
  await fc.assert(
    fc.asyncProperty(calendarOfAnySort, async (drawn) => {
      const once = (kind: 'rate-limit' | 'server-error') => (onRequest: number) =>
        ({ kind, endpoint: 'list', onRequest, times: 1 }) satisfies FaultSpec;
      const fake = await rig.startLuma({
        calendars: [
          {
            events: drawn.events.map(({ visibility, platform, day }, index) => ({
              id: `${platform === 'external' ? 'calev' : 'evt'}-${index}`,
              start_at: `2026-11-0${day}T18:00:00Z`,
              ...{ visibility, platform },
            })),
            faults: [
              ...drawn.rateLimitedOn.map(once('rate-limit')),
              // A 503 in place of the 429 would hide the block: nobody could know of it.
              ...drawn.failingOn
                .filter((nth) => !drawn.rateLimitedOn.includes(nth))
                .map(once('server-error')),
              ...(drawn.duplicates ? [{ kind: 'duplicates' } as const] : []),
            ],
          },
        ],
        maxPageSize: drawn.maxPageSize,
        limit: drawn.limit,
        windowMs: 10_000,
        blockMs: 5_000,
      });
      const orgId = await rig.addOrganization();
      const sync = await rig.openSync(orgId);
      const deps = rig.dependencies({
        slice: { pages: drawn.slicePages, entriesPerPage: drawn.entriesPerPage },
      });

      let appliedSeq = 0;
      for (let complete = false, calls = 0; !complete; calls++) {
        expect(calls).toBeLessThan(100);
        const slice = await run(deps, 'fetchLumaPages', sync).catch(async (error: unknown) => {
          expect((await failureOf(Promise.reject(error as Error))).type).toBe('LumaUnavailable');
          return null;
        });
        if (slice === null) continue;
        fake.advanceTime(slice.pauseMs);
        if (slice.throughSeq > appliedSeq) {
          const range = { fromSeq: appliedSeq + 1, throughSeq: slice.throughSeq };
          await run(deps, 'upsertEvents', { ...sync, phase: 'listing', ...range });
          appliedSeq = slice.throughSeq;
        }
        complete = slice.complete;
      }

      const held = await rig.store.db.collection<EventDoc>('events').find({ orgId }).toArray();
      const visible = fake.calendar(fake.calendars[0]?.id ?? '').visibleEvents();
      expect(held.map((event) => event.lumaEventId).sort()).toEqual(visible.map((event) => event.id).sort());
      expect(fake.stats().requestsDuringBlock).toBe(0);
    }),
    { numRuns: 15 },
  );
});
