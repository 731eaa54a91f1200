import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObservedFields, QuarantinedEntry } from '../../src/events/event.js';
import { mergePages, type PageContents } from '../../src/events/merge-pages.js';
import { usableFields } from './support.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 3, 18, 0, second));
const seen = (lumaEventId: string, fields: ObservedFields = {}) => ({ lumaEventId, managed: true, fields });
const untrusted = (lumaEventId: string | null, path = 'start_at'): QuarantinedEntry => ({
  lumaEventId,
  problems: [{ path, problem: 'missing' }],
  values: {},
});

function page(second: number, contents: Partial<PageContents>): PageContents {
  return { observedAt: at(second), events: [], hidden: [], quarantined: [], ...contents };
}
const hidden = (lumaEventId: string) => ({ lumaEventId, visibility: 'private' });

describe('of several words about an event', () => {
  const older = page(1, { events: [seen('a', { title: 'old', description: 'kept', location: 'Ghent' })] });
  const newer = page(2, { events: [seen('a', { title: 'new', location: null })] });

  test.each([
    ['in order', [older, newer]],
    ['in reverse', [newer, older]],
    ['repeated', [newer, older, newer, older]],
  ])('the newest counts, field by field, given %s', (_, pages) => {
    const { visible } = mergePages(pages);
    expect(visible.get('a')?.fields).toEqual({ title: 'new', description: 'kept', location: null });
  });

  test('what is stored from a newer page stays on top of an older page', () => {
    expect(mergePages([older], [newer])).toEqual(mergePages([older, newer]));
  });

  test('newer pages bring up no event that the pages at hand do not speak of', () => {
    const other = page(3, {
      events: [seen('b')],
      hidden: [hidden('c')],
      quarantined: [untrusted('d'), untrusted(null)],
    });
    expect(mergePages([older], [other])).toEqual(mergePages([older]));
  });

  test('within a page the later one counts', () => {
    const twice = page(1, { events: [seen('a', { title: 'first' }), seen('a', { title: 'second' })] });
    expect(mergePages([twice]).visible.get('a')?.fields.title).toBe('second');
  });
});

describe('an event that is hidden', () => {
  test('later is hidden only', () => {
    const merged = mergePages([page(1, { events: [seen('a')] }), page(2, { hidden: [hidden('a')] })]);
    expect([...merged.visible.keys()]).toEqual([]);
    expect(merged.hidden).toEqual(new Map([['a', 'private']]));
  });

  test('and shown again is visible only, with all that was said of it', () => {
    const merged = mergePages([
      page(1, { events: [seen('a', { visibility: 'public', description: 'kept' })] }),
      page(2, { hidden: [hidden('a')] }),
      page(3, { events: [seen('a', { visibility: 'public', title: 'back' })] }),
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
      page(1, { events: [seen('a', { visibility: 'public' })] }),
      page(2, { hidden: [hidden('a')] }),
      page(3, { events: [seen('a', { title: 'no word about visibility', visibility: null })] }),
    ]);
    expect([...merged.visible.keys()]).toEqual([]);
    expect([...merged.hidden.keys()]).toEqual(['a']);
  });
});

describe('an entry that cannot be trusted', () => {
  test('leaves the word before it standing', () => {
    const merged = mergePages([
      page(1, { events: [seen('a', { title: 'sound' })] }),
      page(2, { quarantined: [untrusted('a')] }),
    ]);
    expect(merged.visible.get('a')?.fields.title).toBe('sound');
    expect(merged.quarantined).toEqual([untrusted('a')]);
  });

  test('is forgotten once a newer word is sound, or hides the event', () => {
    const bad = page(1, { quarantined: [untrusted('a'), untrusted('b')] });
    const good = page(2, { events: [seen('a')], hidden: [hidden('b')] });
    expect(mergePages([good, bad]).quarantined).toEqual([]);
    expect(mergePages([bad], [good]).quarantined).toEqual([]);
  });

  test('is known by its newest reasons', () => {
    const pages = [
      page(2, { quarantined: [untrusted('a', 'timezone')] }),
      page(1, { quarantined: [untrusted('a')] }),
    ];
    expect(mergePages(pages).quarantined).toEqual([untrusted('a', 'timezone')]);
  });

  test('is kept each time when it has no id', () => {
    const pages = [
      page(1, { quarantined: [untrusted(null)] }),
      page(2, { quarantined: [untrusted(null, 'id')] }),
    ];
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
    pages.map(({ events, hidden: hiddenIds, quarantined }, index) =>
      page(index, {
        events: events.map(([eventId, fields]) => seen(eventId, fields)),
        hidden: hiddenIds.map(hidden),
        quarantined: quarantined.map((eventId) => untrusted(eventId)),
      }),
    ),
  );
  const sorted = ({ visible, hidden: hiddenIds, quarantined }: ReturnType<typeof mergePages>) => ({
    visible: [...visible.entries()].sort(([a], [b]) => a.localeCompare(b)),
    hidden: [...hiddenIds.entries()].sort(),
    quarantined: quarantined.map((entry) => entry.lumaEventId).sort(),
  });

  test('neither the order they are given in nor a repetition matters', () => {
    fc.assert(
      fc.property(
        pagesArbitrary.chain((pages) =>
          fc.tuple(
            fc.constant(pages),
            fc.shuffledSubarray([...pages, ...pages], { minLength: pages.length * 2 }),
          ),
        ),
        ([pages, shuffled]) => {
          expect(sorted(mergePages(shuffled))).toEqual(sorted(mergePages(pages)));
        },
      ),
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
