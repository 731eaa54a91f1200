import { Command } from 'commander';
import { SyncFailed, TemporalUnavailable } from '../../client/errors.js';
import type { OrgDryRun } from '../../client/dry-runs.js';
import type { FullSyncRun, LumaSync, OrgSyncRun } from '../../client/connect.js';
import type { SyncWindow } from '../../workflows/contract.js';
import { EXIT, ExitWith, OutOfSight, UsageError } from '../exit.js';
import { leaveOnSignal } from '../leave-on-signal.js';
import { parseInstant, parseLimit } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { progressView } from '../output/progress.js';
import { dryRunText } from '../output/preview.js';
import { fullSyncReport, orgSyncReport } from '../output/report.js';
import { watchObstacles } from '../watch-obstacles.js';
import { watchSync } from '../watch-sync.js';
import { commandLine, option } from '../../shell.js';
import { withClient } from '../with-client.js';
import { syncCancelCommand } from './sync-cancel.js';

interface SyncOptions extends SyncWindow {
  org?: string;
  dryRun?: true;
  full?: true;
  watch?: true;
  giveUpAfter?: number;
  detach?: true;
  json?: true;
}

/** `luma-sync sync` */
export function syncCommand(): Command {
  return new Command('sync')
    .summary('sync all organizations, or one, now; cancel a sync')
    .addCommand(syncCancelCommand())
    .description(
      `Syncs every organization that has a Luma key or a feed, or one, and waits for the end. Ctrl-C leaves the sync running;
the same command with --watch joins it again. Needs TEMPORAL_* and a running worker.

With --watch it shows each organization: how far it is, what it waits for, and about when it ends. It joins a full sync
that runs, also a scheduled one, and otherwise starts one. On a terminal lines are rewritten in place; elsewhere every
news is a line on stderr. With --json too, stdout has a line of JSON for each change, and the result as the last one.

With --dry-run nothing is written: it asks Luma as a sync does and shows what would be inserted, changed field by
field, removed and held back, and what it could not know. Needs MONGODB_URI too, where the differences are kept.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--full', 'compare every event, also where Luma says nothing new: mends documents edited by hand')
    .option('--watch', 'show the progress while it runs; joins a full sync that runs')
    .option(
      '--give-up-after <seconds>',
      'how long to wait for a Temporal that does not answer any more (default: 90)',
      parseLimit,
    )
    .option('--detach', 'do not wait: print the ids of the sync and end')
    .option('--after <instant>', 'only events that start at or after this (ISO 8601)', parseInstant)
    .option('--before <instant>', 'only events that start before this (ISO 8601)', parseInstant)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 complete, 1 failed, 2 used wrongly, 3 some organizations failed or do not move, 4 Temporal stays away and
the sync goes on unseen, 130 left running by Ctrl-C

Examples:
  $ luma-sync sync --watch
  $ luma-sync sync --org rust-berlin --after 2026-11-01
  $ luma-sync sync --org rust-berlin --dry-run
  $ luma-sync sync --json | jq .events
  $ luma-sync sync --watch --json | jq -r 'select(.kind == "progress") | .endsAt'`,
    )
    .action(async (options: SyncOptions) => {
      const { after, before } = options;
      if (after !== undefined && before !== undefined && after >= before) {
        throw new UsageError('--after is not before --before – no event can start between them');
      }
      if (options.watch && options.detach) {
        throw new UsageError('--watch and --detach exclude each other – watch waits, detach does not');
      }
      if (options.dryRun && options.detach) {
        throw new UsageError(
          '--dry-run and --detach exclude each other – a dry run is for what it shows at its end',
        );
      }
      const needs = options.dryRun ? (['temporal', 'mongo'] as const) : (['temporal'] as const);
      const { giveUpAfter } = options;
      await withClient(
        needs,
        (lumaSync) => sync(lumaSync, options),
        giveUpAfter === undefined ? {} : { outageLimitMs: giveUpAfter * 1000 },
      );
    });
}

type Started = { run: FullSyncRun; orgId: undefined } | { run: OrgSyncRun; orgId: string };

async function sync(lumaSync: LumaSync, options: SyncOptions): Promise<void> {
  const started = await start(lumaSync, options);
  if (options.dryRun && started.run.alreadyRunning) {
    const { workflowId } = started.run;
    throw new Error(
      `a sync is running (${workflowId}), and a dry run cannot join it – run it again when that one has ended`,
    );
  }
  if (!options.detach) {
    await attend(lumaSync, started, options);
    return;
  }
  announce(started);
  const { workflowId, runId, alreadyRunning } = started.run;
  if (options.json) printJson({ workflowId, runId, alreadyRunning });
  else print(`${workflowId} ${runId}`);
}

function announce({ run: { workflowId, alreadyRunning } }: Started): void {
  if (alreadyRunning) say(`A sync is running already: joined it, as it was started (${workflowId}).`);
  else say(`Sync started (${workflowId}).`);
}

/** Waits for the end and reports it. */
async function attend(lumaSync: LumaSync, started: Started, options: SyncOptions): Promise<void> {
  const { run } = started;
  const over = new AbortController();
  const { signal } = over;
  // Before anything is said: whoever reads it may press Ctrl-C at once.
  const leave = leaveOnSignal(signal, farewell(started, options));
  announce(started);
  const stream = process.stderr;
  const view = progressView(stream);
  const json = options.json === true;
  const watching = options.watch ? watchSync(lumaSync, run, { view, stream, signal, json }) : undefined;
  // A live view tells what holds a sync up among the rest.
  const obstacles =
    options.watch && view.live && !json
      ? undefined
      : watchObstacles(() => [run], {
          signal,
          say: (text) => view.say(text),
          hasWorkers: () => lumaSync.hasWorkers(),
          withoutPauses: options.watch === true,
        });
  try {
    await Promise.race([Promise.all([run.result(), watching]), leave]);
    view.end();
    await report(lumaSync, started, options);
  } catch (error) {
    if (error instanceof SyncFailed && json) {
      const { workflowId, runId } = run;
      printResult({ status: 'failed', workflowId, runId, failure: error.failure }, options);
    }
    throw error instanceof TemporalUnavailable ? outOfSight(error, started, options) : error;
  } finally {
    over.abort();
    await Promise.allSettled([watching, obstacles]);
  }
}

function outOfSight(error: TemporalUnavailable, started: Started, options: SyncOptions): OutOfSight {
  const { address, reason, temporary } = error;
  const why = temporary ? `Temporal at ${address}: ${reason}` : error.message;
  return new OutOfSight(`${why}. ${farewell(started, options)}`);
}

function farewell({ orgId }: Started, { dryRun }: SyncOptions): string {
  if (dryRun) return 'The dry run goes on without this command, and changes nothing.';
  const org = orgId === undefined ? [] : option('--org', orgId);
  const again = commandLine('luma-sync', 'sync', ...org, '--watch');
  return `The sync goes on without this command. Look again with: ${again}`;
}

async function start(
  lumaSync: LumaSync,
  { org, dryRun, full, after, before, watch }: SyncOptions,
): Promise<Started> {
  const running = watch && org === undefined ? await lumaSync.runningFullSync() : undefined;
  if (running !== undefined) return { run: running, orgId: undefined };
  const window = after === undefined && before === undefined ? undefined : { after, before };
  // Only what was asked for is in the input that Temporal shows.
  const input = { window, dryRun: dryRun ? true : undefined, full: full ? true : undefined };
  return org === undefined
    ? { run: await lumaSync.runFullEventSync(input), orgId: undefined }
    : { run: await lumaSync.syncOrgEvents(org, input), orgId: org };
}

/** Among the lines of a watched sync, the result is told apart. */
function printResult(result: object, { watch }: SyncOptions): void {
  printJson(watch ? { kind: 'result', ...result } : result);
}

/** @throws ExitWith where organizations failed */
async function report(lumaSync: LumaSync, { run, orgId }: Started, options: SyncOptions): Promise<void> {
  const { json, dryRun } = options;
  if (orgId !== undefined) {
    const result = await run.result();
    const found = dryRun ? await lumaSync.dryRuns.ofOrganization(result.syncId) : undefined;
    if (json) printResult(found === undefined ? result : { ...result, preview: found.preview }, options);
    else print([orgSyncReport(result), ...(found === undefined ? [] : ['', dryRunText(found)])].join('\n'));
    return;
  }
  const result = await run.result();
  if (!dryRun) {
    if (json) printResult(result, options);
    else print(fullSyncReport(result, stdoutWidth()));
  } else if (json) {
    const organizations: OrgDryRun[] = [];
    for await (const found of lumaSync.dryRuns.ofFullSync(run.runId)) organizations.push(found);
    printResult({ ...result, organizations }, options);
  } else {
    for await (const found of lumaSync.dryRuns.ofFullSync(run.runId)) print(`${dryRunText(found)}\n`);
    print(fullSyncReport(result, stdoutWidth()));
  }
  if (result.status === 'partial') throw new ExitWith(EXIT.partly);
}
