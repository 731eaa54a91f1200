/** Text that is HTML already: what `markup` made, and nothing else. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text is escaped, `null` and `undefined` are nothing. */
export type Content = Html | string | number | null | undefined | readonly Content[];

/**
 * HTML from a template. Every value is escaped, but HTML that another template made. Values of attributes must stand
 * in double quotes.
 *
 *     markup`<p title="${title}">${text}</p>`
 */
export function markup(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(strings.map((string, index) => string + written(values[index])).join(''));
}

function written(value: Content): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  return typeof value === 'number' ? String(value) : value.map(written).join('');
}

const ESCAPED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that have no place in an HTML document. */
const CONTROLS = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufdd0-\ufdef\ufffe\uffff]/gu;

function escapeHtml(text: string): string {
  return text.replace(CONTROLS, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPED[character] ?? '');
}
