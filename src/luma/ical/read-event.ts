/** From the lines of one event to its properties. Never throws. */
import { isUtf8 } from 'node:buffer';
import ICAL from 'ical.js';
import { type FeedEntry, READ_PROPERTIES, type ReadProperty, SERIES_PROPERTIES } from './properties.js';

/** Luma's events have a few hundred bytes in a dozen lines. */
const MAX_EVENT_BYTES = 256 * 1024;
const MAX_EVENT_LINES = 500;
/** Names of properties that are remembered. */
const MAX_NAMES = 60;

const NAME = /^[A-Za-z0-9-]{1,60}(?=[:;])/;

/** @param lines unfolded, without their ends */
export function readEvent(lines: readonly Buffer[]): FeedEntry {
  const entry: FeedEntry = { values: {}, types: {}, problems: [] };
  const report = (path: string, problem: string) => void entry.problems.push({ path, problem });
  const bytes = lines.reduce((sum, { length }) => sum + length, 0);
  const isTooLarge = bytes > MAX_EVENT_BYTES || lines.length > MAX_EVENT_LINES;
  if (isTooLarge) report('', 'too-many-values');
  for (const line of lines) {
    const name = NAME.exec(line.toString('latin1', 0, 64))?.[0].toUpperCase();
    if (name === undefined) {
      if (!isTooLarge) report('', 'not-a-property');
    } else if (isRead(name)) {
      // What is too large is told by its id.
      if (!isTooLarge || (name === 'UID' && line.length < 1_000)) readProperty(entry, name, line);
    } else {
      if (SERIES_PROPERTIES.has(name)) report(name, 'repeats');
      if (Object.keys(entry.types).length < MAX_NAMES) entry.types[name] = 'unread';
    }
  }
  return entry;
}

function readProperty({ values, types, problems }: FeedEntry, name: ReadProperty, line: Buffer): void {
  if (name in types) return void problems.push({ path: name, problem: 'repeated' });
  types[name] = 'unknown';
  if (!isUtf8(line)) return void problems.push({ path: name, problem: 'not-utf-8' });
  const text = line.toString('utf8');
  try {
    const [, , type, value] = ICAL.parse.property(text) as unknown[];
    types[name] = String(type);
    // The library reads what is no number as 0.
    if (name === 'GEO') values.GEO = text.slice(text.lastIndexOf(':') + 1).trim();
    else if (name === 'DESCRIPTION') values.DESCRIPTION = String(value).trimStart().split('\n', 1)[0] ?? '';
    else values[name] = String(value);
  } catch {
    problems.push({ path: name, problem: 'not-a-property' });
  }
}

function isRead(name: string): name is ReadProperty {
  return (READ_PROPERTIES as readonly string[]).includes(name);
}
