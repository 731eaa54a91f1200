import type { Command } from 'commander';
import { explain } from './errors.js';
import { EXIT } from './exit.js';

/**
 * Runs one command line, and says on stderr what goes wrong.
 * @param program made by `configured`
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function run(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return explain(error);
  }
}
