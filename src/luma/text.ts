/** Texts from outside: whether they say anything, and how long they are. Every function is linear. */

/** Neither white space nor a control or format character that shows nothing. NUL is kept: it is a fault of its own. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\u0001-\u001f\u007f-\u009f\u2800]/u;

/** Shows nothing to a reader: empty, white space, zero-width characters. Such a text says what `null` says. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}

/** Trimmed; `undefined` for what is no string, or blank. */
export function filledString(value: unknown): string | undefined {
  return typeof value !== 'string' || isBlank(value) ? undefined : value.trim();
}

/** Luma says that there is none. */
export function isNothing(value: unknown): boolean {
  return value === null || (typeof value === 'string' && isBlank(value));
}

/** Lengths count code points: 🎉 is one, as its readers count. */
export function isLongerThan(text: string, codePoints: number): boolean {
  if (text.length <= codePoints) return false;
  return text.length > 2 * codePoints || cut(text, codePoints).length < text.length;
}

/** The first so many code points; a surrogate pair stays whole. */
export function cut(text: string, codePoints: number): string {
  let end = 0;
  for (let count = 0; count < codePoints && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

/** Half a surrogate pair cannot be written as UTF-8: what is read back would differ from what was stored. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
