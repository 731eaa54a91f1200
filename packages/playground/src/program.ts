import { Command } from 'commander';
import { configured } from '../../../src/cli/configured.js';
import { demoCommand } from './demo.js';
import { devCommand } from './dev.js';

/** The repository's own commands: `npm run demo` and `npm run dev`. */
export function createProgram(): Command {
  const program = new Command('npm run')
    .description('luma-sync at work on servers that are started for it, for looking and for development.')
    .helpOption('-h, --help', 'show help');
  for (const command of [demoCommand(), devCommand()]) {
    program.addCommand(command.usage('-- [options]'));
  }
  return configured(program);
}
