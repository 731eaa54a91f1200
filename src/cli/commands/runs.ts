import { Command } from 'commander';
import type { LumaSync } from '../../client/connect.js';
import type { RunDay } from '../../client/runs-days.js';
import type { RunSummary } from '../../client/runs.js';
import { processEnvironment } from '../../config.js';
import { OrgNotFound } from '../../mongo/store-errors.js';
import { parseLimit } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { isUtf8 } from '../output/plot.js';
import { daysPlot, runTable, runText } from '../output/runs.js';
import { withClient } from '../with-client.js';

/** Organizations whose last 30 days are drawn. */
const DRAWN = 5;

/** `luma-sync runs list|show` */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('what each sync did: list, show')
    .description('What syncs did, waited for and changed. MongoDB keeps the reports for 90 days.')
    .addCommand(listCommand())
    .addCommand(showCommand());
}

interface ListOptions {
  org?: string;
  limit: number;
  json?: true;
}

function listCommand(): Command {
  return new Command('list')
    .summary('list syncs, the latest first')
    .description(
      `Lists syncs, the latest first, and draws the last 30 days of the first ${DRAWN} organizations among them: events
changed, requests, and the longest sync of each day. A blank is a day without a sync. Dry runs are listed, and not drawn.`,
    )
    .option('--org <id>', 'of one organization only')
    .option('--limit <n>', 'at most so many', parseLimit, 20)
    .option('--json', 'print {runs, lastDays} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync runs list --org rust-berlin
  $ luma-sync runs list --limit 100 --json | jq '.runs[] | select(.state == "failed") | .reason'`,
    )
    .action(async ({ org, limit, json }: ListOptions) => {
      await withClient(['mongo'], async (lumaSync) => {
        const runs = await lumaSync.runs.list({ orgId: org, limit });
        const lastDays = await daysOf(lumaSync, runs);
        if (json) printJson({ runs, lastDays });
        else if (runs.length === 0) say('No sync has begun in the last 90 days.');
        else print([runTable(runs, stdoutWidth()), ...lastDays.map(drawn)].join('\n\n'));
      });
    });
}

function showCommand(): Command {
  return new Command('show')
    .summary('show one sync, and the last 30 days of its organization')
    .description(
      'Shows what one sync did, waited for and changed, and draws the last 30 days of its organization.',
    )
    .argument('<id>', 'as `runs list` shows it, or more of it')
    .option('--json', 'print {run, lastDays} as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync runs show 3f2a9c01')
    .action(async (id: string, { json }: { json?: true }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const run = await lumaSync.runs.show(id);
        const [lastDays] = await daysOf(lumaSync, [run]);
        if (json) printJson({ run, lastDays: lastDays?.days });
        else {
          const days = lastDays === undefined ? [] : [drawn(lastDays)];
          print([runText(run, stdoutWidth()), ...days].join('\n\n'));
        }
      });
    });
}

interface LastDays {
  orgId: string;
  days: RunDay[];
}

async function daysOf(lumaSync: LumaSync, runs: readonly RunSummary[]): Promise<LastDays[]> {
  const orgIds = [...new Set(runs.flatMap(({ orgId }) => orgId ?? []))].slice(0, DRAWN);
  const found = await Promise.all(
    orgIds.map(async (orgId) => {
      try {
        return [{ orgId, days: await lumaSync.runs.days(orgId) }];
      } catch (error) {
        // Its syncs are still told of.
        if (error instanceof OrgNotFound) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

function drawn({ orgId, days }: LastDays): string {
  return daysPlot(orgId, days, { blocks: isUtf8(processEnvironment()) });
}
