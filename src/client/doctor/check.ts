/** What was looked at. */
export type Part = 'settings' | 'program' | 'temporal' | 'mongodb' | 'keyring' | 'luma' | 'webhooks';

export interface Check {
  part: Part;
  /** What was checked, in a word or two. Unique in its part, but for settings and indexes. */
  name: string;
  status: 'pass' | 'warn' | 'fail';
  /** One line. Never a key, a password or anything of an event. */
  message: string;
  /** What to do. Absent where all is well. */
  remedy?: string;
  /** The command of the remedy, as it is to be run. */
  command?: string;
  /** `fix` would mend it. */
  fixable?: true;
  /** It was mended just now. */
  fixed?: true;
  /** Checks of the same part that could not be made because of this. */
  notChecked?: string[];
}

/** One check of a part that is known. */
export type PartCheck = Omit<Check, 'part'>;

export interface Remedy {
  remedy: string;
  command?: string;
}

export function pass(name: string, message: string, more: { fixed?: true } = {}): PartCheck {
  return { name, status: 'pass', message, ...more };
}

export function warn(name: string, message: string, remedy: Remedy): PartCheck {
  return { name, status: 'warn', message, ...remedy };
}

export function fail(
  name: string,
  message: string,
  more: Remedy & Pick<Check, 'fixable' | 'notChecked'>,
): PartCheck {
  return { name, status: 'fail', message, ...more };
}

const NAMED = 3;

/** The first names of so many. */
export function firstOf(names: readonly string[], total = names.length): string {
  const first = names.slice(0, NAMED);
  return `${first.join(', ')}${total > first.length ? ` and ${total - first.length} more` : ''}`;
}

/**
 * A message of this project's own, which says what is wrong and, behind a dash, what to do: a command at the end of that
 * is taken out, so that it can be shown alone.
 */
export function divided(text: string, otherwise: string): { message: string } & Remedy {
  const at = text.indexOf(' – ');
  const message = at === -1 ? text : text.slice(0, at);
  const remedy = at === -1 ? otherwise : text.slice(at + 3);
  const [, what, command] = /^(.*\S): ((?:(?:luma-sync|temporal|chmod) |db\.|rs\.).*)$/s.exec(remedy) ?? [];
  return what === undefined || command === undefined
    ? { message, remedy }
    : { message, remedy: what, command };
}
