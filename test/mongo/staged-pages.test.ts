import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { PageAlreadyStaged } from '../../src/mongo/staged-pages.js';
import { at, seen, stagedPage, useStore } from './support/store.js';

const rig = useStore();
const pages = () => rig.store.stagedPages;

describe('a page', () => {
  test('is staged once: of two attempts the later one learns it, and the first one stays', async () => {
    await pages().add(stagedPage({ syncId: 's', seq: 1, nextCursor: 'first' }));
    const late = pages().add(
      stagedPage({ syncId: 's', seq: 1, nextCursor: 'late', events: [seen('evt-1')] }),
    );
    await expect(late).rejects.toThrow(PageAlreadyStaged);
    await expect(late).rejects.toThrow('page 1 is staged already');
    expect((await pages().range('s', 'listing', 1, 1))[0]?.nextCursor).toBe('first');
  });

  test('comes back as it was staged', async () => {
    const page = stagedPage({
      syncId: 's',
      seq: 1,
      orgId: new ObjectId(),
      entries: 3,
      events: [seen('evt-1', { description: null })],
      hidden: [{ lumaEventId: 'evt-2', visibility: 'private' }],
      quarantined: [
        { lumaEventId: null, problems: [{ path: 'id', problem: 'missing' }], values: { id: null } },
      ],
      nextCursor: null,
      hasMore: false,
    });
    await pages().add(page);
    const [{ _id, ...staged } = { _id: null }] = await pages().range('s', 'listing', 1, 1);
    expect(_id).toBeInstanceOf(ObjectId);
    expect(staged).toEqual(page);
  });

  test('about which Luma says nothing of a field keeps that silence', async () => {
    await pages().add(
      stagedPage({
        syncId: 's',
        seq: 1,
        events: [seen('evt-1', { description: undefined, location: null })],
      }),
    );
    const fields = (await pages().range('s', 'listing', 1, 1))[0]?.events[0]?.fields;
    expect(fields).not.toHaveProperty('description');
    expect(fields).toHaveProperty('location', null);
  });
});

describe('the position of a listing', () => {
  test('before the first page', async () => {
    expect(await pages().position('org', 's')).toEqual({
      pages: 0,
      cursor: null,
      complete: false,
      cursorsMet: new Set(),
      newestObservedAt: null,
    });
  });

  test('is behind the last staged page, with every cursor met', async () => {
    for (const seq of [2, 1, 3]) await pages().add(stagedPage({ syncId: 's', seq }));
    await pages().add(stagedPage({ syncId: 'other', seq: 9 }));
    expect(await pages().position('org', 's')).toEqual({
      pages: 3,
      cursor: 'after-3',
      complete: false,
      cursorsMet: new Set(['after-1', 'after-2', 'after-3']),
      newestObservedAt: at(9),
    });
  });

  test('is complete once a page said that nothing follows', async () => {
    await pages().add(stagedPage({ syncId: 's', seq: 1 }));
    await pages().add(stagedPage({ syncId: 's', seq: 2, nextCursor: null, hasMore: false }));
    expect(await pages().position('org', 's')).toMatchObject({ pages: 2, cursor: null, complete: true });
  });

  test("knows of other organizations' pages nothing", async () => {
    await pages().add(stagedPage({ syncId: 'theirs', seq: 1, orgId: 'neighbour' }));
    expect((await pages().position('org', 's')).newestObservedAt).toBeNull();
  });
});

test('a range holds its pages in order, both ends included, applied or not', async () => {
  for (const seq of [4, 2, 1, 3]) await pages().add(stagedPage({ syncId: 's', seq }));
  await pages().markApplied(await pages().range('s', 'listing', 2, 2), at(100));
  const range = await pages().range('s', 'listing', 2, 3);
  expect(range.map(({ seq, appliedAt }) => [seq, appliedAt])).toEqual([
    [2, at(100)],
    [3, undefined],
  ]);
});

test('newer pages are those of the organization, in any sync, that are applied', async () => {
  await pages().add(stagedPage({ syncId: 'a', seq: 1 }));
  await pages().add(stagedPage({ syncId: 'a', seq: 2 }));
  await pages().add(stagedPage({ syncId: 'b', seq: 5 }));
  await pages().add(stagedPage({ syncId: 'b', seq: 4 }));
  await pages().add(stagedPage({ syncId: 'c', seq: 3 }));
  await pages().add(stagedPage({ syncId: 'theirs', seq: 6, orgId: 'neighbour' }));
  for (const [syncId, first, last] of [
    ['a', 1, 2],
    ['b', 4, 5],
    ['theirs', 6, 6],
  ] as const) {
    await pages().markApplied(await pages().range(syncId, 'listing', first, last), at(100));
  }
  expect((await pages().appliedAfter('org', at(2))).map(({ seq }) => seq)).toEqual([4, 5]);
  expect(await pages().appliedAfter('org', at(5))).toEqual([]);
});
