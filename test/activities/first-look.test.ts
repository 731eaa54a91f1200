import { describe, expect, test } from 'vitest';
import type { EventSpec } from '../../packages/fake-luma/src/index.js';
import { useRig } from '../support/rig.js';
import { failureOf, openInput, run } from './support/activities.js';

const rig = useRig();
const calendar = () => rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
const described = (count: number): EventSpec[] =>
  Array.from({ length: count }, (_, nth) => ({
    id: `evt-${nth}`,
    description_md: 'Said in the list',
    start_at: `2090-12-0${nth + 1}T18:00:00Z`,
  }));
const organization = async (_id: string) =>
  await rig.store.db.collection<{ _id: string }>('organizations').findOne({ _id });
const reports = async () => await rig.store.db.collection('sync_runs').find().toArray();

/** An organization whose calendar is stored as it is: only a first look away from its end. */
async function synced(events = described(5), maxPageSize = 100): Promise<string> {
  await rig.startLuma({ calendars: [{ events }], maxPageSize, listDescriptions: true });
  const orgId = await rig.addOrganization();
  const input = openInput(orgId);
  const { slice } = await run(rig.dependencies(), 'firstLook', input);
  const pages = { phase: 'listing' as const, fromSeq: 1, throughSeq: slice?.throughSeq ?? 0 };
  await run(rig.dependencies(), 'upsertEvents', { ...input, ...pages });
  return orgId;
}

describe('a first look', () => {
  test('at a calendar without news closes the sync: report, state, and no event written', async () => {
    const orgId = await synced();
    const before = await rig.store.events.list({ orgId, limit: 10 });
    const input = openInput(orgId);
    const look = await run(rig.dependencies(), 'firstLook', input);
    expect(look.closed).toMatchObject({ drift: [] });
    expect(await organization(orgId)).toMatchObject({ lumaSync: { state: 'ok', syncId: input.syncId } });
    expect((await reports()).find(({ _id }) => String(_id) === input.syncId)).toMatchObject({
      ...{ state: 'complete', pages: 1, requests: 2 },
      events: { seen: 5, unchanged: 5, inserted: 0, changed: 0 },
    });
    expect(await rig.store.events.list({ orgId, limit: 10 })).toEqual(before);
  });

  test('that took too long, and closed the sync all the same, is gone on behind', async () => {
    const orgId = await synced();
    const input = openInput(orgId);
    await run(rig.dependencies(), 'firstLook', input);
    // Nobody has heard of it: the sync goes the ordinary way.
    await run(rig.dependencies(), 'openOrgSync', input);
    expect(await run(rig.dependencies(), 'fetchLumaPages', input)).toMatchObject({ complete: true });
    await rig.store.fences.end(orgId, input.syncId);
    expect(await failureOf(run(rig.dependencies(), 'openOrgSync', input))).toMatchObject({
      type: 'SyncOvertaken',
    });
  });

  test('that begins once the sync goes on without it does nothing', async () => {
    const orgId = await synced();
    const input = openInput(orgId);
    await run(rig.dependencies(), 'openOrgSync', input);
    expect(await failureOf(run(rig.dependencies(), 'firstLook', input))).toMatchObject({
      type: 'SyncOvertaken',
    });
    expect(await run(rig.dependencies(), 'fetchLumaPages', input)).toMatchObject({ complete: true });
  });

  test.each([
    ['a change', () => calendar().editEvent('evt-1', { name: 'Another' })],
    ['a new event', () => calendar().addEvent({ id: 'evt-new' })],
    ['an event that is no longer public', () => calendar().hide('evt-1')],
    ['an event that is missing', () => calendar().cancel('evt-1')],
    [
      'an entry that cannot be trusted',
      () => calendar().setFault({ kind: 'override', eventId: 'evt-1', fields: { start_at: 'soon' } }),
    ],
    [
      'a pause that Luma asks for',
      () => calendar().setFault({ kind: 'rate-limit', endpoint: 'list', blockMs: 5_000, times: 1 }),
    ],
    [
      'a Luma that cannot be reached',
      () => calendar().setFault({ kind: 'server-error', endpoint: 'list', times: 1 }),
    ],
  ])('that meets %s hands over, and closes nothing', async (_, happens) => {
    const orgId = await synced();
    happens();
    const input = openInput(orgId);
    const look = await run(rig.dependencies(), 'firstLook', input);
    expect(look.closed).toBeUndefined();
    expect(await organization(orgId)).toMatchObject({ lumaSync: { state: 'syncing' } });
    // The other activities go on where it ended.
    rig.luma.advanceTime(10_000);
    const slice = await run(rig.dependencies(), 'fetchLumaPages', input);
    expect(slice).toMatchObject({ complete: true, throughSeq: 1 });
  });

  test('closes no sync that another activity has opened since: it was late', async () => {
    const orgId = await synced();
    const input = openInput(orgId);
    const { luma } = rig.dependencies();
    const slow: typeof luma = {
      ...luma,
      listEvents: async (key, options) => {
        const answer = await luma.listEvents(key, options);
        await run(rig.dependencies(), 'openOrgSync', input);
        return answer;
      },
    };
    const failure = await failureOf(run(rig.dependencies({ luma: slow }), 'firstLook', input));
    expect(failure.type).toBe('SyncOvertaken');
    expect(await organization(orgId)).toMatchObject({ lumaSync: { state: 'syncing' } });
    expect(await run(rig.dependencies(), 'fetchLumaPages', input)).toMatchObject({ complete: true });
  });
});

test('of a page its news is staged in full, the rest as ids', async () => {
  const orgId = await synced();
  calendar().editEvent('evt-1', { name: 'Another' });
  const input = openInput(orgId);
  await run(rig.dependencies(), 'openOrgSync', input);
  await run(rig.dependencies(), 'fetchLumaPages', input);
  const page = await rig.store.db.collection('staged_pages').findOne({ syncId: input.syncId });
  const ids = (page?.events as { lumaEventId: string }[]).map(({ lumaEventId }) => lumaEventId);
  expect(ids).toEqual(['evt-1']);
  expect(page?.same).toHaveLength(4);
});

test('an event that waits to be applied from an older page is news on a newer one, though that says what is stored', async () => {
  const orgId = await synced(described(2), 1);
  const titleOf = async (id: string) =>
    (await rig.store.events.list({ orgId, limit: 5 })).find(({ lumaEventId }) => lumaEventId === id)?.title;
  const title = await titleOf('evt-0');
  const input = openInput(orgId);
  await run(rig.dependencies(), 'openOrgSync', input);
  // The older page shows another title; on the newer one the event is as it is stored.
  const { luma } = rig.dependencies();
  let asStored: unknown;
  const moody: typeof luma = {
    ...luma,
    listEvents: async (key, options) => {
      const answer = await luma.listEvents(key, options);
      const [entry] = answer.value.entries;
      const entries =
        asStored === undefined ? [{ ...(entry as object), name: 'For a moment' }] : [asStored, entry];
      asStored ??= entry;
      return { ...answer, value: { ...answer.value, entries } };
    },
  };
  const { throughSeq } = await run(rig.dependencies({ luma: moody }), 'fetchLumaPages', input);
  const pages = { phase: 'listing' as const, fromSeq: 1, throughSeq };
  await run(rig.dependencies(), 'upsertEvents', { ...input, ...pages });
  expect(await titleOf('evt-0')).toBe(title);
});
