/** The forms in which HTTP writes a point in time (RFC 9110, section 5.6.7), and ISO 8601. Pure. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`;
const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  String.raw`[a-z]{3}, (?<day>\d{1,2}) (?<month>[a-z]{3}) (?<year>\d{4}) ${TIME} (?:GMT|UTC|Z|[+-]0000)`,
  // Sunday, 06-Nov-94 08:49:37 GMT
  String.raw`[a-z]{6,9}, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}|\d{4}) ${TIME} (?:GMT|UTC)`,
  // Sun Nov  6 08:49:37 1994
  String.raw`[a-z]{3} (?<month>[a-z]{3}) {1,2}(?<day>\d{1,2}) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * @param nowMs decides the century of a year of two digits: never more than 50 years ahead
 * @returns ms since 1970; `undefined` for everything else, days that a month does not have included
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return fromParts(groups, nowMs);
  }
  const iso = ISO_INSTANT.exec(text);
  if (iso === null) return undefined;
  const ms = Date.parse(text.replace(' ', 'T') + (iso[1] === undefined ? 'Z' : ''));
  return Number.isNaN(ms) ? undefined : ms;
}

function fromParts(groups: Record<string, string | undefined>, nowMs: number): number | undefined {
  const number = (name: string) => Number(groups[name]);
  const month = MONTHS.indexOf((groups.month ?? '').toLowerCase());
  const day = number('day');
  let year = number('year');
  if (groups.year?.length === 2) {
    const thisYear = new Date(nowMs).getUTCFullYear();
    year += thisYear - (thisYear % 100);
    if (year > thisYear + 50) year -= 100;
  }
  // A leap second is written as 60.
  if (month < 0 || number('hour') > 23 || number('minute') > 59 || number('second') > 60) return undefined;
  const midnight = new Date(Date.UTC(year, month, day));
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return undefined;
  return Date.UTC(year, month, day, number('hour'), number('minute'), number('second'));
}
