import { describe, expect, test } from 'vitest';
import type { RunDay } from '../../src/client/runs-days.js';
import { eventTimes } from '../../src/pages/agenda/event-times.js';
import { markup } from '../../src/pages/markup.js';
import { daysInWords, daysPlot } from '../../src/pages/status/days-plot.js';
import { driftInWords } from '../../src/pages/status/drift-words.js';
import { needInWords } from '../../src/pages/status/need-words.js';
import { problemsInWords } from '../../src/pages/status/quarantine-words.js';
import { reasonInWords } from '../../src/pages/status/reason-words.js';
import { ago } from '../../src/pages/words.js';
import { readDocument } from './support/document.js';

describe('a template', () => {
  test('escapes all but what another template made', () => {
    const inner = markup`<b>${'<i>'}</b>`;
    const made = markup`<p title="${`"'&`}">${inner}${[inner, 'x', 1]}${null}${undefined}</p>`;
    expect(made.text).toBe('<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>x1</p>');
  });

  test('leaves no character that an HTML document may not hold', () => {
    const { errors, text } = readDocument(
      markup`<!doctype html><title>x</title>${'a\u0000\u0007\ud800b\uffff'}`.text,
    );
    expect(errors).toEqual([]);
    expect(text).toContain('a\ufffd\ufffd\ufffdb\ufffd');
  });
});

describe('times of events', () => {
  test('are in the zone of the place, also where clocks change, and in UTC where there is no such zone', () => {
    const times = eventTimes();
    const at = (text: string) => new Date(text);
    expect(times(at('2026-10-24T22:30:00Z'), at('2026-10-25T01:30:00Z'), 'Europe/Brussels')).toEqual({
      ...{ start: '00:30', end: '02:30', zone: 'Europe/Brussels' },
    });
    expect(times(at('2026-12-01T18:00:00Z'), undefined, 'America/New_York')).toEqual({
      ...{ start: '13:00', zone: 'America/New York' },
    });
    expect(times(at('2026-12-01T18:00:00Z'), at('2026-12-01T18:00:00Z'), 'Moon/Base')).toEqual({
      ...{ start: '18:00', zone: 'UTC' },
    });
  });
});

describe('for people', () => {
  test('what is wrong with an entry is a sentence', () => {
    expect(
      problemsInWords([
        { path: 'start_at', problem: 'not-a-date' },
        { path: 'tags.3.name', problem: 'too-long' },
        { path: 'title', problem: 'missing' },
        { path: 'name', problem: 'missing' },
      ]),
    ).toBe('The start is no date; a tag is too long; the title is missing.');
    expect(problemsInWords([{ path: 'brand_new', problem: 'odd' }])).toBe(
      'The field “brand_new” is not in order (odd).',
    );
    expect(
      problemsInWords([
        { path: 'SUMMARY', problem: 'not-utf-8' },
        { path: 'RRULE', problem: 'repeats' },
        { path: 'UID', problem: 'repeated' },
      ]),
    ).toBe(
      'The title holds characters that cannot be read; the event is of a series, and only single dates can be shown; its id is there twice.',
    );
    expect(problemsInWords([])).toBe('It is not in order.');
  });

  test('a difference of Luma’s answers is a sentence that says whether something has to be done', () => {
    expect(driftInWords('description_md vanished')).toMatch(
      /^Luma no longer tells the description\. .* stays/,
    );
    expect(driftInWords('brand_new appeared')).toMatch(/the field “brand_new”\. Nothing has to be done\.$/);
    expect(driftInWords('start_at changed from string to null or number')).toContain(
      '(string to null or number)',
    );
    expect(driftInWords('visibility has the new value secret club')).toContain(
      'the visibility: “secret club”',
    );
    expect(driftInWords('something else')).toBe('something else');
  });

  test('a failure is a sentence without its type', () => {
    expect(reasonInWords('LumaKeyRejected: Luma does not accept the key (401)')).toContain(
      'no longer accepts the key',
    );
    expect(reasonInWords('LumaForbidden: Luma refuses access (404, /ics/get)')).toContain('public feed');
    expect(reasonInWords('LumaForbidden: Luma refuses access (403, /v1/x)')).toContain('the key');
    expect(reasonInWords('Unheard: of')).toBe('The last sync did not succeed.');
    expect(reasonInWords('')).toBe('The last sync did not succeed.');
  });

  test('what waits is counted', () => {
    const text = (count: number) =>
      markup`${needInWords({ kind: 'stale', count, orgIds: [] }, 26 * 3_600_000)}`.text;
    expect(text(1)).toContain('1 calendar has not been synced for 26 hours');
    expect(text(2_000)).toContain('2,000 calendars have not been synced');
  });

  test('a time ago is rough', () => {
    const now = new Date('2026-11-26T12:00:00Z');
    const before = (minutes: number) => ago(new Date(now.getTime() - minutes * 60_000), now);
    expect([0, 1, 59, 60, 47 * 60, 49 * 60].map(before)).toEqual([
      ...['just now', '1 minute ago', '59 minutes ago', '1 hour ago', '47 hours ago', '2 days ago'],
    ]);
    expect(before(-5)).toBe('just now');
  });
});

describe('the plot of days', () => {
  const day = (fields: Partial<RunDay> = {}): RunDay => ({
    ...{ date: '2026-11-26', syncs: 1, failed: 0, changed: 0, requests: 2, longestMs: 10 },
    ...fields,
  });

  test('has a bar for a day with syncs, a cross where one failed, and a dot where there was none', () => {
    const days = [day({ changed: 9 }), day({ syncs: 2, failed: 1 }), day({ failed: 1 }), day({ syncs: 0 })];
    const document = readDocument(`<!doctype html><title>x</title>${daysPlot(days).text}`);
    expect(document.errors).toEqual([]);
    expect(document.all('rect').map(({ attributes }) => [attributes.class, attributes.height])).toEqual([
      ['ok', '26'],
      ['ok', '5'],
      ['failed', '5'],
    ]);
    expect(document.all('path', { class: 'failed' })).toHaveLength(2);
    expect(document.all('circle')).toHaveLength(1);
    expect(document.all('svg')[0]?.attributes['aria-label']).toBe('4 days: 4 syncs, 2 failed, 9 changes');
    expect(document.all('g').map(({ text }) => text)).toEqual([
      ...['26 Nov: 1 sync, 9 changes', '26 Nov: 2 syncs, 1 failed, 0 changes'],
      ...['26 Nov: 1 sync, 1 failed, 0 changes', '26 Nov: no sync'],
    ]);
  });

  test('of nothing is empty', () => {
    expect(daysInWords([])).toBe('0 days: 0 syncs, 0 changes');
    expect(daysPlot([]).text).toContain('<svg');
  });
});
