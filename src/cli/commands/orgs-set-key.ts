import { Command } from 'commander';
import { commandLine, option } from '../../shell.js';
import { askForKey, askLuma } from '../ask-for-key.js';
import { calendarText } from '../output/calendar.js';
import { printJson, say } from '../output/io.js';
import { withClient } from '../with-client.js';

interface SetKeyOptions {
  keyFile?: string;
  check: boolean;
  json?: true;
}

/** `luma-sync orgs set-key` */
export function orgsSetKeyCommand(): Command {
  return new Command('set-key')
    .summary('give an organization another Luma key')
    .description(
      `Gives an organization another Luma key, whatever it had. The key is asked for at a hidden prompt, or read from
--key-file, LUMA_API_KEY or standard input; never from the command line. Luma is asked first: the key has to open the
calendar that the organization's syncs were of. It is sealed with the key ring. The next sync uses it; one that runs
now fails with LumaKeyChanged. Events that came from the calendar's public feed so far keep their documents.`,
    )
    .argument('<id>', 'the organization')
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option('--no-check', 'store it without asking Luma')
    .option(
      '--json',
      'print {id} and what Luma said of the calendar as JSON, sourceBefore: ical after a feed',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs set-key rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs set-key rust-berlin --key-file -`,
    )
    .action(async (id: string, { keyFile, check, json }: SetKeyOptions) => {
      await withClient(['mongo', 'keyring', 'lumaProxies'], async (lumaSync) => {
        const apiKey = await askForKey(keyFile);
        const calendar = check ? await askLuma(() => lumaSync.orgs.checkKey(apiKey, id)) : undefined;
        const sourceBefore = await lumaSync.orgs.setKey(id, apiKey);
        if (json) printJson({ id, ...calendar, ...(sourceBefore === 'ical' ? { sourceBefore } : {}) });
        if (calendar !== undefined) say(`Calendar: ${calendarText(calendar)}`);
        if (sourceBefore === 'ical') {
          say(
            'Its events came from the public feed so far: the next sync keeps their documents and fills in what the feed lacks.',
          );
        }
        say(
          `The key is stored, sealed. Sync with it: ${commandLine('luma-sync', 'sync', ...option('--org', id))}`,
        );
      });
    });
}
