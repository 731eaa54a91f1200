import { EXIT, ExitWith } from './exit.js';
import { say } from './output/io.js';

/**
 * Rejects at Ctrl-C or SIGTERM, after saying what goes on without this command. A second one ends the program at once.
 */
export function leaveOnSignal(over: AbortSignal, farewell: string): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (code: number) => () => {
      say(`\n${farewell}`);
      reject(new ExitWith(code));
    };
    const onInterrupt = leave(EXIT.interrupted);
    const onTerminate = leave(EXIT.terminated);
    process.once('SIGINT', onInterrupt).once('SIGTERM', onTerminate);
    over.addEventListener('abort', () => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    });
  });
}
