const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII = ['_', '.', ':', '-', '=', '+', '*', '#'];

/**
 * Numbers as a row of characters, one each: the lowest is nothing at all, the highest the greatest of them; a blank is no
 * number. Bars at both ends show where it begins and ends.
 * @param blocks with block characters; else in ASCII
 */
export function plot(values: readonly (number | null)[], { blocks }: { blocks: boolean }): string {
  const levels = blocks ? BLOCKS : ASCII;
  const greatest = Math.max(0, ...values.map((value) => value ?? 0));
  const drawn = values.map((value) => {
    if (value === null) return ' ';
    const level = value <= 0 ? 0 : Math.ceil((value / greatest) * (levels.length - 1));
    return levels[level] ?? '';
  });
  return `|${drawn.join('')}|`;
}

/**
 * Whether a terminal shows block characters, as POSIX says it: by the first of these that is set, ASCII where none is.
 */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}
