import { cut, isLongerThan } from './luma/text.js';

/**
 * Characters that a terminal acts on instead of showing them, or that make a line look like another one: control
 * characters (escape sequences begin with one), marks that turn the direction of text, separators of lines and
 * paragraphs, the byte order mark, and the noncharacters that this program marks its own styles with.
 */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef]/gu;

/**
 * Writes such characters as `\u001b`: the text is then safe on a terminal, and JSON stays the same JSON.
 * @param kept characters that stay as they are, such as line feeds
 */
export function escapeControls(text: string, kept = ''): string {
  return text.replace(ACTIVE, (character) =>
    kept.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Shortened to so many code points, and said to be. */
export function shortened(text: string, codePoints: number): string {
  return isLongerThan(text, codePoints) ? `${cut(text, codePoints - 1)}…` : text;
}
