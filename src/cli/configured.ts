import type { Command } from 'commander';
import { toTerminal } from './output/styles.js';

/**
 * Gives a program, with all the commands added to it, the behaviour of every command line of this project: what goes
 * wrong is thrown, and nothing is written that a terminal would act on. @returns the program
 */
export function configured(program: Command): Command {
  program
    .helpCommand(false)
    .configureHelp({ commandDescription: (command) => paragraphs(command.description()) })
    .configureOutput({
      writeOut: (text) => process.stdout.write(toTerminal(text, process.stdout)),
      writeErr: (text) => process.stderr.write(toTerminal(text, process.stderr)),
    })
    .exitOverride();
  settle(program);
  return program;
}

/** Commander hands the behaviour of a program on only to commands it made itself. */
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

function path(command: Command): string {
  return command.parent === null ? command.name() : `${path(command.parent)} ${command.name()}`;
}

/** Lines joined within each paragraph: commander wraps text to the terminal and keeps the line ends it finds. */
function paragraphs(text: string): string {
  return text.replace(/([^\n])\n(?!\n)/g, '$1 ');
}
