/**
 * Characters that a terminal acts on instead of showing them, or that make a line look like another one: control
 * characters (escape sequences begin with one), marks that turn the direction of text, separators of lines and
 * paragraphs, and the byte order mark.
 */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Writes such characters as `\u001b`; line ends too. The text is then safe on a terminal. */
export function escapeControls(text: string): string {
  return text.replace(ACTIVE, escaped);
}

/** As `escapeControls`, but line feeds stay. */
export function escapeControlsInLines(text: string): string {
  return text.replace(ACTIVE, (character) => (character === '\n' ? character : escaped(character)));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
