import { escapeControls } from './printable.js';

/**
 * A command line to suggest: every argument reaches the program as it is, whatever it holds, when the line is pasted
 * into a POSIX shell. Control characters are written as `$'\u001b'`, which bash and zsh read.
 */
export function commandLine(...args: readonly string[]): string {
  return args.map(shellQuoted).join(' ');
}

/** An option and its value; `--org=-x` where the value could be taken for another option. */
export function option(name: string, value: string): string[] {
  return value.startsWith('-') || value === '' ? [`${name}=${value}`] : [name, value];
}

/** An argument that stands for itself; `-- -x` where it could be taken for an option. */
export function argument(value: string): string[] {
  return value.startsWith('-') ? ['--', value] : [value];
}

function shellQuoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (escapeControls(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${escapeControls(text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
}
