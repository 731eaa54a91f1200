import { Command } from 'commander';
import type { KeyringRotation } from '../../client/keyring.js';
import { EXIT, ExitWith } from '../exit.js';
import { print, printJson, say } from '../output/io.js';
import { count, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';
import { sayWhatToDo } from './keyring-status.js';

/** `luma-sync keyring rotate` */
export function keyringRotateCommand(): Command {
  return new Command('rotate')
    .summary('seal every stored Luma key with the first key')
    .description(
      `Seals every stored Luma key with the first key of the key ring, those in clear text too, and says when an older key
can be taken out. Syncs may run meanwhile. A Luma key that an application changes meanwhile stays as it was written.
Cut off, it can be repeated: what is done is done.

Before it, give every worker, command and application a key ring that has both keys, and then one that begins with the
new key: what seals with the old one later has to be rotated again.`,
    )
    .option('--json', 'print {keyId, resealed, left, failures, keys, clearText, removable} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 all are sealed with the first key, 1 failed, 2 used wrongly, 3 some could not be

Example:
  $ luma-sync keyring rotate`,
    )
    .action(async ({ json }: { json?: true }) => {
      await withClient(['mongo', 'keyring'], async (lumaSync) => {
        const rotation = await lumaSync.keyring.rotate({ onProgress: sayProgress });
        if (json) printJson(rotation);
        else print(rotationText(rotation));
        if (rotation.left > rotation.failures.length) {
          say(
            'Some were changed meanwhile: run it again, and see that no worker seals with an old key ring.',
          );
        }
        sayWhatToDo(rotation);
        if (rotation.left > 0) throw new ExitWith(EXIT.partly);
      });
    });
}

function sayProgress({ done, total }: { done: number; total: number }): void {
  say(`${done.toLocaleString('en')} of ${count(total, 'Luma key')}`);
}

function rotationText({ keyId, resealed, left, failures }: KeyringRotation): string {
  return [
    `${count(resealed, 'Luma key')} sealed with ${keyId}${left > 0 ? `, ${left.toLocaleString('en')} not` : ''}`,
    ...failures.map(({ orgId, reason }) => `  ${oneLine(orgId)}: ${oneLine(reason)}`),
  ].join('\n');
}
