import type { Logger } from './logger.js';

/**
 * Drains a process on the first SIGTERM, SIGINT or SIGHUP; a second one ends it at once.
 * @param said what is logged as it begins
 * @returns what ends the listening
 */
export function drainOnSignals(
  log: Pick<Logger, 'info' | 'warn'>,
  said: string,
  drain: () => void,
): () => void {
  let count = 0;
  const listener = (signal: NodeJS.Signals) => {
    if (++count > 1) {
      log.warn({ signal }, 'second signal: ending at once');
      process.exit(1);
    }
    log.info({ signal }, said);
    drain();
  };
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
