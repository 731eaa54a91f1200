import stringWidth from 'string-width';
import { bold } from './styles.js';
import { fit, isolated, oneLine } from './text.js';

export interface Column {
  title: string;
  align?: 'right';
  /** May be cut when the terminal is too narrow; at least 8 columns stay. */
  shrinks?: true;
}

const GAP = '  ';
const LEAST = 8;

/**
 * A table as text, without a line end after the last row. Wide characters and emoji take the columns that a
 * terminal gives them.
 * @param width columns of the terminal; without it (a file, a pipe) nothing is cut and nothing is styled
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width }: { width?: number | undefined } = {},
): string {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = columns.map((column, index) =>
    Math.max(...[column.title, ...cells.map((row) => row[index] ?? '')].map((text) => stringWidth(text))),
  );
  if (width !== undefined) shrink(columns, widths, width);

  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => {
        const room = widths[index] ?? 0;
        const text = fit(row[index] ?? '', room);
        const pad = ' '.repeat(Math.max(0, room - stringWidth(text)));
        const shown = width === undefined ? text : isolated(text);
        return column.align === 'right' ? pad + shown : shown + pad;
      })
      .join(GAP)
      .trimEnd();

  const head = line(columns.map((column) => column.title));
  return [width === undefined ? head : bold(head), ...cells.map(line)].join('\n');
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1)) - width;
  while (excess > 0) {
    // The widest gives first, so that no column disappears for another one's sake.
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (column.shrinks === true && own > LEAST && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
}
