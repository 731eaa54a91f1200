import { EXIT, ExitWith } from '../exit.js';
import { say } from '../output/io.js';
import { type End, endAll } from './end-all.js';

/**
 * Runs work that starts things; whatever `onEnd` was told is ended in reverse order, when the work is done, when it
 * fails, and at Ctrl-C or SIGTERM; what is still being started then is ended once it is there. A second signal ends
 * the program at once (servers started here end with it).
 * @throws what the work failed with, else what could not be ended, else ExitWith for a signal
 */
export async function untilInterrupted(work: (onEnd: (end: End) => void) => Promise<void>): Promise<void> {
  const ends: End[] = [];
  let stopListening = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    let signals = 0;
    const listen = (code: number) => () => {
      signals++;
      if (signals > 1) process.exit(code);
      say('\nStopping …');
      reject(new ExitWith(code));
    };
    const [onInterrupt, onTerminate] = [listen(EXIT.interrupted), listen(EXIT.terminated)];
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    stopListening = () => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    };
  });
  interrupted.catch(() => undefined);
  let over = false;
  const working = work((end) => {
    if (!over) {
      ends.push(end);
      return;
    }
    void end().catch(() => undefined);
    throw new ExitWith(EXIT.interrupted);
  });
  // After an interruption the work fails on what is taken away from under it: that is no news.
  working.catch(() => undefined);
  const failures: unknown[] = [];
  const remember = (error: unknown) => void failures.push(error);
  await Promise.race([working, interrupted]).catch(remember);
  over = true;
  await endAll(ends).catch(remember);
  stopListening();
  if (failures.length > 0) throw failures.find((failure) => !(failure instanceof ExitWith)) ?? failures[0];
}
