import stringWidth from 'string-width';
import { toTerminal } from './styles.js';

/** Where a screen goes: stdout, or what a test gives. */
export type ScreenStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

/**
 * Shows one text after the other: in place on a terminal, from its first line on; elsewhere as blocks with a blank line
 * behind each. What the terminal has no room for is cut at its end, which is said.
 */
export function screen(stream: ScreenStream): (text: string) => void {
  let first = true;
  return (text) => {
    if (stream.isTTY !== true) {
      stream.write(`${toTerminal(text, stream)}\n\n`);
      return;
    }
    const lines = fitting(text.split('\n'), { columns: stream.columns ?? 80, rows: stream.rows ?? 24 });
    const drawn = toTerminal(lines.join('\n'), stream).replaceAll('\n', '\u001b[K\n');
    stream.write(`${first ? '\u001b[2J' : ''}\u001b[H${drawn}\u001b[K\n\u001b[J`);
    first = false;
  };
}

/** The last row stays free: a line end there would scroll. */
function fitting(lines: readonly string[], { columns, rows }: { columns: number; rows: number }): string[] {
  const rowsOf = (line: string) => Math.max(1, Math.ceil(stringWidth(line) / columns));
  const needed = lines.reduce((sum, line) => sum + rowsOf(line), 0);
  if (needed < rows) return [...lines];
  const kept: string[] = [];
  let free = rows - 2;
  for (const line of lines) {
    free -= rowsOf(line);
    if (free < 0) break;
    kept.push(line);
  }
  return [...kept, `… ${lines.length - kept.length} more lines: make the window higher`];
}
