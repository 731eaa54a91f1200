#!/usr/bin/env node
import { endOnSignal } from './end-on-signal.js';

// Before anything that takes time to load.
endOnSignal();
const { endQuietlyOnClosedPipe } = await import('./output/io.js');
endQuietlyOnClosedPipe();
const { run } = await import('./run.js');
const code = await run(process.argv.slice(2));
// A command that set a code of its own keeps it.
if (code !== 0) process.exitCode = code;
endWithin(2_000);

/**
 * Ends the process where something still keeps it alive: the native part of Temporal's SDK does when a worker could
 * not be created. What was written is flushed first.
 */
function endWithin(limitMs: number): void {
  const end = () => process.stdout.write('', () => process.exit());
  setTimeout(end, limitMs).unref();
}
