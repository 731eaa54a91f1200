import { Command } from 'commander';
import type { HeldRemoval } from '../../client/removals.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { parsePerson } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { count, instant, oneLine } from '../output/text.js';
import { commandLine, option } from '../../shell.js';
import { withClient } from '../with-client.js';
import { removalsHistoryCommand } from './removals-history.js';

/** `luma-sync removals list|approve|reject|history` */
export function removalsCommand(): Command {
  return new Command('removals')
    .summary('decide on removals that were held back')
    .description(
      `Removals that wait for a person. Where a calendar suddenly lacks many of its events, a sync removes none of
them: something else may be wrong. A person looks, and decides.`,
    )
    .addCommand(listCommand())
    .addCommand(decideCommand('approve'))
    .addCommand(decideCommand('reject'))
    .addCommand(removalsHistoryCommand());
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the events that would go')
    .description(
      `Lists the events that would go: Luma's word about each, since when they are held back, and what was decided by whom.
Luma's word: canceled, no-longer-managed (by this calendar), no-longer-listed, not-asked (so many others were gone).`,
    )
    .option('--org <id>', 'of one organization only')
    .option('--json', 'print a JSON array')
    .addHelpText(
      'after',
      '\nExample:\n  $ luma-sync removals list --json | jq -r \'.[] | select(.decision == "waiting") | .lumaEventId\'',
    )
    .action(async ({ org, json }: { org?: string; json?: true }) => {
      await withClient(['mongo'], async (lumaSync) => {
        const removals = await lumaSync.removals.list(org);
        if (json) printJson(removals);
        else if (removals.length === 0) say('No removals are held back.');
        else print(removalTable(removals, stdoutWidth()));
        const waiting = removals.filter(({ decision }) => decision === 'waiting');
        if (waiting.length === 0) return;
        const one = option('--org', org ?? waiting[0]?.orgId ?? '');
        const approve = commandLine('luma-sync', 'removals', 'approve', ...one, '--all');
        say(`${count(waiting.length, 'removal')} to decide on: ${approve}, or reject`);
      });
    });
}

const WHAT = {
  approve: {
    summary: 'let events go',
    description: `Approves removals: the events go with the organization's next sync, which asks Luma about each of them again
first. One that Luma still has stays.`,
    done: (orgId: string) =>
      `They go with the next sync, which asks Luma about each again first: ${commandLine('luma-sync', 'sync', ...option('--org', orgId))}`,
  },
  reject: {
    summary: 'keep events',
    description: `Rejects removals: the events stay, and are not asked about again, until a listing of the calendar shows
them again.`,
    done: () => 'They stay until a listing shows them again.',
  },
};

interface DecideOptions {
  org: string;
  all?: true;
  by?: string;
  json?: true;
}

function decideCommand(decision: 'approve' | 'reject'): Command {
  const { summary, description, done } = WHAT[decision];
  return new Command(decision)
    .summary(summary)
    .description(description)
    .argument('[event-ids...]', 'the events, as `removals list` shows them')
    .requiredOption('--org <id>', 'the organization')
    .option('--all', 'all that wait for a decision')
    .option('--by <name>', "who decides, kept with the decision (default: the system's user)", parsePerson)
    .option('--json', 'print {decided, waiting, lumaEventIds, alreadyGone} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync removals ${decision} --org rust-berlin evt-abc evt-def
  $ luma-sync removals ${decision} --org rust-berlin --all --by "Ann of the events team"`,
    )
    .action(async (ids: string[], { org, all, by, json }: DecideOptions) => {
      if ((ids.length === 0) === (all === undefined)) {
        throw new UsageError('name events, or give --all – see them with: luma-sync removals list');
      }
      await withClient(['mongo'], async (lumaSync) => {
        const outcome = await lumaSync.removals[decision](org, all ? 'all' : ids, { by });
        const { decided, waiting, lumaEventIds, alreadyGone } = outcome;
        if (json) printJson(outcome);
        else print(`${count(decided, 'removal')} ${decision === 'approve' ? 'approved' : 'rejected'}`);
        if (all && decided > 0) say(`Decided on: ${some(lumaEventIds)}`);
        if (decided > 0) say(done(org));
        if (alreadyGone.length > 0) {
          say(`Already removed by a sync, so nothing was decided about: ${some(alreadyGone)}`);
        }
        if (waiting > 0) say(`${count(waiting, 'removal')} of ${oneLine(org)} still to decide on.`);
        // What was to stay did not.
        if (decision === 'reject' && alreadyGone.length > 0) throw new ExitWith(EXIT.partly);
      });
    });
}

/** Ids, cut where they are more than a person reads. */
function some(ids: readonly string[]): string {
  const rest = ids.length - 20;
  const shown = oneLine(ids.slice(0, 20).join(', '));
  return rest > 0 ? `${shown} and ${rest.toLocaleString('en')} more (all with --json)` : shown;
}

/** Removals that are held back, as a table for people. */
function removalTable(removals: readonly HeldRemoval[], width?: number): string {
  const rows = removals.map(({ orgId, lumaEventId, startAt, title, reason, heldAt, ...rest }) => [
    orgId,
    lumaEventId,
    instant(startAt),
    title,
    reason,
    instant(heldAt),
    decisionText(rest),
  ]);
  const columns = [
    { title: 'ORGANIZATION' },
    { title: 'EVENT' },
    { title: 'START' },
    { title: 'TITLE', shrinks: true as const },
    { title: 'LUMA SAYS' },
    { title: 'HELD SINCE' },
    { title: 'DECISION', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

function decisionText({
  decision,
  decidedBy,
  decidedAt,
}: Pick<HeldRemoval, 'decision' | 'decidedBy' | 'decidedAt'>): string {
  if (decision === 'waiting') return decision;
  return `${decision}${decidedBy === undefined ? '' : ` by ${decidedBy}`}, ${instant(decidedAt)}`;
}
