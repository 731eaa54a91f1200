import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { serverEnv } from './child-env.js';
import { GUARD_PROGRAM, type GuardJob } from './guard-program.js';

const COMPLAINT_CHARS = 2_000;

const messageSchema = z.union([
  z.object({ pid: z.number() }),
  z.object({ code: z.number().nullable(), signal: z.string().nullable(), logTail: z.string() }),
]);

export interface ServerEnd {
  code: number | null;
  signal: string | null;
  logTail: string;
}

export interface GuardedServer {
  /** The server's own process (not its guard's), once it runs; undefined where it could not be started. */
  pid: Promise<number | undefined>;
  /** Settles once the server and its guard are gone and temporary data is removed. Never rejects. */
  ended: Promise<ServerEnd>;
  /** Ends the server and settles with `ended`. May be called more than once. */
  stop(): Promise<void>;
}

/** Starts a server under a guard that outlives this process by just as long as it takes to end the server. */
export function startGuarded(job: GuardJob, env: NodeJS.ProcessEnv): GuardedServer {
  const guard = spawn(process.execPath, ['-e', GUARD_PROGRAM, JSON.stringify(job)], {
    // A group of its own: Ctrl-C in a terminal reaches this program only, which then decides.
    detached: process.platform !== 'win32',
    windowsHide: true,
    env: serverEnv(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  guard.stdin.on('error', () => undefined);

  let complaint = '';
  guard.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-COMPLAINT_CHARS)));

  let serverPid: number | undefined;
  let end: ServerEnd | undefined;
  let started: (pid: number | undefined) => void;
  const pid = new Promise<number | undefined>((resolve) => (started = resolve));
  let unread = '';
  guard.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (unread + text).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) {
      const message = messageSchema.parse(JSON.parse(line));
      if ('pid' in message) started((serverPid = message.pid));
      else end = message;
    }
  });

  const ended = once(guard, 'close').then(
    async ([code, signal]: unknown[]) => {
      started(serverPid);
      if (end !== undefined) return end;
      // The guard itself was killed: what it guarded must not stay.
      if (serverPid !== undefined) killGroup(serverPid);
      if (job.tempDir !== '') await rm(job.tempDir, { recursive: true, force: true, maxRetries: 5 });
      return {
        code: null,
        signal: null,
        logTail: `its guard ended early (${String(signal ?? code)}) ${complaint}`,
      };
    },
    (error: unknown) => {
      started(undefined);
      return { code: null, signal: null, logTail: `no guard process could be started: ${String(error)}` };
    },
  );

  return {
    pid,
    ended,
    async stop() {
      guard.stdin.end();
      await ended;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
