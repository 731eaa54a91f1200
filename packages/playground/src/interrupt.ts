import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, ExitWith } from '../../../src/cli/exit.js';
import { say } from '../../../src/cli/output/io.js';
import { type End, endAll, messageOf } from './end-all.js';

/** Two signals this close are one key press: npm hands a Ctrl-C on to a program that the terminal has told already. */
const ONE_PRESS_MS = 200;

/**
 * Runs work that starts things; whatever `onEnd` was told is ended in reverse order, when the work is done, when it
 * fails, and at Ctrl-C, SIGTERM, SIGHUP or a closed output. An interruption aborts `signal`; the work then gets
 * `settleMs` to come to a halt, so that nothing is made while things are being removed; what is still being started
 * after that is ended once it is there. A second Ctrl-C or SIGTERM ends the program at once (servers started here end
 * with it).
 * @throws what the work failed with, else what could not be ended, else ExitWith for a signal; what is not thrown of
 * these is said
 */
export async function untilInterrupted(
  work: (onEnd: (end: End) => void, signal: AbortSignal) => Promise<void>,
  { settleMs = 10_000 } = {},
): Promise<void> {
  const ends: End[] = [];
  const failures: unknown[] = [];
  const { signal, stopListening } = interruption();
  let over = false;
  const onEnd = (end: End): void => {
    if (over) void end().catch(() => undefined);
    else ends.push(end);
    signal.throwIfAborted();
  };
  // After an interruption the work fails on what was taken away from under it: that is no news.
  const settled = work(onEnd, signal).catch((error: unknown) => {
    if (!signal.aborted) failures.push(error);
  });
  await Promise.race([settled, aborted(signal)]);
  if (signal.aborted) {
    failures.push(signal.reason);
    await within(settleMs, settled);
  }
  over = true;
  await endAll(ends).catch((error: unknown) => failures.push(error));
  stopListening();
  const [first, ...more] = failures.filter((failure) => !(failure instanceof ExitWith));
  for (const failure of more) say(messageOf(failure));
  if (failures.length > 0) throw first ?? failures[0];
}

/** Aborts with the first thing that asks for the end; the reason is what the command then throws. */
function interruption(): { signal: AbortSignal; stopListening: () => void } {
  const asked = new AbortController();
  let since = 0;
  const begin = (reason: unknown): void => {
    if (asked.signal.aborted) return;
    since = performance.now();
    say('\nStopping …');
    asked.abort(reason);
  };
  const listener = (name: NodeJS.Signals, code: number) => () => {
    // A terminal that is closed may say so twice, and nobody is there who could be impatient.
    const impatient = name !== 'SIGHUP' && performance.now() - since > ONE_PRESS_MS;
    if (asked.signal.aborted && impatient) process.exit(code);
    begin(new ExitWith(code));
  };
  const listeners = [
    ['SIGINT', listener('SIGINT', EXIT.interrupted)],
    ['SIGTERM', listener('SIGTERM', EXIT.terminated)],
    ['SIGHUP', listener('SIGHUP', EXIT.hungUp)],
  ] as const;
  const onBrokenOutput = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') begin(new ExitWith(EXIT.done));
    else if (error.code === 'EIO') begin(new ExitWith(EXIT.hungUp));
    else begin(error);
  };
  const outputs = [process.stdout, process.stderr];
  for (const [name, listen] of listeners) process.on(name, listen);
  for (const output of outputs) output.on('error', onBrokenOutput);
  return {
    signal: asked.signal,
    stopListening: () => {
      for (const [name, listen] of listeners) process.off(name, listen);
      for (const output of outputs) output.off('error', onBrokenOutput);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function within(limitMs: number, done: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const limit = delay(limitMs, undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([done, limit]);
  waiting.abort();
}
