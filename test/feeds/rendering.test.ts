import { describe, expect, it } from 'vitest';
import { renderIcal } from '../../src/feeds/ical.js';
import { renderJsonFeed } from '../../src/feeds/json-feed.js';
import { renderBounded } from '../../src/feeds/rendering.js';
import { eventDoc, hour, removedDoc } from '../read/support/events.js';

const MANY = '🎉'.repeat(1_000);
const count = (body: string) => body.match(/"id":|UID:/g)?.length ?? 0;

describe.each([
  ['iCalendar', renderIcal],
  ['JSON Feed', renderJsonFeed],
])('a feed in %s', (_, render) => {
  it('shortens long descriptions, and says so', () => {
    const events = [eventDoc('evt-1', { description: `${'🎉'.repeat(4_999)}end of it` })];
    const body = renderBounded(render, { events, removed: [] }, { title: 'Events' });
    expect(body.replaceAll('\r\n ', '')).toContain('🎉…');
    expect(body).not.toContain('end of it');
  });

  it('has all events of a large calendar, with shorter descriptions', () => {
    const events = Array.from({ length: 1_000 }, (_, n) =>
      eventDoc(`evt-${n}`, { description: 'x'.repeat(20_000) }),
    );
    const body = renderBounded(render, { events, removed: [] }, { title: 'Events' });
    expect(count(body)).toBe(1_000);
    expect(Buffer.byteLength(body)).toBeLessThan(8 * 2 ** 20);
  });

  it('is at most 8 MiB, whatever a calendar holds: what begins first stays', () => {
    const full = { title: MANY.slice(0, 1_000), description: MANY.repeat(5), location: MANY };
    const tags = Array.from({ length: 20 }, (_, n) => `${n}${MANY.slice(0, 400)}`);
    const events = Array.from({ length: 500 }, (_, n) =>
      eventDoc(`evt-${n}`, { ...full, tags, startAt: hour(n), url: `https://luma.com/${'x'.repeat(3_900)}` }),
    );
    const removed = [removedDoc('evt-gone', full), removedDoc('evt-gone-2', full)];
    const body = renderBounded(render, { events, removed }, { title: 'Events' });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(8 * 2 ** 20);
    expect(count(body)).toBeGreaterThan(100);
    expect(body).toContain('evt-0');
    expect(body).not.toContain('evt-499');
  });
});
