import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

export interface Program {
  pid: number;
  /** The line that said that it is ready. */
  line: string;
  stop(): Promise<void>;
}

function start(args: readonly string[], env: Record<string, string>) {
  return spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Runs a script to its end. @returns what it prints, JSON */
export async function runScript(url: URL, env: Record<string, string>): Promise<unknown> {
  const child = start(['--import', 'tsx', url.pathname], env);
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`${url.pathname} ended with ${child.exitCode ?? 'a signal'}`);
  return JSON.parse(said) as unknown;
}

/** Starts a program that goes on, and waits for a line of its output. The rest of it is read and thrown away. */
export async function startProgram(
  args: readonly string[],
  env: Record<string, string>,
  isReady: (line: string) => boolean,
): Promise<Program> {
  const child = start(args, env);
  const exited = once(child, 'exit');
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (isReady(text)) resolve(text);
    });
    void exited.then(() => reject(new Error(`${args.join(' ')} ended before it was ready`)));
  });
  return {
    pid: child.pid ?? 0,
    line,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
