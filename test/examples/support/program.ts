import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface Program {
  /** Everything printed so far. */
  output: () => string;
  /** Waits until it printed this. @returns the match; fails where the program ended without it */
  printed: (pattern: RegExp) => Promise<string[]>;
  /** @returns the exit code */
  ended: () => Promise<number | null>;
}

/** Starts a program of Node's in a folder; it is killed at the end of the test. */
export function start(cwd: string, args: readonly string[], env: Record<string, string>): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1', ...env },
    // A group of its own: Next.js has children.
    detached: true,
  });
  let output = '';
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((look) => look());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      wake();
    });
  }
  const closed = once(child, 'close').then(([code]) => code as number | null);
  void closed.finally(wake);
  onTestFinished(async () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    await closed;
  });
  return {
    output: () => output,
    ended: () => closed,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match === null && child.exitCode === null) return;
          waiting.delete(look);
          if (match === null) reject(new Error(`it ended without ${String(pattern)}:\n${output}`));
          else resolve([...match]);
        };
        waiting.add(look);
        look();
      }),
  };
}
