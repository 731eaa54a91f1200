import { escapeControls } from '../../printable.js';
import { toTerminal } from './styles.js';

/**
 * Data goes to stdout, what is said about it to stderr: pipes get data only. Texts may hold what came from outside,
 * and lose here whatever a terminal would act on.
 */

export function print(text: string): void {
  process.stdout.write(`${toTerminal(text, process.stdout)}\n`);
}

/** One document, one line. Dates are ISO 8601 in UTC. */
export function printJson(value: unknown): void {
  process.stdout.write(`${escapeControls(JSON.stringify(value))}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${toTerminal(text, process.stderr)}\n`);
}

/** Columns of the terminal that stdout is, `undefined` where it is none. */
export function stdoutWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** A reader that has seen enough (`| head`) closes the pipe: that is no error of ours. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever listens beside this has something to clean up, and ends then.
      if (stream.listenerCount('error') > 1) return;
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}
