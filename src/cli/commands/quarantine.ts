import { Command } from 'commander';
import type { QuarantinedSummary } from '../../client/quarantine.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { instant } from '../output/text.js';
import { retryQuarantined } from '../retry-quarantined.js';
import { withClient } from '../with-client.js';

interface QuarantineOptions {
  org?: string;
  json?: true;
}

/** `luma-sync quarantine list|retry` */
export function quarantineCommand(): Command {
  return new Command('quarantine')
    .summary('entries of Luma that cannot be trusted')
    .description(
      `Entries of Luma's that make no sense, such as an event without a start. They stop nothing else; an event that
was stored before stays as it is. One that comes in order again leaves quarantine with the next sync.`,
    )
    .addCommand(listCommand())
    .addCommand(retryCommand());
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the entries and what is wrong with them')
    .description("Lists the entries, with what is wrong by the path of the field in Luma's answer.")
    .option('--org <id>', 'of one organization only')
    .option('--json', 'print a JSON array')
    .addHelpText('after', "\nExample:\n  $ luma-sync quarantine list --json | jq '.[].problems'")
    .action(async ({ org, json }: QuarantineOptions) => {
      await withClient(['mongo'], async (lumaSync) => {
        const entries = await lumaSync.quarantine.list(org);
        if (json) printJson(entries);
        else if (entries.length === 0) say('Nothing is in quarantine.');
        else print(quarantineTable(entries, stdoutWidth()));
      });
    });
}

function retryCommand(): Command {
  return new Command('retry')
    .summary('sync the organizations that have such entries')
    .description(
      `Syncs the organizations that have entries in quarantine, waits for the end, and says what left quarantine and
what is still there. Needs TEMPORAL_*, MONGODB_URI and a running worker.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--json', 'print {left, remaining, failures} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing is left in quarantine, 1 failed, 2 used wrongly, 3 some entries are still there

Example:
  $ luma-sync quarantine retry --org rust-berlin`,
    )
    .action(async ({ org, json }: QuarantineOptions) => {
      await withClient(['temporal', 'mongo'], (lumaSync) =>
        retryQuarantined(lumaSync, { org, json: json === true }),
      );
    });
}

/** Quarantined entries as a table for people. */
function quarantineTable(entries: readonly QuarantinedSummary[], width?: number): string {
  const rows = entries.map(({ orgId, lumaEventId, problems, firstSeenAt, lastSeenAt }) => [
    orgId,
    lumaEventId ?? '–',
    problems.map(({ path, problem }) => `${path}: ${problem}`).join(', '),
    instant(firstSeenAt),
    instant(lastSeenAt),
  ]);
  const columns = [
    { title: 'ORGANIZATION' },
    { title: 'EVENT', shrinks: true as const },
    { title: 'PROBLEMS', shrinks: true as const },
    { title: 'SINCE' },
    { title: 'LAST SEEN' },
  ];
  return renderTable(columns, rows, { width });
}
