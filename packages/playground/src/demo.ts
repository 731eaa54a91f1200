import { Command } from 'commander';
import { connectLumaSync, type FullSyncRun, type LumaSync } from '../../../src/client/connect.js';
import { SyncFailed } from '../../../src/client/errors.js';
import { processEnvironment } from '../../../src/config.js';
import { createLogger } from '../../../src/logger.js';
import { DEMO_CALENDARS, DEMO_ORGANIZATIONS, type DemoOrganization } from './demo-organizations.js';
import { startInProcessWorker } from './in-process-worker.js';
import { ignoredSettings } from './ignored-settings.js';
import { putOrganizations } from './put-organizations.js';
import { readExternal } from './read-external.js';
import { startSurroundings, type Surroundings } from './surroundings.js';
import { untilInterrupted } from './interrupt.js';
import { print, printJson, say, stdoutWidth } from '../../../src/cli/output/io.js';
import { fullSyncLines, orgSyncLines, progressView } from '../../../src/cli/output/progress.js';
import { duration, instant } from '../../../src/cli/output/text.js';
import { eventJson, eventTable } from '../../../src/cli/commands/events.js';
import { organizationTable } from '../../../src/cli/commands/orgs.js';

const EVENTS_SHOWN = 12;

/** `npm run demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .summary('see the whole thing at work, on servers of its own')
    .description(
      `Starts a Temporal server, a MongoDB, a fake Luma with three organizations, and a worker; creates the schedule,
triggers it, follows the sync and shows what an application then finds in MongoDB. One organization meets Luma's
rate limit, one has a key that Luma rejects. Leaves nothing running.

With LUMA_API_KEY set it syncs that real calendar instead. TEMPORAL_ADDRESS and MONGODB_URI each replace a server;
there everything the demo makes (task queue, schedule, syncs, database) has a name of its own, made up anew each time,
and is removed at the end. MONGODB_DB, the key ring and LUMA_SYNC_SCOPE of the environment are not read.`,
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run demo\n  $ LUMA_API_KEY=$(pass show luma/key) npm run demo',
    )
    .action(async ({ json }: { json?: true }) => {
      const env = processEnvironment();
      const fake = (env.LUMA_API_KEY ?? '').trim() === '';
      const external = readExternal(fake ? { ...env, LUMA_BASE_URL: '' } : env);
      const { lumaApiKey, temporal } = external;
      const begun = Date.now();
      await untilInterrupted(async (onEnd, signal) => {
        ignoredSettings(env, { fake, temporal: temporal !== undefined }).forEach(say);
        say('Starting the servers …');
        const around = await startSurroundings({
          command: 'demo',
          external,
          lumaBaseUrl: external.lumaBaseUrl,
          ...(fake ? { calendars: DEMO_CALENDARS } : {}),
          env,
          onProgress: (message) => say(`  ${message}`),
          onEnd,
        });
        const { names } = around;
        const worker = await startInProcessWorker(around, {
          logger: createLogger('silent'),
          taskQueue: names.taskQueue,
        });
        onEnd(() => worker.stop());
        const lumaSync = connectLumaSync(around, names);
        onEnd(() => lumaSync.close());
        // Before anything is made that it would have to find.
        onEnd(() => around.endSyncs());
        const organizations =
          lumaApiKey === undefined
            ? DEMO_ORGANIZATIONS
            : [{ id: 'my-calendar', name: 'My Luma calendar', apiKey: lumaApiKey }];
        await demo(lumaSync, around, organizations, {
          begun,
          json: json === true,
          signal: AbortSignal.any([signal, worker.died]),
        });
      });
    });
}

async function demo(
  lumaSync: LumaSync,
  around: Surroundings,
  organizations: readonly DemoOrganization[],
  { begun, json, signal }: { begun: number; json: boolean; signal: AbortSignal },
): Promise<void> {
  await putOrganizations(around, organizations);
  signal.throwIfAborted();
  const schedule = await lumaSync.schedule.apply();
  signal.throwIfAborted();
  say(`Schedule ${schedule.scheduleId} is there (${schedule.when}). Triggering it now …`);
  const ready = Date.now();
  const { workflowId, runId } = await lumaSync.schedule.trigger();
  signal.throwIfAborted();
  const run = lumaSync.fullSync(workflowId, runId);
  await watch(lumaSync, run, organizations, signal);
  const result = await run.result().catch((error: unknown) => {
    if (error instanceof SyncFailed) return error;
    throw error;
  });
  const synced = Date.now();

  const events = await lumaSync.events.list({ from: new Date(), limit: EVENTS_SHOWN });
  const states = await lumaSync.orgs.list();
  const { nextRuns } = await lumaSync.schedule.show();
  const tookMs = { startup: ready - begun, sync: synced - ready, total: Date.now() - begun };
  if (json) {
    printJson({ result, events: events.map(eventJson), organizations: states, nextRun: nextRuns[0], tookMs });
  } else {
    const width = stdoutWidth();
    print(
      `\nThe next ${events.length} events, as an application reads them from MongoDB (db.${around.mongo.db}.events):\n`,
    );
    print(eventTable(events, width));
    print('\nThe organizations:\n');
    print(organizationTable(states, width));
    print(`\nThe schedule's next run: ${instant(nextRuns[0])}`);
    print(
      `Done in ${duration(tookMs.total)}: ${duration(tookMs.startup)} to start everything, ${duration(tookMs.sync)} to sync.`,
    );
    if (around.fake !== undefined) print('(The rejected key is part of the show.) Now try: npm run dev');
  }
  if (result instanceof SyncFailed) throw result;
}

/** Shows the full sync and each organization's until the end. */
async function watch(
  lumaSync: LumaSync,
  run: FullSyncRun,
  organizations: readonly DemoOrganization[],
  signal: AbortSignal,
): Promise<void> {
  const view = progressView(process.stderr);
  const ended = { yes: false };
  const end = () => {
    ended.yes = true;
  };
  const watching = run.result().then(end, end);
  for (let last = false; ;) {
    signal.throwIfAborted();
    const full = await run.progress();
    const each = await Promise.all(
      organizations.map(async ({ id, name }) => {
        const progress = await lumaSync.orgSync(id).progress();
        return (
          progress === undefined ? ['waiting'] : orgSyncLines(progress, view.live ? new Date() : undefined)
        ).map((line) => `  ${name}: ${line}`);
      }),
    );
    // Before the organizations are read there is nothing to count.
    const hasBegun = full !== undefined && full.orgs.total > 0;
    view.show([...(hasBegun ? fullSyncLines(full).slice(0, 1) : []), ...each.flat()]);
    if (last) break;
    last = ended.yes;
    await Promise.race([watching, new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS))]);
  }
  view.end();
}

const LOOK_EVERY_MS = 300;
