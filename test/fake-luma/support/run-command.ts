// The command alone, run as a process of its own: `node --import tsx run-command.ts [options]`.
import { fakeLumaCommand } from '../../../src/cli/commands/fake-luma.js';

await fakeLumaCommand().parseAsync();
