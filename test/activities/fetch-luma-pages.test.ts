import { describe, expect, test } from 'vitest';
import type { StagedPageDoc } from '../../src/mongo/documents.js';
import { useRig } from '../support/rig.js';
import { failureOf, run } from './support/activities.js';

const rig = useRig();

const staged = async (syncId: string) =>
  await rig.store.db.collection<StagedPageDoc>('staged_pages').find({ syncId }).sort({ seq: 1 }).toArray();
const idsOf = (pages: StagedPageDoc[]) =>
  pages.flatMap((page) => page.events.map((event) => event.lumaEventId));

/** Ten public events, so that with `maxPageSize: 2` there are five pages. */
const TEN = Array.from({ length: 10 }, (_, index) => ({
  id: `evt-${index}`,
  start_at: `2026-11-0${(index % 9) + 1}T1${Math.floor(index / 9)}:00:00Z`,
}));

describe('a slice', () => {
  test('of a small calendar is all of it, staged as the listing has it', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 4 });
    const sync = await rig.openSync(await rig.addOrganization());
    expect(await run(rig.dependencies(), 'fetchLumaPages', sync)).toMatchObject({
      throughSeq: 3,
      complete: true,
      requests: 3,
      pauseMs: 0,
    });
    const pages = await staged(sync.syncId);
    expect(pages.map(({ seq, entries, hasMore }) => [seq, entries, hasMore])).toEqual([
      [1, 4, true],
      [2, 4, true],
      [3, 2, false],
    ]);
    expect(new Set(idsOf(pages))).toEqual(new Set(TEN.map((event) => event.id)));
    expect(pages.map((page) => page.nextCursor === null)).toEqual([false, false, true]);
    expect(pages.every((page) => page.orgId === sync.orgId)).toBe(true);
  });

  test('of an empty calendar is one empty page', async () => {
    await rig.startLuma({ calendars: [{ events: [] }] });
    const sync = await rig.openSync(await rig.addOrganization());
    expect(await run(rig.dependencies(), 'fetchLumaPages', sync)).toMatchObject({
      throughSeq: 1,
      complete: true,
    });
    expect(await staged(sync.syncId)).toMatchObject([{ entries: 0, events: [] }]);
  });

  test('ends with its number of pages, and the next goes on behind it', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    const deps = rig.dependencies({ slice: { pages: 2 } });
    const slices = [];
    for (let call = 0; call < 4; call++) slices.push(await run(deps, 'fetchLumaPages', sync));
    expect(slices).toMatchObject([
      { throughSeq: 2, complete: false, requests: 2, pauseMs: 0 },
      { throughSeq: 4, complete: false, requests: 2, pauseMs: 0 },
      { throughSeq: 5, complete: true, requests: 1, pauseMs: 0 },
      { throughSeq: 5, complete: true, requests: 0, pauseMs: 0 },
    ]);
    expect(rig.luma.stats().requests).toBe(5);
    expect(idsOf(await staged(sync.syncId))).toHaveLength(10);
  });

  test('ends with its time; the page under way is finished', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    let nowMs = Date.parse('2090-11-03T18:00:00Z');
    const now = () => new Date((nowMs += 4_000));
    const slice = await run(rig.dependencies({ now, slice: { durationMs: 20_000 } }), 'fetchLumaPages', sync);
    expect(slice).toMatchObject({ throughSeq: 3, complete: false, pauseMs: 0 });
  });

  test('of one page is one page, where the workflow pauses between pages', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    const slice = await run(rig.dependencies(), 'fetchLumaPages', { ...sync, onePage: true });
    expect(slice).toMatchObject({ throughSeq: 1, complete: false, requests: 1 });
  });

  test('asks for the window that it is given, on every page', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    const window = { after: '2026-11-02T00:00:00Z', before: '2026-11-06T00:00:00Z' };
    const slice = await run(rig.dependencies(), 'fetchLumaPages', { ...sync, window });
    expect(slice).toMatchObject({ throughSeq: 2, complete: true });
    expect(idsOf(await staged(sync.syncId))).toEqual(['evt-1', 'evt-2', 'evt-3', 'evt-4']);
    for (const { query } of rig.luma.requests) {
      expect(query).toMatchObject({ after: [window.after], before: [window.before] });
    }
  });

  test('asks for as many entries as it is set to', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }] });
    const sync = await rig.openSync(await rig.addOrganization());
    await run(rig.dependencies({ slice: { entriesPerPage: 7 } }), 'fetchLumaPages', sync);
    expect(rig.luma.requests[0]?.query.pagination_limit).toEqual(['7']);
    expect((await staged(sync.syncId)).map((page) => page.entries)).toEqual([7, 3]);
  });
});

describe('what is staged', () => {
  test('keeps events that the organization does not store apart, by id only', async () => {
    await rig.startLuma({
      calendars: [
        {
          events: [
            { id: 'evt-p', visibility: 'public' },
            { id: 'evt-m', visibility: 'members-only', name: 'Members' },
            { id: 'evt-x', visibility: 'private', name: 'Board' },
          ],
        },
      ],
    });
    const orgId = await rig.addOrganization();
    const strict = await rig.openSync(orgId);
    await run(rig.dependencies(), 'fetchLumaPages', strict);
    const [page] = await staged(strict.syncId);
    expect(page?.events.map((event) => event.lumaEventId)).toEqual(['evt-p']);
    expect(page?.hidden).toHaveLength(2);
    expect(JSON.stringify(page?.hidden)).not.toMatch(/Members|Board/);

    await rig.store.db
      .collection<{ _id: string }>('organizations')
      .updateOne({ _id: orgId }, { $set: { lumaVisibility: 'members-only' } });
    const wider = await rig.openSync(orgId);
    await run(rig.dependencies(), 'fetchLumaPages', wider);
    const [widerPage] = await staged(wider.syncId);
    expect(widerPage?.events.map((event) => event.lumaEventId).sort()).toEqual(['evt-m', 'evt-p']);
    expect(widerPage?.hidden).toEqual([{ lumaEventId: 'evt-x', visibility: 'private' }]);
  });

  test('holds an entry that cannot be trusted by its reasons, and the others as they are', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }] });
    rig.luma
      .calendar(rig.luma.calendars[0]?.id ?? '')
      .setFault({ kind: 'override', eventId: 'evt-3', fields: { start_at: 'soon' } });
    const sync = await rig.openSync(await rig.addOrganization());
    await run(rig.dependencies(), 'fetchLumaPages', sync);
    const [page] = await staged(sync.syncId);
    expect(page?.events).toHaveLength(9);
    expect(page?.quarantined).toMatchObject([
      { lumaEventId: 'evt-3', problems: [{ path: 'start_at', problem: 'not-a-date' }] },
    ]);
  });
});

describe('Luma asking for a pause', () => {
  const limited = (onRequest: number) =>
    rig.startLuma({
      calendars: [
        {
          events: TEN,
          faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest, times: 1, blockMs: 30_000 }],
        },
      ],
      maxPageSize: 2,
    });

  test('on the first page is a pause, not an empty calendar', async () => {
    await limited(1);
    const sync = await rig.openSync(await rig.addOrganization());
    const slice = await run(rig.dependencies(), 'fetchLumaPages', sync);
    expect(slice).toMatchObject({ throughSeq: 0, complete: false, requests: 1 });
    expect(slice.pauseMs).toBeGreaterThanOrEqual(30_000);
    expect(await staged(sync.syncId)).toEqual([]);
  });

  test('in the middle keeps what is staged, and the listing goes on behind it', async () => {
    await limited(3);
    const sync = await rig.openSync(await rig.addOrganization());
    const slice = await run(rig.dependencies(), 'fetchLumaPages', sync);
    expect(slice).toMatchObject({ throughSeq: 2, complete: false, requests: 3 });
    expect(await staged(sync.syncId)).toHaveLength(2);
    rig.luma.advanceTime(slice.pauseMs);
    const rest = await run(rig.dependencies(), 'fetchLumaPages', sync);
    expect(rest).toMatchObject({ throughSeq: 5, complete: true, requests: 3, pauseMs: 0 });
    expect(idsOf(await staged(sync.syncId))).toHaveLength(10);
    expect(rig.luma.stats().requestsDuringBlock).toBe(0);
  });

  test('by a budget that is nearly used up is asked for before the budget is', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 1, limit: 5, windowMs: 20_000 });
    const sync = await rig.openSync(await rig.addOrganization());
    let pauses = 0;
    for (let complete = false; !complete;) {
      const slice = await run(rig.dependencies(), 'fetchLumaPages', sync);
      complete = slice.complete;
      if (slice.pauseMs > 0) pauses++;
      rig.luma.advanceTime(slice.pauseMs);
    }
    expect(pauses).toBe(1);
    expect(rig.luma.stats()).toMatchObject({ requests: 10, blocks: 0 });
  });

  test('after the last page changes nothing: the listing is complete', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], limit: 1 });
    const slice = await run(
      rig.dependencies(),
      'fetchLumaPages',
      await rig.openSync(await rig.addOrganization()),
    );
    expect(slice).toMatchObject({ throughSeq: 1, complete: true, requests: 1, pauseMs: 0 });
  });
});

describe('a listing that cannot be followed is a final failure', () => {
  test.each([
    ['a repeated cursor', { kind: 'repeated-cursor', onRequest: 2 }],
    ['more pages and no cursor', { kind: 'missing-cursor', onRequest: 2 }],
  ] as const)('%s', async (_, fault) => {
    await rig.startLuma({ calendars: [{ events: TEN, faults: [fault] }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    const failure = await failureOf(run(rig.dependencies(), 'fetchLumaPages', sync));
    expect(failure).toMatchObject({ type: 'LumaPaginationBroken', nonRetryable: true });
    expect(await staged(sync.syncId)).toHaveLength(1);
  });

  test('a cursor of many pages ago, met by another attempt', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const sync = await rig.openSync(await rig.addOrganization());
    await run(rig.dependencies({ slice: { pages: 3 } }), 'fetchLumaPages', sync);
    const [first] = await staged(sync.syncId);
    const { luma } = rig.dependencies();
    const circular = {
      ...luma,
      listEvents: async (...args: Parameters<typeof luma.listEvents>) => {
        const answer = await luma.listEvents(...args);
        return { ...answer, value: { ...answer.value, nextCursor: first?.nextCursor ?? null } };
      },
    };
    const failure = await failureOf(run(rig.dependencies({ luma: circular }), 'fetchLumaPages', sync));
    expect(failure.type).toBe('LumaPaginationBroken');
    expect(await staged(sync.syncId)).toHaveLength(3);
  });

  test('more pages than any calendar has; exactly as many are fine', async () => {
    await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
    const orgId = await rig.addOrganization();
    const long = await rig.openSync(orgId);
    const failure = await failureOf(
      run(rig.dependencies({ slice: { listingPages: 4 } }), 'fetchLumaPages', long),
    );
    expect(failure).toMatchObject({ type: 'LumaPaginationBroken', nonRetryable: true });
    expect(failure.message).toContain('more than 4 pages');
    const exact = await rig.openSync(orgId);
    const slice = await run(rig.dependencies({ slice: { listingPages: 5 } }), 'fetchLumaPages', exact);
    expect(slice.complete).toBe(true);
  });
});

describe('something else than a calendar', () => {
  const spoiled = { kind: 'override', fields: { start_at: 'soon' } } as const;
  const nothing = { kind: 'override', fields: { id: 'x', start_at: null } } as const;

  test.each([
    ['HTML', 10, { kind: 'html' }],
    ['JSON that is none', 10, { kind: 'malformed-json' }],
    ['entries of which none looks like an event', 10, nothing],
    ['pages of which none has an entry that looks like an event', 2, nothing],
  ] as const)('answers with %s: a final failure', async (_, maxPageSize, fault) => {
    await rig.startLuma({ calendars: [{ events: TEN, faults: [fault] }], maxPageSize });
    const failure = await failureOf(
      run(rig.dependencies(), 'fetchLumaPages', await rig.openSync(await rig.addOrganization())),
    );
    expect(failure).toMatchObject({ type: 'LumaContractBroken', nonRetryable: true });
  });

  test.each([
    ['no entry is usable', 10, spoiled],
    ['the only entry is not usable', 1, { ...spoiled, nth: 1 }],
    ['a further page holds nothing usable', 2, { ...spoiled, onRequest: 2, times: 1 }],
    ['a further page holds nothing that looks like an event', 2, { ...nothing, onRequest: 2, times: 1 }],
  ] as const)(
    'does not answer where %s: the rest is staged, and that is quarantined',
    async (_, size, fault) => {
      await rig.startLuma({ calendars: [{ events: TEN, faults: [fault] }], maxPageSize: size });
      const sync = await rig.openSync(await rig.addOrganization());
      const slice = await run(rig.dependencies(), 'fetchLumaPages', sync);
      expect(slice).toMatchObject({ complete: true });
      const pages = await staged(sync.syncId);
      const quarantined = pages.flatMap((page) => page.quarantined);
      expect(quarantined.length).toBeGreaterThan(0);
      expect(idsOf(pages)).toHaveLength(10 - quarantined.length);
    },
  );
});

describe('a Luma that cannot be reached', () => {
  const troubles = [{ kind: 'server-error' }, { kind: 'reset' }, { kind: 'cut-body' }] as const;

  test.each(troubles)(
    'is told with what was staged, and the next call goes on behind it: %o',
    async (fault) => {
      await rig.startLuma({
        calendars: [{ events: TEN, faults: [{ ...fault, onRequest: 3, times: 1 }] }],
        maxPageSize: 2,
      });
      const sync = await rig.openSync(await rig.addOrganization());
      const first = await run(rig.dependencies(), 'fetchLumaPages', sync);
      expect(first).toMatchObject({ throughSeq: 2, complete: false, requests: 3, pauseMs: 0 });
      expect(first.trouble).toMatch(/^Luma cannot be reached/);

      const second = await run(rig.dependencies(), 'fetchLumaPages', sync);
      expect(second).toMatchObject({ throughSeq: 5, complete: true, requests: 3, pauseMs: 0 });
      expect(idsOf(await staged(sync.syncId))).toHaveLength(10);
    },
  );
});

describe('an attempt that fails', () => {
  test.each([
    ['LumaKeyRejected', { kind: 'rejected-key' }],
    ['LumaForbidden', { kind: 'forbidden' }],
  ] as const)('as %s is final', async (type, fault) => {
    await rig.startLuma({ calendars: [{ faults: [fault] }] });
    const failure = await failureOf(
      run(rig.dependencies(), 'fetchLumaPages', await rig.openSync(await rig.addOrganization())),
    );
    expect(failure).toMatchObject({ type, nonRetryable: true });
  });
});
