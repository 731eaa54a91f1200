import { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { processEnvironment } from '../../../src/config.js';
import { createLogger } from '../../../src/logger.js';
import { pino } from 'pino';
import { DEMO_CALENDARS, DEMO_ORGANIZATIONS } from './demo-organizations.js';
import { startInProcessWorker } from './in-process-worker.js';
import { untilInterrupted } from './interrupt.js';
import { ignoredSettings } from './ignored-settings.js';
import { putOrganizations } from './put-organizations.js';
import { readExternal } from './read-external.js';
import { startSurroundings, type Surroundings } from './surroundings.js';
import { type TerminalSettings, terminalSettings } from './terminal-settings.js';
import { print, printJson, say } from '../../../src/cli/output/io.js';

interface DevOptions {
  dataDir?: string;
  /** `--no-worker` */
  worker: boolean;
  json?: true;
}

/** `npm run dev` */
export function devCommand(): Command {
  return new Command('dev')
    .summary('keep servers, a fake Luma and a worker up, to try things on')
    .description(
      `Starts a Temporal server with its UI, a MongoDB, a fake Luma with three organizations, and a worker, and keeps
them up until Ctrl-C. Prints the settings of these that a second terminal needs.

TEMPORAL_ADDRESS and MONGODB_URI each replace a server, LUMA_BASE_URL the fake Luma. On a server of yours everything
made here (task queue, schedule, syncs, database) has a name of its own, made up anew each time, and is removed at the
end; LUMA_SYNC_SCOPE says that name to a second terminal. MONGODB_DB and the key ring of the environment are not read.`,
    )
    .option(
      '--data-dir <folder>',
      'keep the data of servers started here, and the key ring, there (default: everything goes)',
    )
    .option('--no-worker', 'without a worker: run your own')
    .option('--json', 'print the settings as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run dev\n  $ npm run dev -- --data-dir .luma-sync --no-worker',
    )
    .action(async ({ dataDir, worker: withWorker, json }: DevOptions) => {
      const env = processEnvironment();
      const external = readExternal(env);
      await untilInterrupted(async (onEnd, signal) => {
        const fake = (env.LUMA_BASE_URL ?? '').trim() === '';
        ignoredSettings(env, { fake: false, temporal: external.temporal !== undefined }).forEach(say);
        say('Starting the servers …');
        const around = await startSurroundings({
          command: 'dev',
          external,
          lumaBaseUrl: external.lumaBaseUrl,
          ...(fake ? { calendars: DEMO_CALENDARS } : {}),
          ui: true,
          ...(dataDir === undefined ? {} : { dataDir }),
          env,
          onProgress: (message) => say(`  ${message}`),
          onEnd,
        });
        const halts = [signal];
        if (withWorker) {
          const logger = createLogger(
            env.LOG_LEVEL === undefined ? 'warn' : external.logLevel,
            pino.destination(2),
          );
          const worker = await startInProcessWorker(around, { logger, taskQueue: around.names.taskQueue });
          onEnd(() => worker.stop());
          halts.push(worker.died);
        }
        onEnd(() => around.endSyncs());
        if (fake) await putOrganizations(around, DEMO_ORGANIZATIONS);
        signal.throwIfAborted();
        const terminal = terminalSettings(around, external, env);
        if (json) printJson({ ...terminal, temporalUi: around.uiUrl });
        else print(instructions(terminal, around));
        await halted(AbortSignal.any(halts));
      });
    });
}

/** Keeps the process alive until the signal: beside servers of somebody else there may be nothing that does. */
async function halted(signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(24 * 3_600_000, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function instructions(
  { settings, fromEnvironment }: TerminalSettings,
  { uiUrl, fake, scope }: Surroundings,
): string {
  const exports = Object.entries(settings).map(
    ([name, value]) => `  export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
  );
  return [
    '',
    ...(uiUrl === undefined ? [] : [`Temporal's UI: ${uiUrl}`]),
    ...(fake === undefined ? [] : [`Fake Luma:     ${fake.url}  (control: ${fake.url}/_fake/)`]),
    '',
    'In a second terminal:',
    '',
    ...exports,
    ...(fromEnvironment.length === 0
      ? []
      : [`  # and, as in the environment of this terminal: ${fromEnvironment.join(', ')}`]),
    '',
    '  luma-sync orgs list            # three organizations of the fake Luma',
    '  luma-sync sync --watch         # sync them now',
    '  luma-sync events               # what an application finds',
    '  luma-sync schedule apply       # and every day at 07:00 UTC',
    '',
    scope === undefined
      ? 'Ctrl-C ends everything.'
      : `Ctrl-C ends everything, and removes what is called ${scope} from your servers. End a worker of your own first.`,
  ].join('\n');
}
