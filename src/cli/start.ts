import type { Command } from 'commander';
import { endOnSignal } from './end-on-signal.js';

/**
 * Runs this process's command line: sets its exit code, and ends it.
 * @param load imports the program; called once signals are heeded, since that takes time
 */
export async function start(load: () => Promise<Command>): Promise<void> {
  endOnSignal();
  const { endQuietlyOnClosedPipe } = await import('./output/io.js');
  endQuietlyOnClosedPipe();
  const [{ run }, program] = await Promise.all([import('./run.js'), load()]);
  const code = await run(program, process.argv.slice(2));
  // A command that set a code of its own keeps it.
  if (code !== 0) process.exitCode = code;
  endWithin(2_000);
}

/**
 * Ends the process where something still keeps it alive: the native part of Temporal's SDK does when a worker could
 * not be created. What was written is flushed first.
 */
function endWithin(limitMs: number): void {
  const end = () => process.stdout.write('', () => process.exit());
  setTimeout(end, limitMs).unref();
}
