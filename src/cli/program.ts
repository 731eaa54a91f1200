import { Command } from 'commander';
import stringWidth from 'string-width';
import { SETTINGS } from '../config.js';
import { doctorCommand } from './commands/doctor.js';
import { estimateCommand } from './commands/estimate.js';
import { eventsCommand } from './commands/events.js';
import { keyringCommand } from './commands/keyring.js';
import { orgsCommand } from './commands/orgs.js';
import { quarantineCommand } from './commands/quarantine.js';
import { removalsCommand } from './commands/removals.js';
import { runsCommand } from './commands/runs.js';
import { scheduleCommand } from './commands/schedule.js';
import { serveCommand } from './commands/serve.js';
import { statusCommand } from './commands/status.js';
import { syncCommand } from './commands/sync.js';
import { webhooksCommand } from './commands/webhooks.js';
import { workerCommand } from './commands/worker.js';
import { packageVersion } from '../version.js';
import { configured } from './configured.js';

/** The whole command line. Commands throw what goes wrong; `run` says it and tells the exit code. */
export function createProgram(): Command {
  const program = new Command('luma-sync')
    .description("Keeps organizations' Luma calendars true in MongoDB, by durable Temporal workflows.")
    // Of `sync --org x cancel --org y` each command gets its own.
    .enablePositionalOptions()
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; `luma-sync <command> --help` tells more')
    .addHelpText('after', () => `${EXAMPLES}\n${settingsHelp()}\n${EXIT_CODES}`);
  for (const command of [
    workerCommand(),
    serveCommand(),
    keyringCommand(),
    orgsCommand(),
    syncCommand(),
    statusCommand(),
    runsCommand(),
    eventsCommand(),
    removalsCommand(),
    quarantineCommand(),
    scheduleCommand(),
    webhooksCommand(),
    doctorCommand(),
    estimateCommand(),
  ]) {
    program.addCommand(command);
  }
  return configured(program);
}

const EXAMPLES = `
Examples:
  $ luma-sync keyring new luma-sync.keyring    the keys that seal Luma keys, once
  $ luma-sync orgs add --name "Rust Berlin"    asks for the Luma key
  $ luma-sync sync --watch                     sync now and look on
  $ luma-sync sync --dry-run                   what a sync would change
  $ luma-sync status                           how everything stands
  $ luma-sync schedule apply                   sync every day at 07:00 UTC
  $ luma-sync events --limit 5 --json`;

const EXIT_CODES = `
Data goes to stdout, messages to stderr.
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 done in part, 129, 130 and 143 ended by SIGHUP, Ctrl-C and SIGTERM.`;

function settingsHelp(): string {
  const width = Math.max(...SETTINGS.map(({ name }) => stringWidth(name)));
  const lines = SETTINGS.map((setting) => {
    const byDefault =
      setting.default === undefined ? '' : `\n${' '.repeat(width + 4)}default: ${setting.default}`;
    return `  ${setting.name.padEnd(width)}  ${setting.meaning}${byDefault}`;
  });
  return `\nEnvironment:\n${lines.join('\n')}`;
}
