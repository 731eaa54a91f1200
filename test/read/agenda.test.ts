import { afterEach, beforeAll, expect, it } from 'vitest';
import { ensureIndexes } from '../../src/mongo/collections.js';
import { agenda, type AgendaQuery, InvalidArgument } from '../../src/read/index.js';
import { freshDatabase } from '../support/servers.js';
import { eventDoc, store } from './support/events.js';

const { db } = freshDatabase();
beforeAll(() => ensureIndexes(db));
afterEach(() => db.collection('events').deleteMany({}));

async function days(query: AgendaQuery = {}): Promise<Record<string, string[]>> {
  const found = (await agenda(db, query)).days;
  return Object.fromEntries(
    found.map(({ day, events }) => [day, events.map(({ lumaEventId }) => lumaEventId)]),
  );
}

it('events are grouped by the day at their place, days and events in order', async () => {
  await store(
    db,
    eventDoc('evt-tokyo', { startAt: new Date('2090-11-03T16:00:00Z'), timezone: 'Asia/Tokyo' }),
    eventDoc('evt-la', { startAt: new Date('2090-11-04T02:00:00Z'), timezone: 'America/Los_Angeles' }),
    eventDoc('evt-ghent', { startAt: new Date('2090-11-03T20:00:00Z') }),
    eventDoc('evt-nowhere', { startAt: new Date('2090-11-04T10:00:00Z'), timezone: 'Moon/Base' }),
  );
  expect(await days()).toEqual({
    '2090-11-03': ['evt-ghent', 'evt-la'],
    '2090-11-04': ['evt-tokyo', 'evt-nowhere'],
  });
  expect(Object.keys(await days())).toEqual(['2090-11-03', '2090-11-04']);
});

it('or by the day of a visitor’s zone, summer time included', async () => {
  await store(
    db,
    eventDoc('evt-1', { startAt: new Date('2026-10-24T22:30:00Z'), timezone: 'Asia/Tokyo' }),
    eventDoc('evt-2', { startAt: new Date('2026-10-25T22:30:00Z'), timezone: 'Asia/Tokyo' }),
  );
  // Clocks go back an hour between the two.
  expect(await days({ timeZone: 'Europe/Brussels' })).toEqual({
    '2026-10-25': ['evt-1', 'evt-2'],
  });
  expect(await days({ timeZone: 'UTC' })).toEqual({ '2026-10-24': ['evt-1'], '2026-10-25': ['evt-2'] });
});

it('it takes what findEvents takes, and goes on by the same cursor', async () => {
  const start = Date.parse('2090-11-03T08:00:00Z');
  const docs = [0, 1, 2].map((n) => eventDoc(`evt-${n}`, { startAt: new Date(start + n * 3_600_000) }));
  await store(db, ...docs, eventDoc('evt-other', { orgId: 'other' }));
  const first = await agenda(db, { orgs: ['harbour'], limit: 2 });
  expect(first.days.map(({ events }) => events.length)).toEqual([2]);
  expect(await days({ orgs: ['harbour'], limit: 2, cursor: first.cursor })).toEqual({
    '2090-11-03': ['evt-2'],
  });
});

it('a time zone that there is not is refused', async () => {
  for (const timeZone of ['Moon/Base', '', 7]) {
    await expect(agenda(db, { timeZone: timeZone as string })).rejects.toThrow(InvalidArgument);
  }
});
