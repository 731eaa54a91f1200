import { Command } from 'commander';
import { connectLumaSync } from '../../client/connect.js';
import { processEnvironment } from '../../config.js';
import { createLogger } from '../../logger.js';
import { OrgAlreadyExists } from '../../mongo/errors.js';
import { pino } from 'pino';
import { TASK_QUEUE } from '../../workflows/contract.js';
import { DEMO_CALENDARS, DEMO_ORGANIZATIONS } from '../embedded/demo-organizations.js';
import { startInProcessWorker } from '../embedded/in-process-worker.js';
import { untilInterrupted } from '../embedded/interrupt.js';
import { readExternal } from '../embedded/read-external.js';
import { startSurroundings, type Surroundings } from '../embedded/surroundings.js';
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
them up until Ctrl-C. Prints the settings that a second terminal needs.

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
        if (fake) await addOrganizations(around);
        const settings = settingsOf(around);
        if (json) printJson({ settings, temporalUi: around.uiUrl });
        else print(instructions(settings, around));
        // Until a signal.
        await new Promise(() => undefined);
      });
    });
}

async function addOrganizations(around: Surroundings): Promise<void> {
  const lumaSync = connectLumaSync(around);
  try {
    for (const organization of DEMO_ORGANIZATIONS) {
      await lumaSync.orgs.add(organization).catch((error: unknown) => {
        if (!(error instanceof OrgAlreadyExists)) throw error;
      });
    }
  } finally {
    await lumaSync.close();
  }
}

/** What another terminal needs, as environment variables. The key ring goes by its file, never by its text. */
function settingsOf({ temporal, mongo, lumaBaseUrl, keyringFile }: Surroundings): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    MONGODB_URI: mongo.uri,
    MONGODB_DB: mongo.db,
    LUMA_BASE_URL: lumaBaseUrl,
    ...(keyringFile === undefined ? {} : { LUMA_SYNC_KEYRING_FILE: keyringFile }),
  };
}

function instructions(settings: Record<string, string>, { uiUrl, fake }: Surroundings): string {
  const exports = Object.entries(settings).map(([name, value]) => `  export ${name}='${value}'`);
  return [
    '',
    ...(uiUrl === undefined ? [] : [`Temporal's UI: ${uiUrl}`]),
    ...(fake === undefined ? [] : [`Fake Luma:     ${fake.url}  (control: ${fake.url}/_fake/)`]),
    '',
    'In a second terminal:',
    '',
    ...exports,
    '',
    '  luma-sync orgs list            # three organizations of the fake Luma',
    '  luma-sync sync --watch         # sync them now',
    '  luma-sync events               # what an application finds',
    '  luma-sync schedule apply       # and every day at 07:00 UTC',
    '',
    'Ctrl-C ends everything.',
  ].join('\n');
}
