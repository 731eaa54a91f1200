import { cut, isLongerThan } from '../luma/text.js';

/** Neither iCalendar nor JSON Feed's readers take control characters; line breaks become one kind. */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}

/** On one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/gu, ' ').trim();
}

/** Shortened to so many code points, and said to be. */
export function shortened(text: string, codePoints: number): string {
  return isLongerThan(text, codePoints) ? `${cut(text, codePoints - 1)}…` : text;
}
