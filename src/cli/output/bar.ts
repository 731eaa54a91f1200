const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A bar of so many columns.
 * @param share 0 to 1; `null`: not known
 */
export function bar(share: number | null, columns: number): string {
  if (share === null) return '·'.repeat(columns);
  const eighths = Math.floor(Math.min(1, Math.max(0, share)) * columns * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return filled.padEnd(columns, '░');
}
