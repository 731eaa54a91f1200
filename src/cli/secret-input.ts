import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isLumaKey } from '../luma/key.js';
import { EXIT, ExitWith, UsageError } from './exit.js';
import { say } from './output/io.js';

export interface KeySource {
  /** A file's path, or `-` for standard input. */
  file?: string | undefined;
  /** From the environment. */
  environmentKey?: string | undefined;
  input: Readable & { isTTY?: boolean };
}

/**
 * The Luma key, from the first of: `file`, the environment, a hidden prompt on a terminal, standard input.
 * Never from the command line, where `ps` and the shell's history show it.
 * @throws UsageError where there is none, or what is there cannot be a key
 */
export async function readLumaKey({ file, environmentKey, input }: KeySource): Promise<string> {
  const key = (await read()).trim();
  if (key === '') {
    throw new UsageError(
      'no Luma key was given – type it at the prompt, pipe it in, or use --key-file or LUMA_API_KEY',
    );
  }
  if (!isLumaKey(key)) {
    throw new UsageError(
      'this cannot be a Luma key: it is one line without blanks – copy it again from the calendar’s settings',
    );
  }
  return key;

  async function read(): Promise<string> {
    if (file !== undefined && file !== '-') return await readKeyFile(file);
    if (file === undefined && environmentKey !== undefined) return environmentKey;
    if (input.isTTY === true) return await askHidden('Luma API key (not shown): ', input);
    return await text(input);
  }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new UsageError(
      `--key-file ${path} cannot be read (${code}) – give a file that holds the key, or - for standard input`,
    );
  }
}

async function askHidden(question: string, input: Readable): Promise<string> {
  process.stderr.write(question);
  // What is typed is echoed into nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new ExitWith(EXIT.interrupted)));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    say('');
  }
}
