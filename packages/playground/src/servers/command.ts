import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const TAIL_CHARS = 600;
/** What a killed program had started gets this long to end. */
const LEFTOVERS_MS = 60_000;

/**
 * Runs a program to its end, and that of what it started, and gives its stdout. Throws an Error with the end of its
 * stderr; killed at the limit.
 */
export function runCommand(
  file: string,
  args: string[],
  { env, limitMs }: { env: NodeJS.ProcessEnv; limitMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    let isLate = false;
    let leftovers: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
      // Its pipes close when the last process that holds them ends: only then may its files be removed.
      leftovers = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, LEFTOVERS_MS);
    }, limitMs);
    const settle = () => {
      clearTimeout(limit);
      clearTimeout(leftovers);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code, signal) => {
      settle();
      if (isLate) reject(new Error(`gave no result within ${limitMs / 1000} s`));
      else if (code === 0) resolve(said.out);
      else {
        const words = said.err.trim() || said.out.trim() || `ended with ${String(signal ?? code)}`;
        reject(new Error(words.slice(-TAIL_CHARS)));
      }
    });
  });
}

/** The first of the names that is a program on `env.PATH`, or undefined. */
export async function findOnPath(names: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const windows = process.platform === 'win32';
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const file = join(folder, windows ? `${name}.exe` : name);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message} (${cause.message})`
    : error.message;
}
