import { Command } from 'commander';
import type { CanceledSync } from '../../client/cancel.js';
import { commandLine, option } from '../../shell.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { print, printJson, say } from '../output/io.js';
import { oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

interface CancelOptions {
  org?: string;
  wait: boolean;
  json?: true;
}

/** `luma-sync sync cancel` */
export function syncCancelCommand(): Command {
  return new Command('cancel')
    .summary('end a sync that runs')
    .description(
      `Ends the full sync that runs, scheduled or not, with the syncs of organizations that it has started; or the sync of
one organization. What they have written stays, and the next sync goes on from there. Waits up to 30 s for the end.`,
    )
    .option('--org <id>', 'the sync of this organization only')
    .option('--no-wait', 'ask it to end, and do not wait')
    .option('--json', 'print an array of {workflowId, runId, orgId, state} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 ended, or none was running; 1 failed; 2 used wrongly; 3 asked to end, and still running

Examples:
  $ luma-sync sync cancel
  $ luma-sync sync cancel --org rust-berlin`,
    )
    .action(async ({ org, wait, json }: CancelOptions, command: Command) => {
      refuseBefore(command);
      await withClient(['temporal'], async (lumaSync) => {
        const canceled = await lumaSync.cancel(org, wait ? {} : { waitMs: 0 });
        if (json) printJson(canceled);
        else if (canceled.length > 0) print(canceled.map(inWords).join('\n'));
        if (canceled.length === 0) {
          say(org === undefined ? 'No full sync is running.' : `No sync of ${oneLine(org)} is running.`);
        }
        const running = canceled.filter(({ state }) => state === 'running');
        if (!wait || running.length === 0) return;
        const workers = await lumaSync.hasWorkers();
        say(workers ? 'They have heard of it, and end once what they do is done.' : withoutWorkers(running));
        throw new ExitWith(EXIT.partly);
      });
    });
}

/** `sync --org x cancel` would end more than was meant. */
function refuseBefore({ parent }: Command): void {
  if (parent === null || Object.keys(parent.opts()).length === 0) return;
  throw new UsageError('options of `sync cancel` stand behind it – write: luma-sync sync cancel --org ID');
}

function inWords({ workflowId, state }: CanceledSync): string {
  const ended = {
    canceled: 'canceled',
    ended: 'had ended by itself',
    running: 'asked to end, still running',
  };
  return `${oneLine(workflowId)}  ${ended[state]}`;
}

function withoutWorkers([first]: readonly CanceledSync[]): string {
  const terminate = commandLine(
    ...['temporal', 'workflow', 'terminate'],
    ...option('--workflow-id', first?.workflowId ?? ''),
  );
  return `No worker is running: they end once one is. To end one without: ${terminate}`;
}
