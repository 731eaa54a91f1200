import { userInfo } from 'node:os';

/** Who decides something: kept with the decision. */
export interface DecidedBy {
  /** A name that people know. Default: the system's user, or `unknown`. */
  by?: string;
}

/** Why a name cannot stand beside a decision; `null`: it can. */
export function personProblem(name: unknown): string | null {
  if (typeof name !== 'string' || name.trim() === '') return 'the name of who decides is empty';
  if (Array.from(name).length > 200) return 'the name of who decides is longer than 200 characters';
  return /[\p{Cc}\p{Cs}]/u.test(name) ? 'the name of who decides holds control characters' : null;
}

/** @throws RangeError */
export function personOf({ by = systemUser() }: DecidedBy): string {
  const problem = personProblem(by);
  if (problem !== null) throw new RangeError(problem);
  return by.trim();
}

function systemUser(): string {
  try {
    const { username } = userInfo();
    return personProblem(username) === null ? username : 'unknown';
  } catch {
    // The system has no name for the user's number, as in many containers.
    return 'unknown';
  }
}
