import { styleText } from 'node:util';
import { escapeControls } from '../../printable.js';

/**
 * The program's own styles travel inside its texts as pairs of noncharacters, which no text from outside can use, and
 * become escape sequences only where they are written to a terminal. So every other escape sequence in a text came
 * from outside.
 */
const BOLD = ['\ufdd0', '\ufdd1'] as const;
const RED = ['\ufdd2', '\ufdd3'] as const;
const ISOLATED = ['\ufdd4', '\ufdd5'] as const;
const YELLOW = ['\ufdd6', '\ufdd7'] as const;
const GREEN = ['\ufdd8', '\ufdd9'] as const;
const OWN = [...BOLD, ...RED, ...ISOLATED, ...YELLOW, ...GREEN].join('');

const wrapped =
  ([open, close]: readonly [string, string]) =>
  (text: string): string =>
    `${open}${text}${close}`;

export const bold = wrapped(BOLD);
export const red = wrapped(RED);
export const yellow = wrapped(YELLOW);
export const green = wrapped(GREEN);
/** Keeps right-to-left text from reordering its neighbours. Adds no width. */
export const isolate = wrapped(ISOLATED);

/** A text as it is written: its own line ends and styles, everything else that a terminal would act on made visible. */
export function toTerminal(text: string, stream: NodeJS.WritableStream & { isTTY?: boolean }): string {
  const terminal = stream.isTTY === true;
  const style = (format: 'bold' | 'red' | 'yellow' | 'green') => (_: string, inner: string) =>
    terminal ? styleText(format, inner, { stream }) : inner;
  return escapeControls(text, `\n${OWN}`)
    .replace(between(BOLD), style('bold'))
    .replace(between(RED), style('red'))
    .replace(between(YELLOW), style('yellow'))
    .replace(between(GREEN), style('green'))
    .replace(between(ISOLATED), (_, inner: string) => (terminal ? `\u2068${inner}\u2069` : inner))
    .replace(/[\ufdd0-\ufdef]/g, '');
}

function between([open, close]: readonly [string, string]): RegExp {
  return new RegExp(`${open}([^${close}]*)${close}`, 'gu');
}
