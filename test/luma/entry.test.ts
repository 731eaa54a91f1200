import { describe, expect, it } from 'vitest';
import { looksLikeEvent } from '../../src/luma/entry.js';
import { externalEntry, lumaEntry } from './support/entries.js';

const { id, ...event } = lumaEntry();

describe('an event of a calendar', () => {
  it.each([
    ['as Luma sends it', lumaEntry()],
    ['of another site', externalEntry()],
    ['in the older shape', { api_id: id, event: { api_id: id, ...event } }],
    ['in the older shape, without an id outside', { event: { api_id: id } }],
    ['of an id alone', { id: 'evt-1' }],
    ['without an id', lumaEntry({ id: undefined })],
    ['with an id that is none', lumaEntry({ id: 'evt 1' })],
    ['without a start', lumaEntry({ start_at: undefined })],
    ['with a start of another type', { start_at: 1_790_000_000 }],
    ['with too long a title', lumaEntry({ name: 'x'.repeat(501) })],
    ['in an unknown zone', lumaEntry({ timezone: 'Mars/Olympus' })],
  ])('is one %s, usable or not', (_, entry) => expect(looksLikeEvent(entry)).toBe(true));
});

describe('what something else than a calendar answers', () => {
  it.each([
    [null],
    [undefined],
    [7],
    ['evt-1'],
    [[]],
    [[lumaEntry()]],
    [{}],
    [{ event: null }],
    [{ message: 'no Route matched' }],
    [{ id: 'tag-1', name: 'outdoors' }],
    [{ id: 'usr-1', name: 'Ann', email: 'ann@example.org' }],
    [{ id: 1, title: 'A post' }],
    [{ id: 'evt-' }],
    [{ start_at: null, name: 'x' }],
    [{ start_at: ' ' }],
    [{ start_at: {} }],
    [{ ['__proto__']: lumaEntry() }],
  ])('looks like no event: %j', (entry) => expect(looksLikeEvent(entry)).toBe(false));
});
