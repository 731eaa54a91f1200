import { expect, it } from 'vitest';
import { startFakeLuma, type FakeLumaOptions } from '../../packages/fake-luma/src/index.js';
import { fetchLumaEvents } from '../../src/luma/fetch-luma-events.js';

/** With a fraction of a second, so that rounding shows. */
const START_MS = Date.parse('2026-10-05T09:00:00.750Z');

/** Walks a listing of six pages with a budget of four requests a minute, whose pauses move the fake's clock. */
async function walk(options: FakeLumaOptions) {
  const began = performance.now();
  const fake = await startFakeLuma({
    ...{ seed: 3, eventsPerCalendar: 12, maxPageSize: 2, limit: 4, blockMs: 94_997 },
    // It runs as ours does.
    clock: () => START_MS + performance.now() - began,
    ...options,
  });
  try {
    const calendar = fake.calendars[0];
    if (calendar === undefined) throw new Error('no calendar');
    // Another program uses the budget up: the first request meets the block.
    fake.calendar(calendar.id).setFault({ kind: 'rate-limit', times: 1 });
    let events = 0;
    const pauses: number[] = [];
    const listing = fetchLumaEvents(calendar.key, {
      baseUrl: fake.url,
      onPause: ({ pauseMs, reason }) => {
        if (reason === 'rate-limited') pauses.push(pauseMs);
      },
      sleep: (ms) => {
        fake.advanceTime(ms);
        return Promise.resolve();
      },
    });
    for await (const page of listing) events += page.events.length + page.quarantined.length;
    return { events, listed: calendar.events, pauses, early: fake.stats().requestsDuringBlock };
  } finally {
    await fake.close();
  }
}

const RETRY_AFTER = ['seconds', 'fraction', 'http-date', 'rfc850', 'asctime', 'none'] as const;
const RESET = ['seconds', 'fraction', 'epoch', 'epoch-ms', 'iso', 'none'] as const;
const PAIRS = RETRY_AFTER.flatMap((retryAfterFormat) =>
  RESET.filter((resetFormat) => retryAfterFormat !== 'none' || resetFormat !== 'none').map(
    (resetFormat) => [retryAfterFormat, resetFormat] as const,
  ),
);

it.each(PAIRS)(
  'Retry-After as %s and the reset as %s: nothing is asked in the block',
  async (retryAfterFormat, resetFormat) => {
    const { events, listed, pauses, early } = await walk({ retryAfterFormat, resetFormat });
    expect(early).toBe(0);
    expect(events).toBe(listed);
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeLessThan(98_000);
  },
);

it('a header that says 0 is believed once; the second pause is longer than the block', async () => {
  const { events, listed, pauses, early } = await walk({
    retryAfterFormat: 'zero',
    resetFormat: 'none',
    blockMs: 60_000,
  });
  expect(pauses).toEqual([1_000, 61_000]);
  expect(early).toBe(1);
  expect(events).toBe(listed);
});

it('without a header the second pause is longer, should the first have been too short', async () => {
  const { pauses, early } = await walk({ rateLimitHeaders: false, limit: 200 });
  expect(pauses).toEqual([61_000, 122_000]);
  expect(early).toBe(1);
});
