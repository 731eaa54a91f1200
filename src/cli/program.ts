import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { SETTINGS } from '../config.js';
import { demoCommand } from './commands/demo.js';
import { devCommand } from './commands/dev.js';
import { eventsCommand } from './commands/events.js';
import { fakeLumaCommand } from './commands/fake-luma.js';
import { keyringCommand } from './commands/keyring.js';
import { orgsCommand } from './commands/orgs.js';
import { quarantineCommand } from './commands/quarantine.js';
import { removalsCommand } from './commands/removals.js';
import { scheduleCommand } from './commands/schedule.js';
import { syncCommand } from './commands/sync.js';
import { workerCommand } from './commands/worker.js';
import { toTerminal } from './output/styles.js';

/** The whole command line. Commands throw what goes wrong; `run` says it and tells the exit code. */
export function createProgram(): Command {
  const program = new Command('luma-sync')
    .description("Keeps organizations' Luma calendars true in MongoDB, by durable Temporal workflows.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; `luma-sync <command> --help` tells more')
    .helpCommand(false)
    .configureHelp({ commandDescription: (command) => paragraphs(command.description()) })
    .configureOutput({
      writeOut: (text) => process.stdout.write(toTerminal(text, process.stdout)),
      writeErr: (text) => process.stderr.write(toTerminal(text, process.stderr)),
    })
    .exitOverride()
    .addHelpText('after', () => `${EXAMPLES}\n${settingsHelp()}\n${EXIT_CODES}`);
  for (const command of [
    demoCommand(),
    devCommand(),
    workerCommand(),
    keyringCommand(),
    orgsCommand(),
    syncCommand(),
    eventsCommand(),
    removalsCommand(),
    quarantineCommand(),
    scheduleCommand(),
    fakeLumaCommand(),
  ]) {
    program.addCommand(command);
  }
  settle(program);
  return program;
}

/** Gives every command the behaviour of the program: commander hands it on only to commands it made itself. */
function settle(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).helpCommand(false);
    const more = command.commands.length > 0 ? `; \`${path(command)} <command> --help\` tells more` : '';
    command.helpOption('-h, --help', `show help${more}`);
    command.showHelpAfterError(`(${path(command)} --help tells more)`);
    settle(command);
  }
  parent.showHelpAfterError(`(${path(parent)} --help tells more)`);
}

/** Lines joined within each paragraph: commander wraps text to the terminal and keeps the line ends it finds. */
function paragraphs(text: string): string {
  return text.replace(/([^\n])\n(?!\n)/g, '$1 ');
}

function path(command: Command): string {
  return command.parent === null ? command.name() : `${path(command.parent)} ${command.name()}`;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const EXAMPLES = `
Examples:
  $ luma-sync demo                             the whole thing at work, on servers of its own
  $ luma-sync dev                              the same servers, kept up
  $ luma-sync keyring new luma-sync.keyring    the keys that seal Luma keys, once
  $ luma-sync orgs add --name "Rust Berlin"    asks for the Luma key
  $ luma-sync sync --watch                     sync now and look on
  $ luma-sync sync --dry-run                   what a sync would change
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
