import { Command } from 'commander';
import type { KeyRemoval } from '../../client/organization-sources.js';
import { commandLine, option } from '../../shell.js';
import { askForKey, askLuma } from '../ask-for-key.js';
import { UsageError } from '../exit.js';
import { calendarText } from '../output/calendar.js';
import { printJson, say } from '../output/io.js';
import { noSource, WHAT_STAYS } from '../output/source-change.js';
import { withClient } from '../with-client.js';

interface SetKeyOptions {
  keyFile?: string;
  remove?: true;
  check: boolean;
  json?: true;
}

/** `luma-sync orgs set-key` */
export function orgsSetKeyCommand(): Command {
  return new Command('set-key')
    .summary('give an organization another Luma key, or take it away')
    .description(
      `Gives an organization another Luma key, whatever it had. The key is asked for at a hidden prompt, or read from
--key-file, LUMA_API_KEY or standard input; never from the command line. Luma is asked first: the key has to open the
calendar that the organization's syncs were of. It is sealed with the key ring. The next sync uses it; one that runs
now fails with LumaKeyChanged. Events that came from the calendar's public feed so far keep their documents.

With --remove the key is taken away. The organization is synced from its feed from then on, if it has one (orgs set-feed),
and keeps its documents with what only the API knew.`,
    )
    .argument('<id>', 'the organization')
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option('--remove', 'take the key away; needs no key ring, and asks Luma nothing')
    .option('--no-check', 'store it without asking Luma')
    .option(
      '--json',
      'print {id} and what Luma said of the calendar as JSON, sourceBefore: ical after a feed; with --remove {id, removed, source, webhookLeft}',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs set-key rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs set-key rust-berlin --key-file -
  $ luma-sync orgs set-key rust-berlin --remove`,
    )
    .action(async (id: string, { keyFile, remove, check, json }: SetKeyOptions) => {
      if (remove === true) {
        if (keyFile !== undefined) throw new UsageError('--remove and --key-file exclude each other');
        await removeKey(id, json);
        return;
      }
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

async function removeKey(id: string, json: true | undefined): Promise<void> {
  await withClient(['mongo'], async (lumaSync) => {
    const removal = await lumaSync.orgs.removeKey(id);
    const { removed, source, webhookLeft } = removal;
    if (json) printJson({ id, removed, source, webhookLeft });
    for (const line of removalText(id, removal)) say(line);
  });
}

function removalText(id: string, { removed, source, webhookLeft }: KeyRemoval): string[] {
  const what = removed ? 'The key is taken away' : 'There was no key';
  const sync = commandLine('luma-sync', 'sync', ...option('--org', id));
  return [
    source === null ? `${what}. ${noSource(id)}` : `${what}: ${WHAT_STAYS}. Sync with it: ${sync}`,
    ...(webhookLeft
      ? [
          "Its webhook is still registered at Luma, and refused here: delete it in the calendar's settings at Luma.",
        ]
      : []),
  ];
}
