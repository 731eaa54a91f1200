import { describe, expect, test } from 'vitest';
import { ask, calendarAt, fakeLuma } from './support/ask.js';

const path = '/v1/calendars/get';

/** A clock that moves only when told. */
const START_MS = Date.parse('2026-10-05T09:00:00.250Z');
const still = { clock: () => START_MS };

describe('the budget', () => {
  test('is told on every answer, refusals included', async () => {
    const { fake } = await fakeLuma({ limit: 5, ...still });
    const remaining = async (route: string): Promise<string | null> =>
      (await ask(fake, route)).headers.get('x-ratelimit-remaining');
    expect(await remaining(path)).toBe('4');
    expect(await remaining('/v1/events/get?event_id=evt-unknown')).toBe('3');
    expect(await remaining('/v1/calendars/events/list?after=soon')).toBe('2');
  });

  test('comes back when the window is over', async () => {
    const { fake } = await fakeLuma({ limit: 2, windowMs: 10_000, ...still });
    await ask(fake, path);
    fake.advanceTime(9000);
    const second = await ask(fake, path);
    expect(second.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(second.headers.get('x-ratelimit-reset')).toBe('1');
    fake.advanceTime(1000);
    const third = await ask(fake, path);
    expect([third.status, third.headers.get('x-ratelimit-remaining')]).toEqual([200, '1']);
  });

  test('belongs to one calendar', async () => {
    const { fake } = await fakeLuma({ calendars: 2, limit: 1 });
    const [first, second] = [calendarAt(fake, 0), calendarAt(fake, 1)];
    await ask(fake, path, first.key);
    expect((await ask(fake, path, first.key)).status).toBe(429);
    expect((await ask(fake, path, second.key)).status).toBe(200);
  });

  test('may differ from calendar to calendar', async () => {
    const { fake } = await fakeLuma({ calendars: [{ rateLimit: { limit: 3 } }, {}] });
    const limit = async (index: number): Promise<string | null> =>
      (await ask(fake, path, calendarAt(fake, index).key)).headers.get('x-ratelimit-limit');
    expect([await limit(0), await limit(1)]).toEqual(['3', '200']);
  });
});

describe('going over', () => {
  test('is a 429 and a block of its own length, during which every request is refused and counted', async () => {
    const { fake, calendar } = await fakeLuma({ limit: 1, windowMs: 1000, blockMs: 30_000, ...still });
    await ask(fake, path);
    const over = await ask(fake, path);
    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBe('30');
    expect(over.headers.get('x-ratelimit-reset')).toBe('30');
    expect(over.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(over.json.message).toBeTypeOf('string');
    expect(fake.stats()).toMatchObject({ blocks: 1, requestsDuringBlock: 0 });

    fake.advanceTime(29_500);
    const early = await ask(fake, path);
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
    expect(fake.stats().calendars[calendar.id]).toMatchObject({ blocks: 1, requestsDuringBlock: 1 });

    fake.advanceTime(500);
    const after = await ask(fake, path);
    expect([after.status, after.headers.get('retry-after')]).toEqual([200, null]);
    fake.resetStats();
    expect(fake.stats()).toMatchObject({ requests: 0, blocks: 0, requestsDuringBlock: 0 });
  });

  test('whoever waits as long as told, in whole seconds, is let in', async () => {
    const { fake } = await fakeLuma({ limit: 1, blockMs: 1300, ...still });
    await ask(fake, path);
    const waitSeconds = Number((await ask(fake, path)).headers.get('retry-after'));
    expect(waitSeconds).toBe(2);
    fake.advanceTime(waitSeconds * 1000);
    expect((await ask(fake, path)).status).toBe(200);
  });

  test('a clock of the caller decides when a block is over', async () => {
    let nowMs = START_MS;
    const { fake } = await fakeLuma({ limit: 1, clock: () => Promise.resolve(nowMs) });
    await ask(fake, path);
    expect((await ask(fake, path)).status).toBe(429);
    nowMs += 60_000;
    expect((await ask(fake, path)).status).toBe(200);
  });
});

describe('the form of the headers', () => {
  const over = async (options: Parameters<typeof fakeLuma>[0]): Promise<Headers> => {
    const { fake } = await fakeLuma({ limit: 1, blockMs: 30_000, ...still, ...options });
    await ask(fake, path);
    return (await ask(fake, path)).headers;
  };

  test('epoch seconds, rounded up', async () => {
    const headers = await over({ resetFormat: 'epoch' });
    expect(headers.get('x-ratelimit-reset')).toBe(String(Math.ceil((START_MS + 30_000) / 1000)));
    expect(headers.get('date')).toBe('Mon, 05 Oct 2026 09:00:00 GMT');
  });

  test('epoch milliseconds', async () => {
    expect((await over({ resetFormat: 'epoch-ms' })).get('x-ratelimit-reset')).toBe(
      String(START_MS + 30_000),
    );
  });

  test('Retry-After as a date, not before the end of the block', async () => {
    const headers = await over({ retryAfterFormat: 'http-date' });
    expect(headers.get('retry-after')).toBe('Mon, 05 Oct 2026 09:00:31 GMT');
  });

  test.each([
    ['seconds', '30'],
    ['fraction', '30.000'],
    ['rfc850', 'Monday, 05-Oct-26 09:00:31 GMT'],
    ['asctime', 'Mon Oct  5 09:00:31 2026'],
    ['zero', '0'],
  ] as const)('Retry-After in the form %s', async (retryAfterFormat, expected) => {
    expect((await over({ retryAfterFormat })).get('retry-after')).toBe(expected);
  });

  test.each([
    ['fraction', '30.000'],
    ['iso', '2026-10-05T09:00:30.250Z'],
    ['none', null],
  ] as const)('the reset in the form %s', async (resetFormat, expected) => {
    expect((await over({ resetFormat })).get('x-ratelimit-reset')).toBe(expected);
  });

  test('Retry-After left out', async () => {
    const headers = await over({ retryAfterFormat: 'none' });
    expect(headers.get('retry-after')).toBeNull();
    expect(headers.get('x-ratelimit-reset')).toBe('30');
  });

  test('all left out', async () => {
    const headers = await over({ rateLimitHeaders: false });
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after']) {
      expect(headers.get(name)).toBeNull();
    }
  });
});
