import { Command } from 'commander';
import type { Decision } from '../../client/removals.js';
import { parseLimit } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { count, instant } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync removals history` */
export function removalsHistoryCommand(): Command {
  return new Command('history')
    .summary('list what was decided, by whom and when')
    .description(
      `Lists decisions, the latest first: removals approved and rejected, organizations rebound. They are kept for good,
also when the events are long gone.`,
    )
    .option('--org <id>', 'of one organization only')
    .option('--limit <n>', 'at most so many', parseLimit, 100)
    .option('--json', 'print a JSON array')
    .addHelpText(
      'after',
      '\nExample:\n  $ luma-sync removals history --json | jq -r \'.[] | select(.by == "ann") | .lumaEventIds[]?\'',
    )
    .action(async ({ org, limit, json }: { org?: string; limit: number; json?: true }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const decisions = await lumaSync.removals.history({
          limit,
          orgId: org,
        });
        if (json) printJson(decisions);
        else if (decisions.length === 0) say('Nothing was decided yet.');
        else print(decisionTable(decisions, stdoutWidth()));
      });
    });
}

/** Decisions as a table for people. */
function decisionTable(decisions: readonly Decision[], width?: number): string {
  const rows = decisions.map((decision) => [
    instant(decision.at),
    decision.orgId,
    decision.by,
    decision.kind,
    aboutWhat(decision),
  ]);
  const columns = [
    { title: 'WHEN' },
    { title: 'ORGANIZATION' },
    { title: 'BY', shrinks: true as const },
    { title: 'DECISION' },
    { title: 'ABOUT', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

function aboutWhat({ lumaEventIds, calendarId }: Decision): string {
  if (lumaEventIds !== undefined) return `${count(lumaEventIds.length, 'event')}: ${lumaEventIds.join(', ')}`;
  return calendarId ?? '–';
}
