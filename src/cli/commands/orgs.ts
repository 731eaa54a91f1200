import { Command } from 'commander';
import type { OrganizationSummary } from '../../mongo/organizations.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { count, instant } from '../output/text.js';
import { withClient } from '../with-client.js';
import { orgsAddCommand } from './orgs-add.js';
import { orgsCheckCommand } from './orgs-check.js';
import { orgsRebindCommand } from './orgs-rebind.js';
import { orgsRemoveCommand } from './orgs-remove.js';
import { orgsSetFeedCommand } from './orgs-set-feed.js';
import { orgsSetKeyCommand } from './orgs-set-key.js';
import { orgsShowCommand } from './orgs-show.js';

/** `luma-sync orgs add|list|show|check|set-key|set-feed|rebind|remove` */
export function orgsCommand(): Command {
  return new Command('orgs')
    .summary('add, list, check and remove organizations, give them keys and feeds')
    .description('Organizations: whose Luma calendars are kept.')
    .addCommand(orgsAddCommand())
    .addCommand(listCommand())
    .addCommand(orgsShowCommand())
    .addCommand(orgsCheckCommand())
    .addCommand(orgsSetKeyCommand())
    .addCommand(orgsSetFeedCommand())
    .addCommand(orgsRebindCommand())
    .addCommand(orgsRemoveCommand());
}

function listCommand(): Command {
  return new Command('list')
    .summary('list organizations and how their last sync ended')
    .description(
      `Lists every organization: its calendar, whether it has a key (never the key) or a feed, how its last sync ended; why it
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

/** The organizations as a table for people. */
export function organizationTable(organizations: readonly OrganizationSummary[], width?: number): string {
  const rows = organizations.map((organization) => {
    const { id, name, hasKey, source, calendarName, calendarUrl, unusable, lastSuccessAt } = organization;
    const state = unusable === undefined ? organization.state : 'not syncable';
    return [
      id,
      name,
      calendarName ?? calendarUrl ?? '–',
      hasKey ? 'yes' : source === 'ical' ? 'feed' : 'no',
      state ?? (hasKey || source === 'ical' ? 'not synced yet' : 'not synced: no key'),
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
