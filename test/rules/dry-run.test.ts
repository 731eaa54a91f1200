import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daily, external, inDays, useDesk } from './support.js';

const desk = useDesk();

async function wholeDatabase(): Promise<Record<string, unknown[]>> {
  const { db } = desk.rig.store;
  const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
  const docs = await Promise.all(
    names.map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const),
  );
  return Object.fromEntries(docs.filter(([, all]) => all.length > 0));
}

async function withoutReport(syncId: string) {
  const { sync_runs: runs = [], ...rest } = await wholeDatabase();
  const others = runs.filter((run) => (run as { _id: unknown })._id !== syncId);
  return others.length === 0 ? rest : { ...rest, sync_runs: others };
}

test('a dry run of an organization that was never synced writes its report and nothing else', async () => {
  await desk.begin([...daily(3), ...external(1)]);
  const key = desk.calendar.key;
  await desk.rig.store.db
    .collection<{ _id: string }>('organizations')
    .updateOne({ _id: desk.orgId }, { $set: { lumaApiKey: key } });
  const before = await wholeDatabase();

  const synced = await desk.sync({ dryRun: true });

  expect(synced).toMatchObject({ state: 'complete', events: { inserted: 4, removed: 0 } });
  expect(await withoutReport(synced.syncId)).toEqual(before);
  const report = await desk.run(synced.syncId);
  expect(report).toMatchObject({ state: 'complete', dryRun: true });
  expect(report?.preview?.inserted?.map(({ title }) => title).toSorted()).toEqual([
    'Elsewhere 1',
    'Event 1',
    'Event 2',
    'Event 3',
  ]);
  expect(report?.preview?.unknown?.join()).toMatch(/descriptions: 3 events/);
});

test('a dry run shows what would be inserted, changed, hidden and removed, and changes nothing', async () => {
  await desk.begin([...daily(10), ...external(1)]);
  await desk.sync();
  desk.calendar.editEvent('evt-1', { name: 'Renamed' });
  desk.calendar.cancel('evt-2');
  desk.calendar.transfer('evt-3');
  desk.calendar.hide('evt-4');
  desk.calendar.addEvent({ id: 'evt-new', name: 'New' });
  desk.calendar.setFault({ kind: 'override', eventId: 'evt-5', fields: { start_at: 'soon' } });
  desk.calendar.setFault({ kind: 'missing-field', field: 'cover_url' });
  const before = await wholeDatabase();

  const synced = await desk.sync({ dryRun: true });

  expect(await withoutReport(synced.syncId)).toEqual(before);
  expect(synced.events).toMatchObject({ inserted: 1, changed: 1, removed: 3, held: 0, quarantined: 1 });
  expect((await desk.run(synced.syncId))?.preview).toMatchObject({
    inserted: [{ lumaEventId: 'evt-new', title: 'New' }],
    changed: [{ lumaEventId: 'evt-1', fields: { title: { from: 'Event 1', to: 'Renamed' } } }],
    hidden: [{ lumaEventId: 'evt-4', reason: 'not-public' }],
    removed: [
      { lumaEventId: 'evt-2', reason: 'canceled' },
      { lumaEventId: 'evt-3', reason: 'no-longer-managed' },
    ],
  });
  expect((await desk.sync()).events).toMatchObject({ inserted: 1, changed: 1, removed: 3, quarantined: 1 });
});

test('a dry run shows what would be held, and holds nothing', async () => {
  await desk.begin(daily(8));
  await desk.sync();
  for (const { id } of daily(6)) desk.calendar.cancel(id ?? '');
  const before = await wholeDatabase();
  const synced = await desk.sync({ dryRun: true });
  expect(synced.events).toMatchObject({ removed: 0, held: 6 });
  expect(await withoutReport(synced.syncId)).toEqual(before);
});

test.each(['forbidden', 'html', 'rejected-key'] as const)(
  'a dry run that meets %s leaves no trace either',
  async (kind) => {
    await desk.begin(daily(2));
    await desk.sync();
    desk.calendar.setFault({ kind });
    const before = await wholeDatabase();
    const synced = await desk.sync({ dryRun: true });
    expect(synced.state).toBe('failed');
    expect(await withoutReport(synced.syncId)).toEqual(before);
  },
);

test('a dry run holds what a real sync holds where most of a calendar stops being public', async () => {
  await desk.begin(daily(8));
  await desk.sync();
  for (const { id } of daily(7)) desk.calendar.hide(id ?? '');
  const foretold = await desk.sync({ dryRun: true });
  expect(foretold.events).toMatchObject({ removed: 0, held: 7 });
  expect((await desk.run(foretold.syncId))?.preview).toMatchObject({ hidden: [], removed: [] });
  expect((await desk.sync()).events).toEqual(foretold.events);
});

test('a dry run counts new events for the guard, as a real sync does', async () => {
  await desk.begin(daily(20));
  await desk.sync();
  for (const { id } of daily(5)) desk.calendar.cancel(id ?? '');
  const foretold = async () => (await desk.sync({ dryRun: true })).events;
  expect(await foretold()).toMatchObject({ removed: 0, held: 5 });
  for (let nth = 0; nth < 10; nth++) desk.calendar.addEvent({ id: `evt-new-${nth}`, name: 'New' });
  expect(await foretold()).toMatchObject({ inserted: 10, removed: 5, held: 0 });
  expect((await desk.sync()).events).toMatchObject({ inserted: 10, removed: 5, held: 0 });
});

test('a dry run shows what has changed of events that a window does not list', async () => {
  await desk.begin(daily(3));
  await desk.sync();
  desk.calendar.reschedule('evt-2', inDays(60));
  const window = { before: inDays(30).toISOString() };
  const foretold = await desk.sync({ dryRun: true, window });
  expect(foretold.events).toMatchObject({ changed: 1, removed: 0 });
  expect((await desk.run(foretold.syncId))?.preview?.changed).toMatchObject([
    { lumaEventId: 'evt-2', fields: { startAt: { to: inDays(60) } } },
  ]);
  expect((await desk.sync({ window })).events).toEqual(foretold.events);
});

type Fate = 'as it was' | 'renamed' | 'canceled' | 'transferred' | 'hidden' | 'unreadable';

test('whatever becomes of a calendar, a dry run foretells what the sync after it does', async () => {
  const fate = fc.constantFrom<Fate>(
    'as it was',
    'renamed',
    'canceled',
    'transferred',
    'hidden',
    'unreadable',
  );
  const story = fc.record({
    fates: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant<Fate>('as it was') }, fate), {
      minLength: 1,
      maxLength: 14,
    }),
    added: fc.nat(8),
    again: fc.boolean(),
  });
  const meet = (id: string, what: Fate) => {
    if (what === 'renamed') desk.calendar.editEvent(id, { name: 'Renamed' });
    if (what === 'canceled') desk.calendar.cancel(id);
    if (what === 'transferred') desk.calendar.transfer(id);
    if (what === 'hidden') desk.calendar.hide(id);
    if (what === 'unreadable') {
      desk.calendar.setFault({ kind: 'override', eventId: id, fields: { start_at: 'soon' } });
    }
  };
  await fc.assert(
    fc.asyncProperty(story, async ({ fates, added, again }) => {
      await desk.begin([...daily(fates.length), ...external(3)]);
      await desk.sync();
      for (const [nth, what] of fates.entries()) meet(`evt-${nth + 1}`, what);
      for (let nth = 0; nth < added; nth++) desk.calendar.addEvent({ id: `evt-new-${nth}`, name: 'New' });
      // What waits from an earlier sync counts, too.
      if (again) await desk.sync();
      const foretold = await desk.sync({ dryRun: true });
      expect((await desk.sync()).events).toEqual(foretold.events);
    }),
    { numRuns: 12 },
  );
});
