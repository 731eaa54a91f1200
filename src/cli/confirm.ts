import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EXIT, ExitWith, UsageError } from './exit.js';
import { say } from './output/io.js';
import { isolated, oneLine } from './output/text.js';

/**
 * Asks a person on a terminal to type a word, so that nothing goes by a slip of the hand.
 * @param question what will happen
 * @throws UsageError without a terminal; ExitWith where something else is typed
 */
export async function confirmByTyping(
  question: string,
  word: string,
  input: Readable & { isTTY?: boolean },
): Promise<void> {
  if (input.isTTY !== true) {
    throw new UsageError('this asks before it does it, and there is no terminal – give --yes');
  }
  say(`${question}\nType ${isolated(oneLine(word))} to go on: `);
  const lines = createInterface({ input, terminal: false });
  try {
    const typed = await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
    if (typed.trim() === word) return;
  } finally {
    lines.close();
  }
  say('Nothing was changed.');
  throw new ExitWith(EXIT.failed);
}
