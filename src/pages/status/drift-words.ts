import { fieldInWords } from './field-words.js';

/**
 * A difference of Luma's answers for people.
 * @param drift as the organization has it: see activities/drift-words.ts
 */
export function driftInWords(drift: string): string {
  const [, field = '', what = '', rest = ''] =
    /^(\S+) (vanished|appeared|changed from|has the new value)\s?(.*)$/s.exec(drift) ?? [];
  const name = fieldInWords(field);
  switch (what) {
    case 'vanished':
      return `Luma no longer tells ${name}. What is stored of it stays, and gets no news.`;
    case 'appeared':
      return `Luma now tells something more: ${name}. Nothing has to be done.`;
    case 'changed from':
      return `Luma tells ${name} in another form than before (${rest}). What is stored of it stays where the new form cannot be read.`;
    case 'has the new value':
      return `Luma has a new word for ${name}: “${rest}”. Nothing has to be done.`;
    default:
      return drift;
  }
}
