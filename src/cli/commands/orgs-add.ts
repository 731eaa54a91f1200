import { Command } from 'commander';
import { commandLine, option } from '../../shell.js';
import { askForKey, askLuma } from '../ask-for-key.js';
import { UsageError } from '../exit.js';
import { parseOrgId, parseWebAddress } from '../options.js';
import { calendarText } from '../output/calendar.js';
import { print, printJson, say } from '../output/io.js';
import { withClient } from '../with-client.js';

interface AddOptions {
  id?: string;
  name: string;
  calendarUrl?: string;
  keyFile?: string;
  check: boolean;
  json?: true;
}

/** `luma-sync orgs add` */
export function orgsAddCommand(): Command {
  return new Command('add')
    .summary('add an organization with its Luma key')
    .description(
      `Adds an organization. Its Luma key is asked for at a hidden prompt, or read from --key-file, LUMA_API_KEY or
standard input; never from the command line. Luma is asked which calendar the key opens before anything is stored. The
key is sealed with the key ring.`,
    )
    .requiredOption('--name <name>', 'what people call it')
    .option('--id <id>', 'its id (default: a new one)', parseOrgId)
    .option('--calendar-url <url>', "the calendar's page (default: as Luma says)", parseWebAddress)
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option('--no-check', 'store it without asking Luma')
    .option('--json', 'print {id, name} and what Luma said of the calendar as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs add --name "Rust Berlin" --id rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs add --name "Rust Berlin" --key-file -`,
    )
    .action(async ({ id, name, calendarUrl, keyFile, check, json }: AddOptions) => {
      if (name.trim() === '' || name.length > 200) {
        throw new UsageError('--name is empty or longer than 200 characters – give a name that people know');
      }
      await withClient(['mongo', 'keyring', 'lumaProxies'], async (lumaSync) => {
        const apiKey = await askForKey(keyFile);
        const calendar = check ? await askLuma(() => lumaSync.orgs.checkKey(apiKey)) : undefined;
        const added = await lumaSync.orgs.add({
          ...{ id, name: name.trim(), apiKey },
          calendarUrl: calendarUrl ?? calendar?.calendarUrl,
        });
        if (json) printJson({ id: added, name: name.trim(), ...calendar });
        else print(added);
        if (calendar !== undefined) say(`Calendar: ${calendarText(calendar)}`);
        say(`Added. Sync it with: ${commandLine('luma-sync', 'sync', ...option('--org', added))}`);
      });
    });
}
