import { Command } from 'commander';
import { SyncFailed } from '../../client/errors.js';
import type { FullSyncRun, LumaSync, OrgSyncRun } from '../../client/connect.js';
import { type SyncWindow, TASK_QUEUE } from '../../workflows/contract.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { parseInstant } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { fullSyncLines, orgSyncLines, type ProgressView, progressView } from '../output/progress.js';
import { fullSyncReport, orgSyncReport } from '../output/report.js';
import { watchForWorker } from '../watch-for-worker.js';
import { withClient } from '../with-client.js';

interface SyncOptions extends SyncWindow {
  org?: string;
  watch?: true;
  detach?: true;
  json?: true;
}

/** `luma-sync sync` */
export function syncCommand(): Command {
  return new Command('sync')
    .summary('sync all organizations, or one, now')
    .description(
      `Syncs every organization that has a Luma key, or one, and waits for the end. Ctrl-C leaves the sync running;
the same command with --watch joins it again. Needs TEMPORAL_* and a running worker.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--watch', 'show the progress while it runs')
    .option('--detach', 'do not wait: print the ids of the sync and end')
    .option('--after <instant>', 'only events that start at or after this (ISO 8601)', parseInstant)
    .option('--before <instant>', 'only events that start before this (ISO 8601)', parseInstant)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 complete, 1 failed, 2 used wrongly, 3 some organizations failed, 130 left running by Ctrl-C

Examples:
  $ luma-sync sync --watch
  $ luma-sync sync --org rust-berlin --after 2026-11-01
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
      await withClient(['temporal'], (lumaSync) => sync(lumaSync, options));
    });
}

type Started = { run: FullSyncRun; orgId: undefined } | { run: OrgSyncRun; orgId: string };

async function sync(lumaSync: LumaSync, options: SyncOptions): Promise<void> {
  const started = await start(lumaSync, options);
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
  const leave = leaveOnSignal(over.signal, started.orgId);
  announce(started);
  const view = progressView(process.stderr);
  const watching = options.watch ? watch(lumaSync, started, view, over.signal) : undefined;
  const hint = watchForWorker(() => lumaSync.hasWorkers(), {
    signal: over.signal,
    taskQueue: TASK_QUEUE,
    say,
  });
  try {
    await Promise.race([Promise.all([started.run.result(), watching]), leave]);
    view.end();
    await report(started, options);
  } catch (error) {
    if (error instanceof SyncFailed && options.json) {
      const { workflowId, runId } = started.run;
      printJson({ status: 'failed', workflowId, runId, failure: error.failure });
    }
    throw error;
  } finally {
    over.abort();
    await Promise.allSettled([watching, hint]);
  }
}

async function start(lumaSync: LumaSync, { org, after, before }: SyncOptions): Promise<Started> {
  const window = {
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  };
  const input = Object.keys(window).length === 0 ? {} : { window };
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
async function report({ run, orgId }: Started, { json }: SyncOptions): Promise<void> {
  if (orgId !== undefined) {
    const result = await run.result();
    if (json) printJson(result);
    else print(orgSyncReport(result));
    return;
  }
  const result = await run.result();
  if (json) printJson(result);
  else print(fullSyncReport(result, stdoutWidth()));
  if (result.status === 'partial') throw new ExitWith(EXIT.partly);
}

/** Rejects at Ctrl-C or SIGTERM, after saying that the sync goes on. A second one ends the program at once. */
function leaveOnSignal(over: AbortSignal, orgId: string | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (code: number) => () => {
      const again = `luma-sync sync${orgId === undefined ? '' : ` --org ${orgId}`} --watch`;
      say(`\nThe sync goes on without this command. Look again with: ${again}`);
      reject(new ExitWith(code));
    };
    const onInterrupt = leave(EXIT.interrupted);
    const onTerminate = leave(EXIT.terminated);
    process.once('SIGINT', onInterrupt).once('SIGTERM', onTerminate);
    over.addEventListener('abort', () => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    });
  });
}
