import { Command } from 'commander';
import { SyncFailed } from '../../client/errors.js';
import type { OrgDryRun } from '../../client/dry-runs.js';
import type { FullSyncRun, LumaSync, OrgSyncRun } from '../../client/connect.js';
import type { SyncWindow } from '../../workflows/contract.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { leaveOnSignal } from '../leave-on-signal.js';
import { parseInstant } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { fullSyncLines, orgSyncLines, type ProgressView, progressView } from '../output/progress.js';
import { dryRunText } from '../output/preview.js';
import { fullSyncReport, orgSyncReport } from '../output/report.js';
import { watchObstacles } from '../watch-obstacles.js';
import { commandLine, option } from '../../shell.js';
import { withClient } from '../with-client.js';
import { syncCancelCommand } from './sync-cancel.js';

interface SyncOptions extends SyncWindow {
  org?: string;
  dryRun?: true;
  full?: true;
  watch?: true;
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

With --dry-run nothing is written: it asks Luma as a sync does and shows what would be inserted, changed field by
field, removed and held back, and what it could not know. Needs MONGODB_URI too, where the differences are kept.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--full', 'compare every event, also where Luma says nothing new: mends documents edited by hand')
    .option('--watch', 'show the progress while it runs')
    .option('--detach', 'do not wait: print the ids of the sync and end')
    .option('--after <instant>', 'only events that start at or after this (ISO 8601)', parseInstant)
    .option('--before <instant>', 'only events that start before this (ISO 8601)', parseInstant)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 complete, 1 failed, 2 used wrongly, 3 some organizations failed or do not move, 130 left running by Ctrl-C

Examples:
  $ luma-sync sync --watch
  $ luma-sync sync --org rust-berlin --after 2026-11-01
  $ luma-sync sync --org rust-berlin --dry-run
  $ luma-sync sync --json | jq .events`,
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
      await withClient(needs, (lumaSync) => sync(lumaSync, options));
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
  const over = new AbortController();
  // Before anything is said: whoever reads it may press Ctrl-C at once.
  const leave = leaveOnSignal(over.signal, farewell(started, options));
  announce(started);
  const view = progressView(process.stderr);
  const watching = options.watch ? watch(lumaSync, started, view, over.signal) : undefined;
  const obstacles = watchObstacles(() => [started.run], {
    signal: over.signal,
    say: (text) => view.say(text),
    hasWorkers: () => lumaSync.hasWorkers(),
    withoutPauses: options.watch === true,
  });
  try {
    await Promise.race([Promise.all([started.run.result(), watching]), leave]);
    view.end();
    await report(lumaSync, started, options);
  } catch (error) {
    if (error instanceof SyncFailed && options.json) {
      const { workflowId, runId } = started.run;
      printJson({ status: 'failed', workflowId, runId, failure: error.failure });
    }
    throw error;
  } finally {
    over.abort();
    await Promise.allSettled([watching, obstacles]);
  }
}

function farewell({ orgId }: Started, { dryRun }: SyncOptions): string {
  if (dryRun) return 'The dry run goes on without this command, and changes nothing.';
  const org = orgId === undefined ? [] : option('--org', orgId);
  const again = commandLine('luma-sync', 'sync', ...org, '--watch');
  return `The sync goes on without this command. Look again with: ${again}`;
}

async function start(
  lumaSync: LumaSync,
  { org, dryRun, full, after, before }: SyncOptions,
): Promise<Started> {
  const window = after === undefined && before === undefined ? undefined : { after, before };
  // Only what was asked for is in the input that Temporal shows.
  const input = { window, dryRun: dryRun ? true : undefined, full: full ? true : undefined };
  return org === undefined
    ? { run: await lumaSync.runFullEventSync(input), orgId: undefined }
    : { run: await lumaSync.syncOrgEvents(org, input), orgId: org };
}

async function watch(
  lumaSync: LumaSync,
  { run, orgId }: Started,
  { show, live }: ProgressView,
  signal: AbortSignal,
): Promise<void> {
  if (orgId === undefined) {
    await lumaSync.followProgress(run, (progress) => show(fullSyncLines(progress)), { signal });
  } else {
    await lumaSync.followProgress(
      run,
      (progress) => show(orgSyncLines(progress, live ? new Date() : undefined)),
      { signal },
    );
  }
}

/** @throws ExitWith where organizations failed */
async function report(
  lumaSync: LumaSync,
  { run, orgId }: Started,
  { json, dryRun }: SyncOptions,
): Promise<void> {
  if (orgId !== undefined) {
    const result = await run.result();
    const found = dryRun ? await lumaSync.dryRuns.ofOrganization(result.syncId) : undefined;
    if (json) printJson(found === undefined ? result : { ...result, preview: found.preview });
    else print([orgSyncReport(result), ...(found === undefined ? [] : ['', dryRunText(found)])].join('\n'));
    return;
  }
  const result = await run.result();
  if (!dryRun) {
    if (json) printJson(result);
    else print(fullSyncReport(result, stdoutWidth()));
  } else if (json) {
    const organizations: OrgDryRun[] = [];
    for await (const found of lumaSync.dryRuns.ofFullSync(run.runId)) organizations.push(found);
    printJson({ ...result, organizations });
  } else {
    for await (const found of lumaSync.dryRuns.ofFullSync(run.runId)) print(`${dryRunText(found)}\n`);
    print(fullSyncReport(result, stdoutWidth()));
  }
  if (result.status === 'partial') throw new ExitWith(EXIT.partly);
}
