import { afterAll, beforeEach, expect, test } from 'vitest';
import { connectLumaSync, RemovalAlreadyDecided } from '../../src/client.js';
import type { OrganizationDoc } from '../../src/mongo/documents.js';
import { storeOf } from '../../src/mongo/store.js';
import { applyAt, holdAt, seen } from '../mongo/support/store.js';
import { freshDatabase } from '../support/servers.js';

// Two programs, each with a connection of its own.
const { db, uri, name } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
const [ann, bob] = [
  connectLumaSync({ mongo: { uri, db: name } }),
  connectLumaSync({ mongo: { uri, db: name } }),
];
afterAll(() => Promise.all([ann.close(), bob.close()]));

const ROUNDS = 15;
const ids = Array.from({ length: ROUNDS }, (_, nth) => `evt-${nth}`);

beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
  const lumaSync = { calendarId: 'cal-1', state: 'ok', removalsHeld: ROUNDS };
  await db
    .collection<OrganizationDoc>('organizations')
    .insertOne({ _id: 'org', lumaSync } as OrganizationDoc);
  await applyAt(store, 'org', 0, { events: ids.map((id) => seen(id)) });
  await holdAt(store, 'org', 1, ...ids);
});

const held = async (id: string) =>
  (await ann.removals.list('org')).find(({ lumaEventId }) => lumaEventId === id);
const noted = async () =>
  (await db.collection<OrganizationDoc>('organizations').findOne({ _id: 'org' }))?.lumaSync?.removalsHeld;

test('of an approval and a rejection of what waits, at the same moment, one counts, and the other is told who was faster', async () => {
  for (const id of ids) {
    const answers = await Promise.allSettled([
      ann.removals.approve('org', [id], { by: 'Ann', onlyWaiting: true }),
      bob.removals.reject('org', [id], { by: 'Bob', onlyWaiting: true }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = answers[0].status === 'fulfilled' ? 'Ann' : 'Bob';
    const { decision, decidedBy, decidedAt } = (await held(id)) ?? {};
    expect({ decision, decidedBy }).toEqual({
      decision: winner === 'Ann' ? 'approved' : 'rejected',
      decidedBy: winner,
    });
    const [loser] = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    expect(loser).toBeInstanceOf(RemovalAlreadyDecided);
    expect(String(loser)).toContain(
      `nothing was decided: ${id} was ${decision} by ${winner} at ${decidedAt?.toISOString()}`,
    );
  }
  const history = await ann.removals.history({ orgId: 'org' });
  expect(history.map(({ lumaEventIds }) => lumaEventIds)).toEqual(ids.map((id) => [id]).reverse());
  expect(await noted()).toBeUndefined();
});

test('of two decisions about all that wait at the same moment one counts', async () => {
  const answers = await Promise.all([
    ann.removals.approve('org', 'all', { by: 'Ann' }),
    bob.removals.reject('org', 'all', { by: 'Bob' }),
  ]);
  expect(answers.map(({ decided }) => decided).sort()).toEqual([0, ROUNDS]);
  expect(new Set((await ann.removals.list('org')).map(({ decidedBy }) => decidedBy)).size).toBe(1);
  expect(await ann.removals.history()).toHaveLength(1);
});

test('decisions about different events at the same moment all count, and nothing is said to wait', async () => {
  const answers = await Promise.all(
    ids.map((id, nth) => (nth % 2 === 0 ? ann : bob).removals.approve('org', [id])),
  );
  expect(answers.every(({ decided }) => decided === 1)).toBe(true);
  expect(await noted()).toBeUndefined();
});
