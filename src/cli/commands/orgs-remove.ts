import { Command } from 'commander';
import type { OrganizationDetails } from '../../client/organizations.js';
import type { RemovedOrganization } from '../../mongo/organizations.js';
import { confirmByTyping } from '../confirm.js';
import { print, printJson, say } from '../output/io.js';
import { count, isolated, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

interface RemoveOptions {
  keepEvents?: boolean;
  yes?: true;
  json?: true;
}

/** `luma-sync orgs remove` */
export function orgsRemoveCommand(): Command {
  return new Command('remove')
    .summary('remove an organization and its events')
    .description(
      `Removes an organization: its Luma key, its events, and what syncs noted about them. Asks first. Refuses while a
sync of it runs. Its document goes too, unless it has fields that are the application's own: then those stay, and the
key and what syncs wrote go. Decisions about removals stay (luma-sync removals history). There is no way back, and the
change feed does not tell of these events. Cut off, it can be repeated.`,
    )
    .argument('<id>', 'the organization')
    .option('--keep-events', 'leave its events where they are, removed ones too')
    .option('--yes', 'do not ask')
    .option('--json', 'print {id, events, removedEvents, records, document} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync orgs remove rust-berlin
  $ luma-sync orgs remove rust-berlin --keep-events --yes`,
    )
    .action(async (id: string, { keepEvents = false, yes, json }: RemoveOptions) => {
      await withClient(['mongo', 'temporal'], async (lumaSync) => {
        if (!yes) {
          const details = await lumaSync.orgs.show(id);
          await confirmByTyping(whatGoes(details, keepEvents), details.id, process.stdin);
        }
        const removed = await lumaSync.orgs.remove(id, { keepEvents });
        if (json) printJson({ id, ...removed });
        else print(removedText(id, removed));
        if (removed.document === 'kept') {
          say('Its document has fields of the application, and stays without its Luma key.');
        }
      });
    });
}

function whatGoes({ id, name, events, removedEvents }: OrganizationDetails, keepEvents: boolean): string {
  const called = name === '' ? '' : ` (${isolated(oneLine(name))})`;
  const what = keepEvents
    ? `its events stay (${events.toLocaleString('en')})`
    : `with ${count(events, 'event')} and ${count(removedEvents, 'removed event')}, for good`;
  return `Removes the organization ${oneLine(id)}${called}, ${what}.`;
}

function removedText(id: string, { events, removedEvents, records }: RemovedOrganization): string {
  return `removed ${oneLine(id)}: ${count(events, 'event')}, ${count(removedEvents, 'removed event')}, ${count(records, 'record')} of its syncs`;
}
