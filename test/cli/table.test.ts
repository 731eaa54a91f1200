import fc from 'fast-check';
import stringWidth from 'string-width';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toTerminal } from '../../src/cli/output/styles.js';
import { renderTable } from '../../src/cli/output/table.js';
import { duration, fit, oneLine } from '../../src/cli/output/text.js';

const columns = [
  { title: 'NAME', shrinks: true as const },
  { title: 'N', align: 'right' as const },
  { title: 'END' },
];

/** As on a terminal. */
function shown(table: string): string {
  return toTerminal(table, Object.assign(new PassThrough(), { isTTY: true }));
}

function columnOf(line: string, word: string): number {
  return stringWidth(line.slice(0, line.indexOf(word)));
}

describe('a table', () => {
  it('lines up plain, wide, emoji and right-to-left text by the columns a terminal gives them', () => {
    const names = ['Rust', '東京ミートアップ', '🎉 Party 👩‍👩‍👧‍👦', 'שלום עולם', 'مرحبا', 'é (combined)'];
    for (const width of [undefined, 100]) {
      const lines = shown(
        renderTable(
          columns,
          names.map((name) => [name, '7', 'end']),
          { width },
        ),
      )
        .split('\n')
        .map(stripVTControlCharacters);
      expect(new Set(lines.slice(1).map((line) => columnOf(line, 'end'))).size).toBe(1);
      expect(columnOf(lines[0] ?? '', 'END')).toBe(columnOf(lines[1] ?? '', 'end'));
    }
  });

  it('isolates right-to-left text on a terminal, so that it does not turn its neighbours around', () => {
    const table = (width?: number) => shown(renderTable(columns, [['שלום', '7', 'end']], { width }));
    expect(table(80)).toContain('\u2068שלום\u2069');
    expect(table()).not.toContain('\u2068');
  });

  it('fits the terminal by cutting what may be cut, and only on a terminal', () => {
    const row = ['a very long name that goes on and on and on', '12', 'end'];
    const cut = renderTable(columns, [row], { width: 30 }).split('\n')[1] ?? '';
    expect(stringWidth(cut)).toBe(30);
    expect(cut).toMatch(/^a very long name.*… +12 {2}end$/);
    expect(renderTable(columns, [row])).toContain(row[0]);
  });

  it('never lets text from outside move the cursor, colour, break the line or turn it around', () => {
    const evil = 'a\u001b[2J\u001b]8;;http://x\u0007b\r\nc\u202ed\u0000e\u009bf';
    const table = renderTable(columns, [[evil, '1', 'end']]);
    expect(table.split('\n')).toHaveLength(2);
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('right-aligns numbers', () => {
    const lines = renderTable(columns, [
      ['a', '5', 'x'],
      ['b', '1234', 'y'],
    ]).split('\n');
    expect(lines[1]).toBe('a        5  x');
    expect(lines[2]).toBe('b     1234  y');
  });
});

describe('cutting text', () => {
  it('keeps within the columns and never cuts a character in half, whatever the text', () => {
    const unit = fc.constantFrom('a', '東', '👩‍👩‍👧‍👦', 'é', 'ש', ' ', '🎉');
    fc.assert(
      fc.property(fc.array(unit), fc.integer({ min: 1, max: 20 }), (units, width) => {
        const cut = fit(units.join(''), width);
        expect(stringWidth(cut)).toBeLessThanOrEqual(width);
        if (cut !== units.join('')) {
          expect(cut.endsWith('…')).toBe(true);
          const kept = [...new Intl.Segmenter().segment(cut.slice(0, -1))].map(({ segment }) => segment);
          expect(kept).toEqual(units.slice(0, kept.length));
        }
      }),
    );
  });

  it('keeps an emoji of several code points together on one line', () => {
    expect(oneLine('  👩‍👩‍👧‍👦\n party\t! ')).toBe('👩‍👩‍👧‍👦 party !');
  });
});

it.each([
  [0, '0.0 s'],
  [9_940, '9.9 s'],
  [9_999, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [185_000, '3 min 5 s'],
  [7_440_000, '2 h 4 min'],
])('%i ms is %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});
