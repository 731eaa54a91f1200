import { Command } from 'commander';
import { processEnvironment } from '../../config.js';
import { createLogger } from '../../logger.js';
import { pino } from 'pino';
import { TASK_QUEUE } from '../../workflows/contract.js';
import { DEMO_CALENDARS, DEMO_ORGANIZATIONS } from '../embedded/demo-organizations.js';
import { startInProcessWorker } from '../embedded/in-process-worker.js';
import { untilInterrupted } from '../embedded/interrupt.js';
import { putOrganizations } from '../embedded/put-organizations.js';
import { readExternal } from '../embedded/read-external.js';
import { startSurroundings, type Surroundings } from '../embedded/surroundings.js';
import { type TerminalSettings, terminalSettings } from '../embedded/terminal-settings.js';
import { print, printJson, say } from '../output/io.js';

interface DevOptions {
  dataDir?: string;
  /** `--no-worker` */
  worker: boolean;
  json?: true;
}

/** `luma-sync dev` */
export function devCommand(): Command {
  return new Command('dev')
    .summary('keep servers, a fake Luma and a worker up, to try things on')
    .description(
      `Starts a Temporal server with its UI, a MongoDB, a fake Luma with three organizations, and a worker, and keeps
them up until Ctrl-C. Prints the settings of these that a second terminal needs.

TEMPORAL_ADDRESS and MONGODB_URI each replace a server, LUMA_BASE_URL the fake Luma.`,
    )
    .option('--data-dir <folder>', 'keep data and key ring there (default: everything goes at the end)')
    .option('--no-worker', 'without a worker: run your own')
    .option('--json', 'print the settings as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ luma-sync dev\n  $ luma-sync dev --data-dir .luma-sync --no-worker',
    )
    .action(async ({ dataDir, worker, json }: DevOptions) => {
      const env = processEnvironment();
      const external = readExternal(env);
      await untilInterrupted(async (onEnd) => {
        say('Starting the servers …');
        const fake = (env.LUMA_BASE_URL ?? '') === '';
        const around = await startSurroundings({
          external,
          lumaBaseUrl: external.lumaBaseUrl,
          ...(fake ? { calendars: DEMO_CALENDARS } : {}),
          db: env.MONGODB_DB ?? 'luma_sync',
          ui: true,
          ...(dataDir === undefined ? {} : { dataDir }),
          env,
          onProgress: (message) => say(`  ${message}`),
        });
        onEnd(() => around.stop());
        if (worker) {
          const logger = createLogger(
            env.LOG_LEVEL === undefined ? 'warn' : external.logLevel,
            pino.destination(2),
          );
          onEnd(await startInProcessWorker(around, { logger, taskQueue: TASK_QUEUE }));
        }
        if (fake) await putOrganizations(around, DEMO_ORGANIZATIONS);
        const terminal = terminalSettings(around, external, env);
        if (json) printJson({ ...terminal, temporalUi: around.uiUrl });
        else print(instructions(terminal, around));
        // Until a signal.
        await new Promise(() => undefined);
      });
    });
}

function instructions(
  { settings, fromEnvironment }: TerminalSettings,
  { uiUrl, fake }: Surroundings,
): string {
  const exports = Object.entries(settings).map(([name, value]) => `  export ${name}='${value}'`);
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
    'Ctrl-C ends everything.',
  ].join('\n');
}
