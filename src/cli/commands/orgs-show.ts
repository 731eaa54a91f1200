import { Command } from 'commander';
import type { OrganizationDetails } from '../../client/organizations.js';
import { commandLine, option } from '../../shell.js';
import { print, printJson } from '../output/io.js';
import { count, instant, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync orgs show` */
export function orgsShowCommand(): Command {
  return new Command('show')
    .summary('show one organization')
    .description(
      `Shows one organization: its calendar, how its key is stored (never the key), how its last sync ended, how much is
kept of it, and what waits for a person.`,
    )
    .argument('<id>', 'the organization')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync orgs show rust-berlin')
    .action(async (id: string, { json }: { json?: true }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const details = await lumaSync.orgs.show(id);
        if (json) printJson(details);
        else print(organizationText(details));
      });
    });
}

/** One organization for people; what is not there is left out. */
function organizationText(details: OrganizationDetails): string {
  const { id, name, unusable, problems = [], reason, drift = [], consecutiveFailures = 0 } = details;
  const failures = consecutiveFailures > 1 ? `, ${consecutiveFailures} times in a row` : '';
  const lines: [string, string | undefined][] = [
    ['organization', name === '' ? id : `${id}, ${name}`],
    ['calendar', [details.calendarName, details.calendarId].filter((one) => one !== undefined).join(', ')],
    ['page', details.calendarUrl],
    ['key', keyText(details)],
    ['feed', feedText(details)],
    ['time zone', details.timezone],
    ['stores', `events that are ${details.visibilities.join(' or ')}`],
    ['state', `${details.state ?? 'not synced yet'}${failures}`],
    ['reason', reason],
    ['last sync', `${instant(details.lastAttemptAt)}; last success ${instant(details.lastSuccessAt)}`],
    [
      'events',
      `${count(details.events, 'event')}, ${details.upcoming.toLocaleString('en')} upcoming; ${details.removedEvents.toLocaleString('en')} removed`,
    ],
    ['to decide', waiting(details.removalsWaiting, 'removal', list('removals', id))],
    ['quarantine', waiting(details.quarantined, 'event', list('quarantine', id))],
    ...drift.map((change): [string, string] => ['Luma changed', change]),
    ...[...(unusable === undefined ? [] : [unusable]), ...problems].map((one): [string, string] => [
      'problem',
      one,
    ]),
  ];
  return lines
    .filter((line): line is [string, string] => line[1] !== undefined && line[1] !== '')
    .map(([title, text]) => `${title.padEnd(14)}${oneLine(text)}`)
    .join('\n');
}

function feedText({ source, icalUrl }: OrganizationDetails): string | undefined {
  return icalUrl === undefined || source === 'ical' ? icalUrl : `${icalUrl} (not read: there is a key)`;
}

function keyText({ key, keyId }: OrganizationDetails): string {
  if (key === 'none') return 'none';
  if (key === 'clear-text') return 'in clear text; the next sync seals it';
  return keyId === undefined ? 'sealed, in a form that this version does not know' : `sealed with ${keyId}`;
}

function waiting(number: number, noun: string, command: string): string | undefined {
  return number === 0 ? undefined : `${count(number, noun)}: ${command}`;
}

function list(what: string, id: string): string {
  return commandLine('luma-sync', what, 'list', ...option('--org', id));
}
