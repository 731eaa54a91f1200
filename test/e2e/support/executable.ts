import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built program's file. */
export const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The built `luma-sync`, running as a process of its own. */
export interface Executable {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Waits for a text on stdout or stderr. Rejects where the process ends without it. */
  saw(text: string): Promise<void>;
  /** Reads nothing more of it: what it writes from now on fails. */
  closeOutput(): void;
  /** What it has written so far. */
  written: Readonly<Record<'stdout' | 'stderr', string>>;
  /** Settles once the process is gone and all it wrote is read. */
  ended: Promise<Ended>;
}

/** Starts `dist/cli/main.js` with no settings but those given; it does not outlive the test. */
export function startExecutable(args: readonly string[], env: Record<string, string> = {}): Executable {
  if (!existsSync(main)) throw new Error('dist/ is not there: run `npm run build` first');
  return startProcess(process.execPath, [main, ...args], env);
}

/** Starts any program in the same way. */
export function startProcess(file: string, args: readonly string[], env: Record<string, string>): Executable {
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
  }
  const ended = once(child, 'close').then(([code, signal]): Ended => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    ...written,
  }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    ended,
    written,
    closeOutput: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (written.stdout.includes(text) || written.stderr.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        ended.then(
          ({ code }) =>
            reject(
              new Error(
                `ended (${String(code)}) without ${JSON.stringify(text)}:\n${written.stderr}${written.stdout}`,
              ),
            ),
          reject,
        );
      }),
  };
}

/** Runs the built `luma-sync` to its end. */
export async function luma(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return await startExecutable(args, env).ended;
}
