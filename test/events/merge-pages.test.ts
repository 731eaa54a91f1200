import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObservedFields, QuarantinedEntry } from '../../src/events/event.js';
import { mergePages, type PageContents } from '../../src/events/merge-pages.js';
import { usableFields } from './support.js';

const seen = (lumaEventId: string, fields: ObservedFields = {}) => ({ lumaEventId, managed: true, fields });
const untrusted = (lumaEventId: string | null, path = 'start_at'): QuarantinedEntry => ({
  lumaEventId,
  problems: [{ path, problem: 'missing' }],
  values: {},
});

function page(contents: Partial<PageContents>): PageContents {
  return { events: [], hidden: [], quarantined: [], ...contents };
}
const hidden = (lumaEventId: string) => ({ lumaEventId, visibility: 'private' });

describe('of several words about an event', () => {
  const older = page({ events: [seen('a', { title: 'old', description: 'kept', location: 'Ghent' })] });
  const newer = page({ events: [seen('a', { title: 'new', location: null })] });

  test.each([
    ['once', [older, newer]],
    ['repeated', [older, older, newer, newer]],
  ])('the newest counts, field by field, given %s', (_, pages) => {
    const { visible } = mergePages(pages);
    expect(visible.get('a')?.fields).toEqual({ title: 'new', description: 'kept', location: null });
  });

  test('within a page the later one counts', () => {
    const twice = page({ events: [seen('a', { title: 'first' }), seen('a', { title: 'second' })] });
    expect(mergePages([twice]).visible.get('a')?.fields.title).toBe('second');
  });
});

describe('an event that is hidden', () => {
  test('later is hidden only', () => {
    const merged = mergePages([page({ events: [seen('a')] }), page({ hidden: [hidden('a')] })]);
    expect([...merged.visible.keys()]).toEqual([]);
    expect(merged.hidden).toEqual(new Map([['a', 'private']]));
  });

  test('and shown again is visible only, with all that was said of it', () => {
    const merged = mergePages([
      page({ events: [seen('a', { visibility: 'public', description: 'kept' })] }),
      page({ hidden: [hidden('a')] }),
      page({ events: [seen('a', { visibility: 'public', title: 'back' })] }),
    ]);
    expect(merged.hidden.size).toBe(0);
    expect(merged.visible.get('a')?.fields).toEqual({
      visibility: 'public',
      description: 'kept',
      title: 'back',
    });
  });

  test('stays hidden when a later entry is silent about visibility', () => {
    const merged = mergePages([
      page({ events: [seen('a', { visibility: 'public' })] }),
      page({ hidden: [hidden('a')] }),
      page({ events: [seen('a', { title: 'no word about visibility', visibility: null })] }),
    ]);
    expect([...merged.visible.keys()]).toEqual([]);
    expect([...merged.hidden.keys()]).toEqual(['a']);
  });
});

describe('an entry that cannot be trusted', () => {
  test('leaves the word before it standing', () => {
    const merged = mergePages([
      page({ events: [seen('a', { title: 'sound' })] }),
      page({ quarantined: [untrusted('a')] }),
    ]);
    expect(merged.visible.get('a')?.fields.title).toBe('sound');
    expect(merged.quarantined).toEqual([untrusted('a')]);
  });

  test('is forgotten once a newer word is sound, or hides the event', () => {
    const bad = page({ quarantined: [untrusted('a'), untrusted('b')] });
    const good = page({ events: [seen('a')], hidden: [hidden('b')] });
    expect(mergePages([bad, good]).quarantined).toEqual([]);
  });

  test('is known by its newest reasons', () => {
    const pages = [
      page({ quarantined: [untrusted('a')] }),
      page({ quarantined: [untrusted('a', 'timezone')] }),
    ];
    expect(mergePages(pages).quarantined).toEqual([untrusted('a', 'timezone')]);
  });

  test('is kept each time when it has no id', () => {
    const pages = [page({ quarantined: [untrusted(null)] }), page({ quarantined: [untrusted(null, 'id')] })];
    expect(mergePages(pages).quarantined).toEqual([untrusted(null), untrusted(null, 'id')]);
  });
});

describe('whatever the pages say', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const contents = fc.record({
    events: fc.array(fc.tuple(id, usableFields), { maxLength: 3 }),
    hidden: fc.array(id, { maxLength: 2 }),
    quarantined: fc.array(id, { maxLength: 2 }),
  });
  const pagesArbitrary = fc.array(contents, { minLength: 1, maxLength: 6 }).map((pages) =>
    pages.map(({ events, hidden: hiddenIds, quarantined }) =>
      page({
        events: events.map(([eventId, fields]) => seen(eventId, fields)),
        hidden: hiddenIds.map(hidden),
        quarantined: quarantined.map((eventId) => untrusted(eventId)),
      }),
    ),
  );
  test('saying it twice changes nothing', () => {
    fc.assert(
      fc.property(pagesArbitrary, (pages) => {
        const ids = (merged: ReturnType<typeof mergePages>) =>
          [...new Set(merged.quarantined.map(({ lumaEventId }) => lumaEventId))].sort();
        const [once, twice] = [mergePages(pages), mergePages(pages.flatMap((one) => [one, one]))];
        expect(twice.visible).toEqual(once.visible);
        expect(twice.hidden).toEqual(once.hidden);
        expect(ids(twice)).toEqual(ids(once));
      }),
    );
  });

  test('an event is visible or hidden, and every one spoken of is somewhere', () => {
    fc.assert(
      fc.property(pagesArbitrary, (pages) => {
        const { visible, hidden: hiddenIds, quarantined } = mergePages(pages);
        for (const eventId of visible.keys()) expect(hiddenIds.has(eventId)).toBe(false);
        const spoken = pages.flatMap((one) => [...one.events, ...one.hidden, ...one.quarantined]);
        const found = [...visible.keys(), ...hiddenIds.keys(), ...quarantined.map((q) => q.lumaEventId)];
        expect(new Set(found)).toEqual(new Set(spoken.map((one) => one.lumaEventId)));
      }),
    );
  });
});
