import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { PageAlreadyStaged, PagesAlreadyApplied } from '../../src/mongo/staged-pages.js';
import { at, inWrite, seen, stagedPage, useStore } from './support/store.js';

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
    expect(await pages().position('s')).toEqual({
      pages: 0,
      cursor: null,
      complete: false,
      cursorsMet: new Set(),
      entries: 0,
      eventLike: 0,
      same: 0,
      hadNews: false,
      waiting: new Set(),
    });
  });

  test('is behind the last staged page, with every cursor met', async () => {
    for (const seq of [2, 1, 3]) {
      await pages().add(stagedPage({ syncId: 's', seq, entries: 5, eventLike: 4 }));
    }
    await pages().add(stagedPage({ syncId: 'other', seq: 9 }));
    expect(await pages().position('s')).toEqual({
      pages: 3,
      cursor: 'after-3',
      complete: false,
      cursorsMet: new Set(['after-1', 'after-2', 'after-3']),
      entries: 15,
      eventLike: 12,
      same: 0,
      hadNews: true,
      waiting: new Set(),
    });
  });

  test('is complete once a page said that nothing follows', async () => {
    await pages().add(stagedPage({ syncId: 's', seq: 1 }));
    await pages().add(stagedPage({ syncId: 's', seq: 2, nextCursor: null, hasMore: false }));
    expect(await pages().position('s')).toMatchObject({ pages: 2, cursor: null, complete: true });
  });
});

test('a range holds its pages in order, both ends included, and older ones that are not applied yet', async () => {
  for (const seq of [4, 2, 1, 3, 5]) await pages().add(stagedPage({ syncId: 's', seq }));
  const inRange = async () => (await pages().range('s', 'listing', 3, 4)).map(({ seq }) => seq);
  expect(await inRange()).toEqual([1, 2, 3, 4]);
  await rig.db.collection('staged_pages').updateOne({ seq: 1 }, { $set: { applied: { at: at(0) } } });
  expect(await inRange()).toEqual([2, 3, 4]);
});

test('pages are applied once: of two attempts the second one learns it, and what the first did stays', async () => {
  for (const seq of [1, 2]) await pages().add(stagedPage({ syncId: 's', seq }));
  const staged = await pages().range('s', 'listing', 1, 2);
  const mark = (inserted: number) =>
    inWrite(
      rig.store,
      'org',
      (write) =>
        pages().markApplied(write, staged, {
          ...{ at: at(100), inserted, changed: 0, unchanged: 0, removed: 0, quarantined: 0, detailsDue: 0 },
        }),
      's',
    );
  await mark(7);
  await expect(mark(3)).rejects.toThrow(PagesAlreadyApplied);
  const applied = (await pages().range('s', 'listing', 1, 2)).map((page) => page.applied?.inserted);
  expect(applied).toEqual([0, 7]);
});
