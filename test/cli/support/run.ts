import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { run } from '../../../src/cli/run.js';

/** As it is built: a start costs a third of what it does from the sources. */
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export type CliProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the command line as a process of its own, with no settings but those given. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): CliProcess {
  return spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs the command line to its end. */
export async function cli(
  args: readonly string[],
  { env, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<CliResult> {
  return await ended(startCli(args, env), input);
}

/** What a started command line ends with. */
export async function ended(child: CliProcess, input = ''): Promise<CliResult> {
  child.stdin.end(input);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/**
 * Runs the command line in this process, where starting one would take longer than the test: the same code, without
 * a standard input, signals or pipes of its own.
 */
export async function cliHere(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const written = { stdout: '', stderr: '' };
  const before = process.env;
  process.env = { PATH: before.PATH, HOME: '/nonexistent', ...env };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await run(createProgram(), args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.env = before;
  }
}
