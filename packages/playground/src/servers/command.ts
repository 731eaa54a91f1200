import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const TAIL_CHARS = 600;

/** Runs a program to its end and gives its stdout. Throws an Error with the end of its stderr; killed at the limit. */
export function runCommand(
  file: string,
  args: string[],
  { env, limitMs }: { env: NodeJS.ProcessEnv; limitMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
      maxBuffer: 8 << 20,
    } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) {
        resolve(stdout);
        return;
      }
      const said = (stderr.trim() || stdout.trim() || error.message).slice(-TAIL_CHARS);
      reject(new Error(error.killed ? `gave no result within ${limitMs / 1000} s` : said));
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
