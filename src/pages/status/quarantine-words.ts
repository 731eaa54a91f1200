import type { EntryProblem } from '../../events/event.js';
import { fieldInWords } from './field-words.js';

const PROBLEMS: Record<string, string> = {
  missing: 'is missing',
  'not-a-date': 'is no date',
  'impossible-date': 'is a date that cannot be',
  'ends-before-start': 'is before its start',
  'unknown-time-zone': 'is not known',
  'not-a-url': 'is no web address',
  'too-long': 'is too long',
  'too-many': 'are too many',
  'not-a-string': 'is no text',
  'not-a-list': 'are no list',
  'not-an-id': 'is none of Luma’s',
  'not-an-object': 'is no event',
  'holds-nul': 'holds a character that cannot be stored',
  repeats: 'is of a series, and only single dates can be shown',
  repeated: 'is there twice',
  'not-utf-8': 'holds characters that cannot be read',
  'not-a-property': 'cannot be read',
  'not-coordinates': 'is no point on earth',
  'forbidden-key': 'has a name that cannot be stored',
  'too-deep': 'is nested too deeply',
  'too-many-values': 'has too many values',
};

/** What is wrong with an entry, as one sentence: `The start is missing; the title is too long.` */
export function problemsInWords(problems: readonly EntryProblem[]): string {
  const parts = problems.map(
    ({ path, problem }) => `${fieldInWords(path)} ${PROBLEMS[problem] ?? `is not in order (${problem})`}`,
  );
  const text = [...new Set(parts)].join('; ');
  return text === '' ? 'It is not in order.' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
