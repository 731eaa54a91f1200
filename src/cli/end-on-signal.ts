import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Ends the process at a signal that no command handles, with 128 and the signal's number. Without it a process with
 * id 1, as in a container, would ignore them: there signals have no default action.
 */
export function endOnSignal(): void {
  const missed = missedAtStart();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) end(signal);
    });
  }
  for (const signal of missed) end(signal);
}

function end(signal: Signal): never {
  process.exit(128 + constants.signals[signal]);
}

/**
 * Signals that came to process 1 while Node.js was starting. Its own handlers act once and then leave the default
 * action, which process 1 does not have: that a handler is gone is all that remains of the signal. Linux only.
 */
function missedAtStart(): Signal[] {
  if (process.pid !== 1 || process.platform !== 'linux') return [];
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (mask === undefined) return [];
  const caught = BigInt(`0x${mask}`);
  return (['SIGTERM', 'SIGINT'] as const).filter(
    (signal) => ((caught >> BigInt(constants.signals[signal] - 1)) & 1n) === 0n,
  );
}
