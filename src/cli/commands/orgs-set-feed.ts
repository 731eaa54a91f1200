import { Command } from 'commander';
import type { SourceRemoval } from '../../client/organization-sources.js';
import { argument, commandLine, option } from '../../shell.js';
import { askLuma } from '../ask-for-key.js';
import { UsageError } from '../exit.js';
import { calendarText } from '../output/calendar.js';
import { printJson, say } from '../output/io.js';
import { noSource, WHAT_STAYS } from '../output/source-change.js';
import { withClient } from '../with-client.js';

interface SetFeedOptions {
  timezone?: string;
  remove?: true;
  check: boolean;
  json?: true;
}

/** `luma-sync orgs set-feed` */
export function orgsSetFeedCommand(): Command {
  return new Command('set-feed')
    .summary('give an organization another public feed, or take it away')
    .description(
      `Gives an organization the public iCal feed of its calendar, whatever feed it had. The feed is read first: it has to
be of the calendar that the organization's syncs were of. It is where events come from as long as there is no Luma key.
The next sync uses it; one that runs now with another feed fails with LumaKeyChanged. Events that came from the API so far
keep their documents, with what only the API knew.`,
    )
    .argument('<id>', 'the organization')
    .argument('[url]', "the address behind “Add iCal Subscription” on the calendar's page, in quotes")
    .option('--timezone <zone>', 'of events whose place does not tell it (default: as it was, else UTC)')
    .option('--remove', 'take the feed away')
    .option('--no-check', 'store it without asking Luma')
    .option(
      '--json',
      'print {id, source} and what Luma said of the calendar as JSON, sourceBefore: api after a key; with --remove {id, removed, source}',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs set-feed tea-club "https://api.luma.com/ics/get?entity=calendar&id=cal-…"
  $ luma-sync orgs set-feed tea-club --remove`,
    )
    .action(async (id: string, url: string | undefined, options: SetFeedOptions) => {
      const { timezone, remove, json } = options;
      if (url === undefined && remove === undefined) {
        throw new UsageError("no address was given – give the feed's address, in quotes, or --remove");
      }
      if (remove === true && (url !== undefined || timezone !== undefined)) {
        throw new UsageError('--remove takes neither an address nor --timezone – leave them out');
      }
      await withClient(['mongo', 'lumaProxies'], async (lumaSync) => {
        if (url === undefined) {
          const removal = await lumaSync.orgs.removeFeed(id);
          if (json) printJson({ id, removed: removal.removed, source: removal.source });
          sayRemoval(id, removal);
          return;
        }
        const calendar = options.check ? await askLuma(() => lumaSync.orgs.checkFeed(url, id)) : undefined;
        const { source, sourceBefore } = await lumaSync.orgs.setFeed(id, { icalUrl: url, timezone });
        const isAfterKey = source === 'ical' && sourceBefore === 'api';
        if (json) printJson({ id, ...calendar, source, ...(isAfterKey ? { sourceBefore } : {}) });
        if (calendar !== undefined) say(`Calendar: ${calendarText(calendar)}`);
        if (source === 'api') {
          const removeKey = commandLine('luma-sync', 'orgs', 'set-key', '--remove', ...argument(id));
          say(
            `The feed is stored, and not read: there is a Luma key. Once that is taken away (${removeKey}), ${WHAT_STAYS}.`,
          );
          return;
        }
        if (isAfterKey) say(`Its events came from the API so far: ${WHAT_STAYS}.`);
        say(`The feed is stored. Sync with it: ${commandLine('luma-sync', 'sync', ...option('--org', id))}`);
      });
    });
}

function sayRemoval(id: string, { removed, source }: SourceRemoval): void {
  const what = removed ? 'The feed is taken away' : 'There was no feed';
  say(source === null ? `${what}. ${noSource(id)}` : `${what}. Its events come from the API, with its key.`);
}
