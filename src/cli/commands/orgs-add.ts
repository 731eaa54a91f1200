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
  ical?: string;
  timezone?: string;
  check: boolean;
  json?: true;
}

const WITH_KEY = ['mongo', 'keyring', 'lumaProxies'] as const;
const WITH_FEED = ['mongo', 'lumaProxies'] as const;

/** `luma-sync orgs add` */
export function orgsAddCommand(): Command {
  return new Command('add')
    .summary('add an organization with its Luma key, or with its public feed')
    .description(
      `Adds an organization. Its Luma key is asked for at a hidden prompt, or read from --key-file, LUMA_API_KEY or
standard input; never from the command line. Luma is asked which calendar the key opens before anything is stored. The
key is sealed with the key ring.

A calendar without Luma Plus has no key: with --ical its events come from its public iCal feed.`,
    )
    .requiredOption('--name <name>', 'what people call it')
    .option('--id <id>', 'its id (default: a new one)', parseOrgId)
    .option('--calendar-url <url>', "the calendar's page (default: as Luma says)", parseWebAddress)
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option(
      '--ical <url>',
      "in place of a key: the address behind “Add iCal Subscription” on the calendar's page",
    )
    .option('--timezone <zone>', 'with --ical: of events whose place does not tell it (default: UTC)')
    .option('--no-check', 'store it without asking Luma')
    .option('--json', 'print {id, name} and what Luma said of the calendar as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs add --name "Rust Berlin" --id rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs add --name "Rust Berlin" --key-file -
  $ luma-sync orgs add --name "Tea Club" --ical "https://api.luma.com/ics/get?entity=calendar&id=cal-…" --timezone Europe/Rome`,
    )
    .action(async ({ id, name, calendarUrl, keyFile, ical, timezone, check, json }: AddOptions) => {
      if (name.trim() === '' || name.length > 200) {
        throw new UsageError('--name is empty or longer than 200 characters – give a name that people know');
      }
      if (ical !== undefined && keyFile !== undefined) {
        throw new UsageError(
          '--ical and --key-file exclude each other – a calendar with a key needs no feed',
        );
      }
      if (ical === undefined && timezone !== undefined) {
        throw new UsageError(
          '--timezone goes with --ical only – with a key Luma tells every event’s time zone',
        );
      }
      const needs = ical === undefined ? WITH_KEY : WITH_FEED;
      await withClient(needs, async (lumaSync) => {
        const source: { apiKey: string } | { icalUrl: string; timezone?: string | undefined } =
          ical === undefined ? { apiKey: await askForKey(keyFile) } : { icalUrl: ical, timezone };
        const ask = () =>
          'apiKey' in source
            ? lumaSync.orgs.checkKey(source.apiKey)
            : lumaSync.orgs.checkFeed(source.icalUrl);
        const calendar = check ? await askLuma(ask) : undefined;
        const added = await lumaSync.orgs.add({
          ...{ id, name: name.trim(), ...source },
          calendarUrl: calendarUrl ?? calendar?.calendarUrl,
        });
        if (json) printJson({ id: added, name: name.trim(), ...calendar });
        else print(added);
        if (calendar !== undefined) say(`Calendar: ${calendarText(calendar)}`);
        say(`Added. Sync it with: ${commandLine('luma-sync', 'sync', ...option('--org', added))}`);
      });
    });
}
