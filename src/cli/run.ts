import { explain } from './errors.js';
import { EXIT } from './exit.js';
import { createProgram } from './program.js';

/**
 * Runs one command line, and says on stderr what goes wrong.
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return explain(error);
  }
}
