import { InvalidArgumentError } from 'commander';
import { personProblem } from '../client/person.js';

/** Of `--by`: who decides. */
export function parsePerson(text: string): string {
  const problem = personProblem(text);
  if (problem !== null) throw new InvalidArgumentError(`${problem}.`);
  return text.trim();
}
