import { describe, expect, test } from 'vitest';
import { daily, external, useDesk } from './support.js';

const desk = useDesk();

describe('a doubtful listing', () => {
  test('is no miss: an empty answer and one good listing leave an external event where it is', async () => {
    await desk.begin([...daily(8), ...external(1)]);
    await desk.sync();
    desk.calendar.setFault({ kind: 'empty' });
    await desk.sync();
    desk.calendar.clearFaults();
    desk.calendar.cancel('calev-1');
    await desk.sync();
    expect(await desk.ids()).toContain('calev-1');

    await desk.sync();
    expect(await desk.ids()).not.toContain('calev-1');
    expect(await desk.removed()).toEqual({ 'calev-1': 'no-longer-listed' });
  });

  test('is one with an entry that has no id, too: it may be any event', async () => {
    await desk.begin([...daily(8), ...external(1)]);
    await desk.sync();
    desk.calendar.setFault({ kind: 'override', eventId: 'calev-1', fields: { id: '' } });
    await desk.sync();
    await desk.sync();
    await desk.sync();
    expect(await desk.ids()).toContain('calev-1');
  });
});

describe('when most of a calendar stops being public at once', () => {
  const hideAll = (ids: string[]) => {
    for (const id of ids) desk.calendar.hide(id);
  };
  const IDS = daily(9).map(({ id = '' }) => id);

  test('nothing goes, and a person is asked', async () => {
    await desk.begin(daily(9));
    await desk.sync();
    hideAll(IDS);
    expect(await desk.sync()).toMatchObject({ state: 'complete', events: { removed: 0, held: 9 } });
    expect(await desk.ids()).toHaveLength(9);
    expect((await desk.held())[0]).toMatchObject({ reason: 'not-public', decision: 'waiting' });
    expect(await desk.organization()).toMatchObject({ removalsHeld: 9 });
  });

  test('what the person approves goes, what is rejected stays, and what is public again is over', async () => {
    await desk.begin(daily(9));
    await desk.sync();
    hideAll(IDS);
    await desk.sync();
    await desk.decide('approved');
    expect(await desk.sync()).toMatchObject({ events: { removed: 9 } });
    expect(await desk.ids()).toEqual([]);
    expect(await desk.held()).toEqual([]);

    for (const id of IDS) desk.calendar.hide(id, 'public');
    await desk.sync();
    hideAll(IDS);
    await desk.sync();
    await desk.decide('rejected');
    expect(await desk.sync()).toMatchObject({ events: { removed: 0 } });
    expect(await desk.ids()).toHaveLength(9);
    for (const id of IDS) desk.calendar.hide(id, 'public');
    await desk.sync();
    expect(await desk.held()).toEqual([]);
  });

  test('a few of many go at once, and all of a small calendar', async () => {
    await desk.begin(daily(9));
    await desk.sync();
    hideAll(IDS.slice(0, 4));
    expect(await desk.sync()).toMatchObject({ events: { removed: 4, held: 0 } });
  });

  test('an answer that says nothing of visibility hides nothing', async () => {
    await desk.begin(daily(9));
    await desk.sync();
    desk.calendar.setFault({ kind: 'override', fields: { visibility: '' } });
    expect(await desk.sync()).toMatchObject({ state: 'complete', events: { removed: 0, held: 0 } });
    expect(await desk.ids()).toHaveLength(9);
  });
});

test('what only details have shown stays in quarantine until details show it mended', async () => {
  await desk.begin(daily(2));
  desk.calendar.setFault({
    ...{ kind: 'override', endpoint: 'event', eventId: 'evt-1' },
    fields: { description_md: 'x'.repeat(200_001) },
  });
  const quarantined = async () =>
    (await desk.rig.store.quarantine.list(desk.orgId)).map(({ lumaEventId }) => lumaEventId);
  await desk.sync();
  expect(await quarantined()).toEqual(['evt-1']);
  desk.calendar.clearFaults();
  await desk.sync();
  expect(await quarantined()).toEqual(['evt-1']);

  desk.clock.advance(21 * 3_600_000);
  await desk.sync();
  expect(await quarantined()).toEqual([]);
});

test('Luma may be away for half an hour: the sync waits, and is complete', async () => {
  await desk.begin(daily(3));
  desk.calendar.setFault({ kind: 'server-error', endpoint: 'list', times: 35 });
  const { state, requests } = await desk.sync();
  expect(state).toBe('complete');
  expect(requests).toBe(1 + 35 + 1 + 3);
  expect(await desk.ids()).toHaveLength(3);
});

test('a Luma that stays away for an hour fails the sync by name', async () => {
  await desk.begin(daily(3));
  desk.calendar.setFault({ kind: 'server-error', endpoint: 'list' });
  const began = desk.clock.nowMs();
  const { state, failure } = await desk.sync();
  expect(state).toBe('failed');
  expect(failure).toMatchObject({ type: 'LumaUnavailable' });
  expect(failure?.message).toContain('65 tries in a row');
  expect(desk.clock.nowMs() - began).toBeGreaterThan(55 * 60_000);
});
