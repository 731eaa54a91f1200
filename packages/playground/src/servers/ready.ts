import { setTimeout as pause } from 'node:timers/promises';
import { LocalServerFailed } from './errors.js';
import type { GuardedServer, ServerEnd } from './guarded.js';
import { isListening } from './ports.js';

const POLL_MS = 25;
/** Long, because a cold disk or a busy machine makes a first start slow, and an early exit is seen at once anyway. */
const READY_LIMIT_MS = 60_000;
const PORT_ATTEMPTS = 3;

export interface Launch {
  server: GuardedServer;
  /** Where it will listen. */
  port: number;
}

/**
 * Launches until the server answers. `answers` is asked once the port is open, again and again until it does not
 * throw. A port that somebody else took meanwhile is answered by another launch. Throws LocalServerFailed.
 */
export async function launchUntilReady(
  title: string,
  launch: () => Promise<Launch>,
  answers: (port: number) => Promise<void>,
): Promise<Launch> {
  for (let attempt = 1; ; attempt++) {
    const launched = await launch();
    const failure = await ready(title, launched, answers);
    if (failure === undefined) return launched;
    await launched.server.stop();
    if (attempt === PORT_ATTEMPTS || !/address (is )?already in use|EADDRINUSE/i.test(failure.logTail))
      throw failure;
  }
}

async function ready(
  title: string,
  { server, port }: Launch,
  answers: (port: number) => Promise<void>,
): Promise<LocalServerFailed | undefined> {
  const deadline = Date.now() + READY_LIMIT_MS;
  let lastReason = 'its port stayed closed';
  for (;;) {
    const end = await Promise.race([server.ended, pause(POLL_MS)]);
    if (end !== undefined) {
      return new LocalServerFailed(`${title} ended${howOf(end)} before it was ready`, end.logTail);
    }
    if (Date.now() > deadline) {
      await server.stop();
      const { logTail } = await server.ended;
      return new LocalServerFailed(
        `${title} was not ready after ${READY_LIMIT_MS / 1000} s (${lastReason})`,
        logTail,
      );
    }
    if (!(await isListening(port))) continue;
    try {
      await answers(port);
      return undefined;
    } catch (error) {
      lastReason = error instanceof Error ? error.message : String(error);
    }
  }
}

function howOf({ code, signal }: ServerEnd): string {
  if (signal !== null) return ` (${signal})`;
  return code === null ? '' : ` (exit code ${code})`;
}
