import { Command } from 'commander';
import { resolve } from 'node:path';
import { newKeyringFile } from '../../secrets/keyring-file.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { keyringTable } from '../output/keyring.js';
import { withClient } from '../with-client.js';
import { keyringRotateCommand } from './keyring-rotate.js';
import { keyringStatusCommand } from './keyring-status.js';

/** `luma-sync keyring new|check|status|rotate` */
export function keyringCommand(): Command {
  return new Command('keyring')
    .summary('make, check and rotate the key ring, which seals Luma keys')
    .description(
      `The key ring seals the organizations' Luma keys in MongoDB. Whoever loses it must enter every Luma key again.`,
    )
    .addCommand(newCommand())
    .addCommand(checkCommand())
    .addCommand(keyringStatusCommand())
    .addCommand(keyringRotateCommand());
}

function newCommand(): Command {
  return new Command('new')
    .summary('make a key ring in a new file')
    .description(
      `Makes a key ring with one random key in a new file that only you may read, and prints the file's path, never the
key. A file that is there is left as it is.`,
    )
    .argument('<file>', 'the file to make')
    .option('--json', 'print {file, keyId} as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ luma-sync keyring new luma-sync.keyring
  $ export LUMA_SYNC_KEYRING_FILE=$PWD/luma-sync.keyring`,
    )
    .action(async (name: string, { json }: { json?: true }) => {
      const file = resolve(name);
      const keyId = await make(file);
      if (json) printJson({ file, keyId });
      else print(file);
      say(
        'Set LUMA_SYNC_KEYRING_FILE to this path for every worker and command. Keep a copy where you keep other secrets, not in the backup of the database: without it, stored Luma keys cannot be opened.',
      );
    });
}

async function make(file: string): Promise<string> {
  try {
    return await newKeyringFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new UsageError(
      code === 'EEXIST'
        ? `${file} is there already, and stays as it is – give the name of a new file`
        : `${file} cannot be made (${code}) – give a file in a folder that is there and that you may write to`,
    );
  }
}

function checkCommand(): Command {
  return new Command('check')
    .summary('compare the key ring with the database')
    .description(
      `Compares the key ring of the settings with what the Luma keys in the database were sealed with, and changes
nothing. Exits 1 where a key differs or is missing: a worker with such a key ring would not start, or would fail those
organizations.`,
    )
    .option('--json', 'print an array of {keyId, state, seals, organizations} as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync keyring check')
    .action(async ({ json }: { json?: true }) => {
      await withClient(['mongo', 'keyring'], async (lumaSync) => {
        const checks = await lumaSync.keyring.check();
        if (json) printJson(checks);
        else print(keyringTable(checks, stdoutWidth()));
        const wrong = checks.filter(({ state }) => state === 'differs' || state === 'missing');
        if (wrong.length === 0) return;
        say(
          'Use the key ring of the workers that sealed these keys. Where it is lost: a new key under a new id, and every Luma key anew with luma-sync orgs set-key.',
        );
        throw new ExitWith(EXIT.failed);
      });
    });
}
