import { CommanderError } from 'commander';
import { createCommand } from './command.js';

try {
  await createCommand().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version that were asked for are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
