import { Command } from 'commander';
import { processEnvironment, readConfig } from '../../config.js';
import type { OrganizationSummary } from '../../mongo/organizations.js';
import { UsageError } from '../exit.js';
import { parseOrgId, parseWebAddress, parsePerson } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { count, instant } from '../output/text.js';
import { readLumaKey } from '../secret-input.js';
import { commandLine, option } from '../../shell.js';
import { withClient } from '../with-client.js';

/** `luma-sync orgs add|list|set-key|rebind` */
export function orgsCommand(): Command {
  return new Command('orgs')
    .summary('add and list organizations, give them keys, rebind them')
    .description('Organizations: whose Luma calendars are kept.')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(setKeyCommand())
    .addCommand(rebindCommand());
}

interface AddOptions {
  id?: string;
  name: string;
  calendarUrl?: string;
  keyFile?: string;
  json?: true;
}

function addCommand(): Command {
  return new Command('add')
    .summary('add an organization with its Luma key')
    .description(
      `Adds an organization. Its Luma key is asked for at a hidden prompt, or read from --key-file, LUMA_API_KEY or
standard input; never from the command line. It is sealed with the key ring before it is stored.`,
    )
    .requiredOption('--name <name>', 'what people call it')
    .option('--id <id>', 'its id (default: a new one)', parseOrgId)
    .option('--calendar-url <url>', "the calendar's page (default: as Luma says)", parseWebAddress)
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option('--json', 'print {id, name} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs add --name "Rust Berlin" --id rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs add --name "Rust Berlin" --key-file -`,
    )
    .action(async ({ id, name, calendarUrl, keyFile, json }: AddOptions) => {
      if (name.trim() === '' || name.length > 200) {
        throw new UsageError('--name is empty or longer than 200 characters – give a name that people know');
      }
      await withClient(['mongo', 'keyring'], async (lumaSync) => {
        const apiKey = await askForKey(keyFile);
        const added = await lumaSync.orgs.add({
          name: name.trim(),
          apiKey,
          id,
          calendarUrl,
        });
        if (json) printJson({ id: added, name: name.trim() });
        else print(added);
        say(`Added. Sync it with: ${commandLine('luma-sync', 'sync', ...option('--org', added))}`);
      });
    });
}

/** The settings are read before anybody is asked for a secret; this variable only where it serves. */
async function askForKey(file: string | undefined): Promise<string> {
  const environmentKey =
    file === undefined ? readConfig(processEnvironment(), ['lumaApiKey']).lumaApiKey : undefined;
  return await readLumaKey({ file, environmentKey, input: process.stdin });
}

function setKeyCommand(): Command {
  return new Command('set-key')
    .summary('give an organization another Luma key')
    .description(
      `Gives an organization another Luma key, whatever it had. The key is asked for at a hidden prompt, or read from
--key-file, LUMA_API_KEY or standard input; never from the command line. It is sealed with the key ring before it is
stored. The next sync uses it.`,
    )
    .argument('<id>', 'the organization')
    .option('--key-file <file>', 'file that holds the Luma key, - for standard input')
    .option('--json', 'print {id} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs set-key rust-berlin
  $ pass show luma/rust-berlin | luma-sync orgs set-key rust-berlin --key-file -`,
    )
    .action(async (id: string, { keyFile, json }: { keyFile?: string; json?: true }) => {
      await withClient(['mongo', 'keyring'], async (lumaSync) => {
        await lumaSync.orgs.setKey(id, await askForKey(keyFile));
        if (json) printJson({ id });
        say(
          `The key is stored, sealed. Sync with it: ${commandLine('luma-sync', 'sync', ...option('--org', id))}`,
        );
      });
    });
}

function listCommand(): Command {
  return new Command('list')
    .summary('list organizations and how their last sync ended')
    .description(
      `Lists every organization: its calendar, whether it has a key (never the key), how its last sync ended; why it
failed, how many removals wait for a decision, what changed in Luma's answers, and what in its document cannot be used.`,
    )
    .option('--json', 'print a JSON array')
    .addHelpText(
      'after',
      '\nExample:\n  $ luma-sync orgs list --json | jq -r \'.[] | select(.state == "failed") | .id\'',
    )
    .action(async ({ json }: { json?: true }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const organizations = await lumaSync.orgs.list();
        if (json) printJson(organizations);
        else if (organizations.length === 0)
          say('No organizations yet. Add one with: luma-sync orgs add --name NAME');
        else print(organizationTable(organizations, stdoutWidth()));
      });
    });
}

function rebindCommand(): Command {
  return new Command('rebind')
    .summary('let an organization be of another calendar')
    .description(
      `Forgets which calendar the organization is of, for when its syncs fail with LumaCalendarChanged and the new
calendar is meant. The next sync binds it to the calendar that its key opens. What the old calendar left is then
treated as removals: Luma is asked about each event, and where many would go they wait for a decision.`,
    )
    .argument('<id>', 'the organization')
    .option('--by <name>', "who decides, kept with the decision (default: the system's user)", parsePerson)
    .option('--json', 'print {id, forgotten} as JSON, forgotten being the calendar’s id or null')
    .addHelpText('after', '\nExample:\n  $ luma-sync orgs rebind rust-berlin')
    .action(async (id: string, { json, by }: { json?: true; by?: string }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const forgotten = await lumaSync.orgs.rebind(id, { by });
        if (json) printJson({ id, forgotten });
        else if (forgotten !== null) print(`${id} is no longer bound to calendar ${forgotten}`);
        if (forgotten === null) {
          say(`${id} was bound to no calendar: the next sync binds it to the one its key opens.`);
          return;
        }
        say(
          `The next sync binds it to the calendar its key opens; what the old one left is then treated as removals (see: luma-sync removals list): ${commandLine('luma-sync', 'sync', ...option('--org', id))}`,
        );
      });
    });
}

/** The organizations as a table for people. */
export function organizationTable(organizations: readonly OrganizationSummary[], width?: number): string {
  const rows = organizations.map((organization) => {
    const { id, name, hasKey, calendarName, calendarUrl, unusable, lastSuccessAt } = organization;
    const state = unusable === undefined ? organization.state : 'not syncable';
    return [
      id,
      name,
      calendarName ?? calendarUrl ?? '–',
      hasKey ? 'yes' : 'no',
      state ?? (hasKey ? 'not synced yet' : 'not synced: no key'),
      instant(lastSuccessAt),
      remarks(organization),
    ];
  });
  const columns = [
    { title: 'ID' },
    { title: 'NAME', shrinks: true as const },
    { title: 'CALENDAR', shrinks: true as const },
    { title: 'KEY' },
    { title: 'STATE' },
    { title: 'LAST SUCCESS' },
    { title: 'REASON', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

/** What a person should look at. */
function remarks(organization: OrganizationSummary): string {
  const { unusable, problems = [], reason, removalsHeld = 0, drift = [] } = organization;
  return [
    ...(unusable === undefined ? [] : [unusable]),
    ...problems,
    ...(reason === undefined ? [] : [reason]),
    ...(removalsHeld > 0 ? [`${count(removalsHeld, 'removal')} to decide on`] : []),
    ...drift.map((change) => `Luma changed: ${change}`),
  ].join('; ');
}
