import { Command } from 'commander';
import { commandLine, option } from '../../shell.js';
import { parsePerson } from '../options.js';
import { print, printJson, say } from '../output/io.js';
import { withClient } from '../with-client.js';

/** `luma-sync orgs rebind` */
export function orgsRebindCommand(): Command {
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
