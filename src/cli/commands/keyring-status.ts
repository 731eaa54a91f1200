import { Command } from 'commander';
import type { KeyringStatus } from '../../client/keyring.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { keyringTable } from '../output/keyring.js';
import { count } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync keyring status` */
export function keyringStatusCommand(): Command {
  return new Command('status')
    .summary('count the Luma keys that each key seals')
    .description(
      `Counts the stored Luma keys that each key of the key ring seals, those sealed with a key that the ring lacks, and
those in clear text, and says which key can be taken out. Changes nothing.`,
    )
    .option('--json', 'print {keys, clearText, removable} as JSON')
    .addHelpText('after', "\nExample:\n  $ luma-sync keyring status --json | jq '.removable'")
    .action(async ({ json }: { json?: true }) => {
      await withClient(['mongo', 'keyring'], async (lumaSync) => {
        const status = await lumaSync.keyring.status();
        if (json) printJson(status);
        else print(statusText(status, stdoutWidth()));
        sayWhatToDo(status);
      });
    });
}

function statusText({ keys, clearText }: KeyringStatus, width?: number): string {
  const table = keyringTable(keys, width);
  return clearText === 0 ? table : `${table}\n${count(clearText, 'Luma key')} in clear text`;
}

/** What is left to do before a key of the ring can go, or that it can. */
export function sayWhatToDo({ keys, clearText, removable }: KeyringStatus): void {
  const old = keys.some(
    ({ seals, organizations, state }) => !seals && organizations > 0 && state !== 'missing',
  );
  if (old || clearText > 0) say('Seal all of them with the first key: luma-sync keyring rotate');
  const missing = keys.filter(({ state }) => state === 'missing').map(({ keyId }) => keyId);
  if (missing.length > 0) {
    say(
      `Add ${missing.join(', ')} to the key ring again, or give those organizations their Luma keys anew: luma-sync orgs set-key`,
    );
  }
  if (removable.length === 0) return;
  const sealing = keys.find(({ seals }) => seals)?.keyId ?? '';
  say(
    `No stored key needs ${removable.join(', ')} any more: once the key ring of every worker, command and application begins with ${sealing}, take ${removable.length === 1 ? 'it' : 'them'} out.`,
  );
}
